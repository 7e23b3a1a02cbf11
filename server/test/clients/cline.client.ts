import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openBench, type Bench, type ClientWish } from './bench.ts';
import {
  assertBooked,
  assertTaskDone,
  callsTool,
  mended,
  mendPrompt,
  mistake,
  patch,
  runCommand,
  storyOf,
  taskFiles,
} from './task.ts';

let bench: Bench;
before(async () => {
  bench = await openBench('cline');
});
after(() => bench[Symbol.asyncDispose]());

/** Cline's providers by the protocol they speak; both take the address with `/v1`. */
const providers = { 'openai-chat': 'openai-compatible', 'anthropic-messages': 'anthropic' } as const;
type Protocol = keyof typeof providers;

function clineOn(protocol: Protocol, model: string): ClientWish {
  const provider = providers[protocol];
  return {
    projectFiles: taskFiles,
    args: ({ project }) => [
      '--auto-approve',
      'true',
      '--provider',
      provider,
      '--model',
      model,
      mendPrompt([
        callsTool('read_files', { files: [{ path: `${project}/greet.mjs` }] }),
        model.startsWith('gpt')
          ? callsTool('apply_patch', { input: patch })
          : callsTool('editor', { path: `${project}/greet.mjs`, old_text: mistake, new_text: mended }),
        callsTool('run_commands', { commands: [runCommand] }),
      ]),
    ],
    homeFiles: () => ({
      '.cline/data/settings/global-settings.json': JSON.stringify({
        telemetryOptOut: true,
        autoUpdateEnabled: false,
      }),
      '.cline/data/settings/providers.json': JSON.stringify({
        version: 1,
        lastUsedProvider: provider,
        modes: {},
        providers: {
          [provider]: {
            settings: { provider, apiKey: bench.relay.key, model, baseUrl: `${bench.relay.url}/v1` },
            updatedAt: '2026-01-01T00:00:00.000Z',
            tokenSource: 'manual',
          },
        },
      }),
    }),
    // Without the first it leaves a server behind.
    env: () => ({ CLINE_SESSION_BACKEND_MODE: 'local', CLINE_NO_AUTO_UPDATE: '1' }),
  };
}

for (const [protocol, model] of [
  ['openai-chat', 'claude-sonnet-5-5'],
  ['openai-chat', 'gpt-5.5'],
  ['openai-chat', 'gemini-3.5-flash'],
  ['anthropic-messages', 'claude-sonnet-5-5'],
  ['anthropic-messages', 'gpt-5.5'],
] as const) {
  test(`Cline reads, edits, runs and finishes on ${model} through ${protocol}`, async (t) => {
    if (!bench.client.isReady) return t.skip(bench.client.reason);
    const run = await bench.run(clineOn(protocol, model));
    assertTaskDone(run);
    assertBooked(run, { protocol, model });
    // Cline looks for its feature flags whatever its settings say; nothing else is asked beyond loopback.
    const others = run.strangers.filter((host) => host !== 'data.cline.bot:443');
    assert.deepEqual(others, [], storyOf(run));
  });
}
