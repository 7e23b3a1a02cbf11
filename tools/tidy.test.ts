import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import {
  frameworkInHttp,
  noBannedWords,
  noMachineTraces,
  noProviderComparisons,
  noWebStreamsOnDataPlane,
} from './tidy/ban-rules.ts';
import {
  dependencyRanks,
  environmentInConfig,
  protocolsApart,
  purity,
  simulatorApart,
  webLayering,
} from './tidy/dependency-rules.ts';
import { readTree } from './tidy/read-tree.ts';
import { fileNames, fileSizes, folderHeaders, noDefaultExports } from './tidy/shape-rules.ts';
import type { Rule } from './tidy/source-tree.ts';

const root = resolve(import.meta.dirname, '..');

/** Path and text that a rule must object to, or must let pass. */
type Plant = readonly [path: string, text: string];

interface RuleCase {
  readonly title: string;
  readonly rule: Rule;
  readonly caught: readonly Plant[];
  readonly allowed: readonly Plant[];
}

const word = (...parts: readonly string[]): string => parts.join('');

const dependencyCases: readonly RuleCase[] = [
  {
    title: 'dependencies point down',
    rule: dependencyRanks,
    caught: [
      ['server/src/domain/money.ts', "import { a } from '../ledger/wallet.ts';"],
      ['server/src/platform/sse.ts', "export * from '../protocols/wire-protocol.ts';"],
      ['server/src/routing/plan.ts', "import type { Key } from '../access/principal.ts';"],
      ['server/src/relay/attempt.ts', "import { x } from '../control/list-calls.ts';"],
      ['server/src/store/rows.ts', "import { x } from '../http/server.ts';"],
      ['server/src/http/server.ts', "const x = await import('../store/rows.ts');"],
      ['server/src/ledger/hold.ts', "import { Config } from '../config/load-config.ts';"],
      ['server/src/domain/money.ts', "import { x } from '../platform/clock.ts';"],
      ['server/src/domain/money.ts', "import { x } from '@qingzhou/contract';"],
      ['server/src/elsewhere/a.ts', "import { x } from '../domain/money.ts';"],
      ['contract/src/usage.ts', "import { x } from '../../server/src/domain/money.ts';"],
    ],
    allowed: [
      ['server/src/relay/attempt.ts', "import { x } from '../ledger/hold.ts';"],
      ['server/src/app.ts', "import { x } from './store/rows.ts';"],
      ['server/src/ledger/hold.ts', "// import { x } from '../http/server.ts'"],
      ['server/src/ledger/hold.test.ts', "import { x } from '../store/rows.ts';"],
      ['server/src/http/usage.ts', "import { usageResponse } from '@qingzhou/contract';"],
    ],
  },
  {
    title: 'a protocol does not know another protocol',
    rule: protocolsApart,
    caught: [['server/src/protocols/gemini/inspect.ts', "import { x } from '../openai-chat/wire.ts';"]],
    allowed: [['server/src/protocols/gemini/inspect.ts', "import { x } from '../canonical/events.ts';"]],
  },
  {
    title: 'domain and protocols are pure',
    rule: purity,
    caught: [
      ['server/src/protocols/gemini/a.ts', "import { createHash } from 'node:crypto';"],
      ['server/src/domain/a.ts', 'const at = Date.now();'],
      ['server/src/domain/a.ts', 'const id = Math.random();'],
      ['server/src/protocols/a.ts', 'const seed = process.pid;'],
      ['server/src/protocols/a.ts', 'setTimeout(() => {}, 1);'],
    ],
    allowed: [
      ['server/src/domain/a.ts', '// Date.now is not used here'],
      ['server/src/domain/a.test.ts', "import { test } from 'node:test';"],
      ['server/src/platform/a.ts', "import { createHash } from 'node:crypto'; Date.now();"],
    ],
  },
  {
    title: 'the environment is read in config only',
    rule: environmentInConfig,
    caught: [
      ['server/src/relay/a.ts', "const debug = process.env['DEBUG'];"],
      ['server/src/cli/a.ts', 'const { env } = process;'],
    ],
    allowed: [['server/src/config/a.ts', "const port = process.env['QINGZHOU_PORT'];"]],
  },
  {
    title: 'the simulator shares no code with the server',
    rule: simulatorApart,
    caught: [
      ['simulator/src/a.ts', "import { x } from '../../server/src/domain/money.ts';"],
      ['simulator/src/a.ts', "import { x } from '@qingzhou/contract';"],
    ],
    allowed: [['simulator/src/a.ts', "import { x } from './engine/exchange.ts';"]],
  },
  {
    title: 'the layers of the web app point down',
    rule: webLayering,
    caught: [
      ['web/src/lib/a.ts', "import { x } from '../features/keys/b.ts';"],
      ['web/src/features/keys/a.ts', "import { x } from '../usage/b.ts';"],
      ['web/src/features/keys/a.ts', "import { x } from '../../app/main.ts';"],
      ['web/src/app/a.ts', "import { x } from '../../../server/src/domain/money.ts';"],
    ],
    allowed: [
      ['web/src/features/keys/a.ts', "import { x } from '../../lib/b.ts'; import { y } from './c.ts';"],
    ],
  },
];

const banCases: readonly RuleCase[] = [
  {
    title: 'no provider or protocol is compared by name outside protocols and upstreams',
    rule: noProviderComparisons,
    caught: [
      ['server/src/relay/a.ts', "if (candidate.protocol === 'openai-chat') {}"],
      ['server/src/relay/a.ts', "if ('anthropic' != kind) {}"],
      ['server/src/http/a.ts', "switch (id) { case 'gemini': break; }"],
      ['server/src/routing/a.ts', "if (account.kind.startsWith('openai')) {}"],
      ['server/src/ledger/a.ts', "if (['anthropic', 'openai'].includes(provider)) {}"],
    ],
    allowed: [
      ['server/src/upstreams/a.ts', "if (preset === 'deepseek') {}"],
      ['server/src/config/a.ts', "const accounts = [{ kind: 'anthropic' }];"],
      ['server/src/relay/a.ts', "// unlike kind === 'gemini'"],
    ],
  },
  {
    title: 'the web framework stays in http',
    rule: frameworkInHttp,
    caught: [['server/src/control/a.ts', "import type { Context } from 'hono';"]],
    allowed: [['server/src/http/a.ts', "import { Hono } from 'hono';"]],
  },
  {
    title: 'no fetch, Request, Response or web stream on the data plane',
    rule: noWebStreamsOnDataPlane,
    caught: [
      ['server/src/relay/a.ts', 'const answer = await fetch(url);'],
      ['server/src/platform/a.ts', 'return new Response(body);'],
      ['server/src/http/data-server.ts', 'function handle(request: Request) {}'],
      ['server/src/relay/a.ts', "import { ReadableStream } from 'node:stream/web';"],
      ['server/src/http/data-routes.ts', "import { Hono } from 'hono';"],
    ],
    allowed: [
      ['server/src/http/control-routes.ts', 'return new Response(body);'],
      ['server/src/relay/a.ts', 'function prepare(request: RelayRequest) { return this.prefetch(request); }'],
    ],
  },
  {
    title: 'unfinished work and escapes are not left in code',
    rule: noBannedWords,
    caught: [
      ['server/src/a.ts', word('// TO', 'DO later')],
      ['tools/a.ts', word('// FIX', 'ME')],
      ['bench/a.ts', word('const x = y as a', 'ny;')],
      ['web/src/a.ts', word('// @ts-ig', 'nore')],
      ['server/src/a.test.ts', word('test.on', "ly('x', () => {});")],
    ],
    allowed: [['server/src/a.ts', 'const company = x as unknown;']],
  },
  {
    title: 'no file carries traces of the machine it was written on',
    rule: noMachineTraces,
    caught: [
      ['docs/a.md', word('see /wo', 'rk/main/README.md')],
      ['docs/a.md', word('see /ho', 'me/somebody/README.md')],
      ['.npmrc', word('key=https://regis', 'try.example.com/')],
      ['package-lock.json', word('"resol', 'ved": "https://mirror.example/a.tgz"')],
    ],
    allowed: [['docs/a.md', 'https://nodejs.org and /var/lib/qingzhou and a/work/of/art']],
  },
];

const longText = 'const x = 1;\n'.repeat(301);
const header = '/**\n * What it is.\n * Where to begin.\n */\n';

const shapeCases: readonly RuleCase[] = [
  {
    title: 'file names are kebab-case and say what is inside',
    rule: fileNames,
    caught: [
      ['server/src/relay/relayCall.ts', ''],
      ['server/src/relay/string-utils.ts', ''],
      ['server/src/relay/key-manager.ts', ''],
    ],
    allowed: [
      ['server/src/relay/relay-call.test.ts', ''],
      ['web/vite.config.ts', ''],
    ],
  },
  {
    title: 'files have at most 300 lines, or a reason',
    rule: fileSizes,
    caught: [['server/src/relay/a.ts', longText]],
    allowed: [['server/src/relay/a.ts', longText.slice(13)]],
  },
  {
    title: 'there are no default exports',
    rule: noDefaultExports,
    caught: [
      ['server/src/a.ts', 'export default function start() {}'],
      ['server/src/a.ts', 'export { start as default };'],
    ],
    allowed: [['web/vite.config.ts', 'export default {};']],
  },
  {
    title: 'every folder opens with a header',
    rule: folderHeaders,
    caught: [
      ['server/src/relay/a.ts', '/** One line. */\nexport const a = 1;'],
      ['server/src/relay/a.ts', `/**\n${' * more\n'.repeat(20)} */\n`],
    ],
    allowed: [['server/src/relay/a.ts', `${header}export const a = 1;`]],
  },
];

function plantedTree([path, text]: Plant): ReadonlyMap<string, string> {
  return new Map([[path, text]]);
}

const tree = readTree(root);

for (const { title, rule, caught, allowed } of [...dependencyCases, ...banCases, ...shapeCases]) {
  test(`${title}: planted violations are caught`, () => {
    for (const plant of caught) {
      const violations = rule(plantedTree(plant)).filter((violation) =>
        violation.startsWith(folderOrPath(plant)),
      );
      assert.notEqual(violations.length, 0, `not caught in ${plant[0]}: ${plant[1].slice(0, 80)}`);
    }
  });

  test(`${title}: what is allowed passes`, () => {
    for (const plant of allowed) {
      const violations = rule(plantedTree(plant)).filter((violation) => violation.startsWith(plant[0]));
      assert.deepEqual(violations, [], plant[0]);
    }
  });

  test(`${title}: the repository keeps to it`, () => {
    assert.deepEqual(rule(tree), []);
  });
}

function folderOrPath([path]: Plant): string {
  return path.split('/').slice(0, -1).join('/');
}
