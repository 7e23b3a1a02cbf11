import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
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
  bench = await openBench('claude-code');
});
after(() => bench[Symbol.asyncDispose]());

function claudeOn(model: string): ClientWish {
  return {
    projectFiles: taskFiles,
    args: ({ project }) => [
      ...headless(model),
      mendPrompt([
        callsTool('Read', { file_path: `${project}/greet.mjs` }),
        callsTool('Edit', { file_path: `${project}/greet.mjs`, old_string: mistake, new_string: mended }),
        callsTool('Bash', { command: runCommand, description: 'Run the greeting' }),
      ]),
    ],
    env: () => ({
      ANTHROPIC_BASE_URL: bench.relay.url,
      ANTHROPIC_AUTH_TOKEN: bench.relay.key,
      // Calls in the background go to the same model instead of one that the relay may not serve.
      ANTHROPIC_DEFAULT_HAIKU_MODEL: model,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      // It refuses to skip permissions as root elsewhere.
      IS_SANDBOX: '1',
    }),
  };
}

const headless = (model: string): readonly string[] => [
  '--print',
  '--model',
  model,
  '--permission-mode',
  'bypassPermissions',
];

/** It speaks as the system between turns. */
const mayLose = ['system_turn_wrapped'];
const protocol = 'anthropic-messages';

for (const [model, mayLoseHere] of [
  ['claude-sonnet-5-5', []],
  ['gpt-5.5', mayLose],
  ['gemini-3.5-flash', mayLose],
] as const) {
  test(`Claude Code reads, edits, runs and finishes on ${model}, and goes on from there in a second session`, async (t) => {
    if (!bench.client.isReady) return t.skip(bench.client.reason);
    const wish = claudeOn(model);
    const run = await bench.run(wish);
    assertTaskDone(run);
    assertBooked(run, { protocol, model, mayLose: mayLoseHere });
    assert.deepEqual(run.strangers, []);
    const args = [...headless(model), '--continue', secondPrompt];
    const second = await bench.run({ ...wish, projectFiles: {}, args: () => args, place: run.place });
    assertGoesOn(second, { protocol, model, mayLose: mayLoseHere });
  });
}

test('Claude Code finds the models of the relay', async (t) => {
  if (!bench.client.isReady) return t.skip(bench.client.reason);
  const wish = claudeOn('gpt-5.5');
  const run = await bench.run({
    ...wish,
    env: (place) => ({ ...wish.env?.(place), CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY: '1' }),
  });
  assertTaskDone(run);
  const found = readFileSync(join(run.place.home, '.claude', 'cache', 'gateway-models.json'), 'utf8');
  assert.match(found, /claude-sonnet-5-5/, storyOf(run));
});
