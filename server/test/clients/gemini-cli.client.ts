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
  taskFiles,
} from './task.ts';

let bench: Bench;
before(async () => {
  bench = await openBench('gemini-cli');
});
after(() => bench[Symbol.asyncDispose]());

function geminiOn(model: string): ClientWish {
  return {
    projectFiles: taskFiles,
    args: ({ project }) => [
      ...headless(model),
      '--prompt',
      mendPrompt([
        callsTool('read_file', { file_path: `${project}/greet.mjs` }),
        callsTool('replace', {
          file_path: `${project}/greet.mjs`,
          instruction: 'Mend the greeting.',
          old_string: mistake,
          new_string: mended,
        }),
        callsTool('run_shell_command', { command: runCommand }),
      ]),
    ],
    homeFiles: () => ({
      '.gemini/settings.json': JSON.stringify({
        security: { auth: { selectedType: 'gemini-api-key' } },
        privacy: { usageStatisticsEnabled: false },
        general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
      }),
    }),
    env: () => ({ GOOGLE_GEMINI_BASE_URL: bench.relay.url, GEMINI_API_KEY: bench.relay.key }),
  };
}

const headless = (model: string): readonly string[] => [
  '--model',
  model,
  '--approval-mode',
  'yolo',
  '--skip-trust',
];

/** It asks for a sampling that other providers' reasoning models do not have. */
const mayLose = ['top_k_dropped', 'top_p_dropped', 'temperature_dropped'];

for (const model of ['gemini-3.8-flash', 'claude-sonnet-5-5', 'gpt-5.5']) {
  test(`Gemini CLI reads, edits, runs and finishes on ${model}, and goes on elsewhere than at Gemini`, async (t) => {
    if (!bench.client.isReady) return t.skip(bench.client.reason);
    const wish = geminiOn(model);
    const run = await bench.run(wish);
    assertTaskDone(run);
    assertBooked(run, { protocol: 'gemini', model, mayLose });
    assert.deepEqual(run.strangers, []);

    // A resumed session repeats every tool result (0.61.0): Gemini refuses that, other models are told it once.
    if (model.startsWith('gemini')) return;
    const args = [...headless(model), '--resume', 'latest', '--prompt', secondPrompt];
    const second = await bench.run({ ...wish, projectFiles: {}, args: () => args, place: run.place });
    assertGoesOn(second, { protocol: 'gemini', model, mayLose });
  });
}
