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

function opencodeOn(protocol: Protocol, model: string): ClientWish {
  const { npm, version } = adapters[protocol];
  return {
    projectFiles: taskFiles,
    args: () => headless(model),
    // Typed in, because words given as arguments are quoted once more on their way.
    input: ({ project }) =>
      mendPrompt([
        callsTool('read', { filePath: `${project}/greet.mjs` }),
        callsTool('edit', { filePath: `${project}/greet.mjs`, oldString: mistake, newString: mended }),
        callsTool('bash', { command: runCommand, description: 'Runs the greeting' }),
      ]),
    homeFiles: () => ({
      '.config/opencode/opencode.json': JSON.stringify({
        autoupdate: false,
        share: 'disabled',
        provider: {
          qingzhou: {
            npm,
            name: 'Qingzhou',
            options: { baseURL: `${bench.relay.url}/${version}`, apiKey: bench.relay.key },
            models: Object.fromEntries(models.map((name) => [name, { name }])),
          },
        },
      }),
    }),
    env: () => ({ OPENCODE_DISABLE_MODELS_FETCH: '1', OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_LSP_DOWNLOAD: '1', npm_config_offline: 'true', npm_config_fetch_retries: '0' }),
  };
}

const headless = (model: string): readonly string[] => ['run', '--model', `qingzhou/${model}`, '--auto'];

for (const protocol of Object.keys(adapters) as Protocol[]) {
  for (const model of models) {
    test(`opencode reads, edits, runs and finishes on ${model} through ${protocol}, and goes on`, async (t) => {
      if (!bench.client.isReady) return t.skip(bench.client.reason);
      const wish = opencodeOn(protocol, model);
      const run = await bench.run(wish);
      assertTaskDone(run);
      assertBooked(run, { protocol, model });
      assert.deepEqual(run.strangers, [], storyOf(run));
      const args = [...headless(model), '--continue'];
      const second = await bench.run({ ...wish, projectFiles: {}, args: () => args, input: () => secondPrompt, place: run.place });
      assertGoesOn(second, { protocol, model });
    });
  }
}
