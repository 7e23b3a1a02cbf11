import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openBench, type Bench, type ClientWish } from './bench.ts';
import {
  assertBooked,
  assertGoesOn,
  assertTaskDone,
  callsTool,
  mended,
  mendPrompt,
  mistake,
  patch,
  runCommand,
  secondPrompt,
  storyOf,
  taskFiles,
} from './task.ts';

let bench: Bench;
before(async () => {
  bench = await openBench('opencode');
});
after(() => bench[Symbol.asyncDispose]());

/** The package that speaks each protocol; all of them take the address with its version. */
const adapters = {
  'openai-chat': { npm: '@ai-sdk/openai-compatible', version: 'v1' },
  'anthropic-messages': { npm: '@ai-sdk/anthropic', version: 'v1' },
  'openai-responses': { npm: '@ai-sdk/openai', version: 'v1' },
  gemini: { npm: '@ai-sdk/google', version: 'v1beta' },
} as const;
type Protocol = keyof typeof adapters;

const models = ['claude-sonnet-5-5', 'gpt-5.5', 'gemini-3.5-flash'] as const;

/** `smallModel` is what titles are written with; the model itself when absent. */
function opencodeOn(protocol: Protocol, model: string, smallModel = model): ClientWish {
  const { npm, version } = adapters[protocol];
  return {
    projectFiles: taskFiles,
    args: () => headless(model),
    // Typed in, because words given as arguments are quoted once more on their way.
    input: ({ project }) =>
      mendPrompt([
        callsTool('read', { filePath: `${project}/greet.mjs` }),
        model.startsWith('gpt')
          ? callsTool('apply_patch', { patchText: patch })
          : callsTool('edit', { filePath: `${project}/greet.mjs`, oldString: mistake, newString: mended }),
        callsTool('bash', { command: runCommand, description: 'Runs the greeting' }),
      ]),
    homeFiles: () => ({
      '.config/opencode/opencode.json': JSON.stringify({
        autoupdate: false,
        share: 'disabled',
        small_model: `qingzhou/${smallModel}`,
        provider: {
          qingzhou: {
            npm,
            name: 'Qingzhou',
            options: { baseURL: `${bench.relay.url}/${version}`, apiKey: bench.relay.key },
            models: Object.fromEntries([...models, smallModel].map((name) => [name, { name }])),
          },
        },
      }),
    }),
    env: () => ({
      OPENCODE_DISABLE_MODELS_FETCH: '1',
      OPENCODE_DISABLE_AUTOUPDATE: '1',
      OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
      npm_config_offline: 'true',
      npm_config_fetch_retries: '0',
    }),
  };
}

const headless = (model: string): readonly string[] => ['run', '--model', `qingzhou/${model}`, '--auto'];

/** Every protocol with a model that is not its own, and some that are. */
const cases: readonly (readonly [Protocol, (typeof models)[number], readonly string[]])[] = [
  ['openai-chat', 'claude-sonnet-5-5', []],
  ['openai-chat', 'gpt-5.5', []],
  ['openai-chat', 'gemini-3.5-flash', []],
  ['anthropic-messages', 'claude-sonnet-5-5', []],
  ['anthropic-messages', 'gpt-5.5', []],
  ['openai-responses', 'gemini-3.5-flash', []],
  ['gemini', 'claude-sonnet-5-5', []],
];
for (const [protocol, model, mayLose] of cases) {
  test(`opencode reads, edits, runs and finishes on ${model} through ${protocol}`, async (t) => {
    if (!bench.client.isReady) return t.skip(bench.client.reason);
    const run = await bench.run(opencodeOn(protocol, model));
    assertTaskDone(run);
    assertBooked(run, { protocol, model, mayLose });
    assert.deepEqual(run.strangers, [], storyOf(run));
  });
}

test('opencode goes on with what Claude has thought, on Gemini and back on Claude', async (t) => {
  if (!bench.client.isReady) return t.skip(bench.client.reason);
  const protocol = 'openai-chat';
  const wish = opencodeOn(protocol, 'claude-sonnet-5-5');
  const run = await bench.run(wish);
  assertTaskDone(run);
  for (const model of ['gemini-3.5-flash', 'claude-sonnet-5-5']) {
    const args = [...headless(model), '--continue'];
    const again = {
      ...wish,
      projectFiles: {},
      args: () => args,
      input: () => secondPrompt,
      place: run.place,
    };
    assertGoesOn(await bench.run(again), { protocol, model });
  }
});

test('opencode names its session although nobody serves the small model it picks', async (t) => {
  if (!bench.client.isReady) return t.skip(bench.client.reason);
  const protocol = 'openai-chat';
  const model = 'claude-sonnet-5-5';
  const run = await bench.run(opencodeOn(protocol, model, 'nobody-serves-this'));
  assertTaskDone(run);
  assertBooked(run, { protocol, model });
  const refused = bench.relay.observations.filter((seen) => seen.type === 'call-refused');
  const answers = new Set(refused.map(({ code, status }) => `${status} ${code}`));
  assert.deepEqual([...answers], ['404 model_not_found'], storyOf(run));
});
