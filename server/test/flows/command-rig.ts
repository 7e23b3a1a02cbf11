import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from './relay-process.ts';

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A data folder of its own and the command line upon it. */
export interface CommandRig {
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string>>;
  run(...args: readonly string[]): Promise<CommandResult>;
  /** Runs with these variables besides. */
  runWith(env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<CommandResult>;
  /** Runs with text on standard input. */
  feed(input: string, ...args: readonly string[]): Promise<CommandResult>;
  /** Runs with `--json`, demands success and gives what was printed. */
  json(...args: readonly string[]): Promise<unknown>;
  [Symbol.dispose](): void;
}

export function openCommandRig(): CommandRig {
  const dataDir = mkdtempSync(join(tmpdir(), 'qingzhou-command-'));
  const env = { QINGZHOU_DATA_DIR: dataDir };
  const feed = (input: string, ...args: readonly string[]): Promise<CommandResult> =>
    runCommand(env, args, input);
  return {
    dataDir,
    env,
    feed,
    run: (...args) => feed('', ...args),
    runWith: (more, ...args) => runCommand({ ...env, ...more }, args),
    async json(...args) {
      const { code, stdout, stderr } = await feed('', ...args, '--json');
      assert.equal(code, 0, `${args.join(' ')}: ${stderr}${stdout}`);
      return JSON.parse(stdout) as unknown;
    },
    [Symbol.dispose]: () => rmSync(dataDir, { recursive: true, force: true }),
  };
}

/** Demands one line on standard error, with exit code 1 and nothing on standard output; no stack trace, no help page. */
export function assertOneSentence(result: CommandResult, expected: RegExp): void {
  assert.match(result.stderr, expected);
  assert.equal(result.stderr.trimEnd().split('\n').length, 1, result.stderr);
  assert.doesNotMatch(result.stderr, /^\s+at |Error:/m);
  assert.deepEqual([result.code, result.stdout], [1, '']);
}

/** The files under `folder` in which `needle` is found. */
export function filesWith(folder: string, needle: string): readonly string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => {
    const path = join(folder, name);
    return statSync(path).isFile() && readFileSync(path).includes(needle);
  });
}

/** Permission bits, e.g. `700`. */
export function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}
