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
  bench = await openBench('continue');
});
after(() => bench[Symbol.asyncDispose]());

/** Provider and settings with which Continue speaks each protocol. */
const providers = {
  'openai-chat': { provider: 'openai', extra: '    useResponsesApi: false\n' },
  'openai-responses': { provider: 'openai', extra: '' },
  'anthropic-messages': { provider: 'anthropic', extra: '' },
} as const;
type Protocol = keyof typeof providers;

function continueOn(protocol: Protocol, model: string): ClientWish {
  const { provider, extra } = providers[protocol];
  return {
    projectFiles: taskFiles,
    args: ({ home, project }) => [
      ...headless(home),
      mendPrompt([
        callsTool('Read', { filepath: `${project}/greet.mjs` }),
        callsTool('MultiEdit', {
          file_path: `${project}/greet.mjs`,
          edits: [{ old_string: mistake, new_string: mended }],
        }),
        callsTool('Bash', { command: runCommand }),
      ]),
    ],
    homeFiles: () => ({
      'config.yaml': `name: Qingzhou
version: 1.0.0
schema: v1
models:
  - name: Qingzhou
    provider: ${provider}
    model: ${model}
    apiBase: ${bench.relay.url}/v1
    apiKey: ${bench.relay.key}
${extra}    capabilities: [tool_use]
    roles: [chat, edit]
`,
    }),
    env: () => ({
      CONTINUE_CLI_DISABLE_TELEMETRY: '1',
      CONTINUE_TELEMETRY_ENABLED: '0',
      CONTINUE_CLI_AUTO_UPDATED: '1',
    }),
  };
}

const headless = (home: string): readonly string[] => [
  '--print',
  '--auto',
  '--config',
  `${home}/config.yaml`,
];

for (const [protocol, model] of [
  ['openai-chat', 'claude-sonnet-5-5'],
  ['openai-chat', 'gpt-4.1'],
  ['openai-chat', 'gemini-3.5-flash'],
  ['openai-responses', 'gpt-5.5'],
  ['anthropic-messages', 'gpt-5.5'],
] as const) {
  test(`Continue reads, edits, runs and finishes on ${model} through ${protocol}, and goes on`, async (t) => {
    if (!bench.client.isReady) return t.skip(bench.client.reason);
    const wish = continueOn(protocol, model);
    const run = await bench.run(wish);
    assertTaskDone(run);
    assertBooked(run, { protocol, model });
    assert.deepEqual(run.strangers, [], storyOf(run));
    const args = [...headless(run.place.home), '--resume', secondPrompt];
    const second = await bench.run({ ...wish, projectFiles: {}, args: () => args, place: run.place });
    assertGoesOn(second, { protocol, model });
  });
}
