import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';

// A tool that does not understand this version of TypeScript says "nothing found" and exits with 0. So each rule we
// rely on is shown a violation here, through the real tool with the real configuration.

const root = resolve(import.meta.dirname, '..');
const configuration = [
  '.oxlintrc.json',
  '.oxfmtrc.json',
  'tsconfig.json',
  'knip.json',
  'package.json',
  'web/tsconfig.json',
];

interface Report {
  readonly code: number | null;
  readonly output: string;
}

/** A folder configured like the repository, with the given files and no others. */
function plant(context: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'qingzhou-proof-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of configuration) cpSync(join(root, name), join(folder, name));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

function run(folder: string, tool: string, args: readonly string[]): Report {
  const result = spawnSync(process.execPath, [join(root, 'node_modules', tool), ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'] },
    timeout: 120_000,
  });
  return { code: result.status, output: result.stdout.toString() + result.stderr.toString() };
}

const oxlint = (folder: string): Report => run(folder, 'oxlint/bin/oxlint', ['--type-aware', '--quiet']);
const oxfmt = (folder: string): Report => run(folder, 'oxfmt/bin/oxfmt', ['--check']);
const tsc = (folder: string): Report => run(folder, 'typescript/bin/tsc', ['-p', '.']);
const knip = (folder: string): Report => run(folder, 'knip/bin/knip.js', ['--no-progress']);

const clean = 'export function double(value: number): number {\n  return value * 2;\n}\n';
const place = 'server/src/domain/planted.ts';

const lintViolations: Readonly<Record<string, string>> = {
  'no-floating-promises': `async function load(): Promise<void> {}\nexport function start(): void {\n  load();\n}\n`,
  'no-misused-promises': `async function isReady(): Promise<boolean> {\n  return await Promise.resolve(true);\n}\nexport function start(): number {\n  if (isReady()) return 1;\n  return 2;\n}\n`,
  'await-thenable': `export async function start(): Promise<number> {\n  return await 1;\n}\n`,
  'no-unsafe-assignment': `export function read(text: string): string {\n  const value: string = JSON.parse(text);\n  return value;\n}\n`,
  'no-unsafe-member-access': `export function read(text: string): unknown {\n  return [JSON.parse(text).name as unknown];\n}\n`,
  'no-unsafe-call': `export function read(text: string): void {\n  JSON.parse(text)();\n}\n`,
  'no-unsafe-return': `export function read(text: string): string {\n  return JSON.parse(text);\n}\n`,
  'no-unsafe-argument': `export function read(text: string): number {\n  return Number.parseInt(JSON.parse(text), 10);\n}\n`,
  'switch-exhaustiveness-check': `export function size(kind: 'small' | 'large'): number {\n  switch (kind) {\n    case 'small':\n      return 1;\n  }\n  return 2;\n}\n`,
  'no-default-export': `export default function start(): number {\n  return 1;\n}\n`,
  'no-explicit-any': `export function read(value: any): number {\n  return value === 1 ? 1 : 2;\n}\n`,
  'consistent-type-imports': `import { Readable } from 'node:stream';\nexport function read(stream: Readable): boolean {\n  return stream.readable;\n}\n`,
  'max-lines-per-function': `export function long(): number {\n  let sum = 0;\n${'  sum += 1;\n'.repeat(71)}  return sum;\n}\n`,
  'max-params': `export function many(a: number, b: number, c: number, d: number, e: number): number {\n  return a + b + c + d + e;\n}\n`,
  'max-depth': `export function deep(n: number): number {\n  if (n > 1) {\n    if (n > 2) {\n      if (n > 3) {\n        if (n > 4) {\n          if (n > 5) return 5;\n        }\n      }\n    }\n  }\n  return n;\n}\n`,
  'no-console': `export function say(): void {\n  console.log('here');\n}\n`,
};

test('lint lets clean code pass', (context) => {
  const report = oxlint(plant(context, { [place]: clean }));
  assert.equal(report.code, 0, report.output);
});

for (const [rule, text] of Object.entries(lintViolations)) {
  test(`lint catches ${rule}`, (context) => {
    const report = oxlint(plant(context, { [place]: text }));
    assert.notEqual(report.code, 0);
    assert.ok(report.output.includes(`(${rule})`), report.output);
  });
}

test('lint catches an import cycle', (context) => {
  const report = oxlint(
    plant(context, {
      'server/src/domain/one.ts':
        "import { two } from './two.ts';\nexport const one = (): number => two();\n",
      'server/src/domain/two.ts':
        "import { one } from './one.ts';\nexport const two = (): number => one();\n",
    }),
  );
  assert.notEqual(report.code, 0);
  assert.ok(report.output.includes('(no-cycle)'), report.output);
});

test('a promise nobody has to await is that of node:test alone', (context) => {
  const text = "import { test } from 'node:test';\ntest('adds', () => {});\n";
  const report = oxlint(plant(context, { 'server/src/domain/planted.test.ts': text }));
  assert.equal(report.code, 0, report.output);
});

test('format lets clean code pass and catches what is not', (context) => {
  const good = oxfmt(plant(context, { [place]: clean }));
  assert.equal(good.code, 0, good.output);
  const bad = oxfmt(plant(context, { [place]: clean.replace('value * 2', 'value*2') }));
  assert.notEqual(bad.code, 0);
  assert.match(bad.output, /planted\.ts/);
});

const typeViolations: Readonly<Record<string, string>> = {
  TS2322: "export const count: number = 'one';\n",
  TS18048:
    'export const first = (list: readonly string[]): number => { const one = list[0]; return one.length; };\n',
  TS2375:
    'interface Options { readonly name?: string }\nexport const options: Options = { name: undefined };\n',
  TS4111: 'export const read = (map: Record<string, string>): string | undefined => map.name;\n',
  TS1294: 'export enum Colour { Red }\n',
  TS6133: 'export function read(): number { const unused = 1; return 2; }\n',
};

test('types let clean code pass', (context) => {
  const report = tsc(plant(context, { [place]: clean }));
  assert.equal(report.code, 0, report.output);
});

for (const [code, text] of Object.entries(typeViolations)) {
  test(`types catch ${code}`, (context) => {
    const report = tsc(plant(context, { [place]: text }));
    assert.notEqual(report.code, 0);
    assert.ok(report.output.includes(code), report.output);
  });
}

/** Stands for the server: its entry, and a module of which it uses one export. */
const smallServer = {
  'server/package.json': '{ "name": "@qingzhou/server", "type": "module", "version": "0.0.0" }',
  'server/src/main.ts': "import { used } from './part.ts';\nused();\n",
  'server/src/part.ts': 'export function used(): void {}\n',
};

test('dead code: an unused export, an unused file and an unlisted package are caught', (context) => {
  const report = knip(
    plant(context, {
      ...smallServer,
      'server/src/part.ts':
        "import 'left-pad';\nexport function used(): void {}\nexport function plantedExport(): void {}\n",
      'server/src/planted-file.ts': 'export const alone = 1;\n',
    }),
  );
  assert.notEqual(report.code, 0);
  for (const found of ['plantedExport', 'planted-file.ts', 'left-pad']) {
    assert.ok(report.output.includes(found), `${found} is not in:\n${report.output}`);
  }
});

test('dead code: what is used is not reported', (context) => {
  const { output } = knip(plant(context, smallServer));
  assert.doesNotMatch(output, /part\.ts/);
});
