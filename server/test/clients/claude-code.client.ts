import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openBench, type Bench } from './bench.ts';
import {
  assertBooked,
  assertTaskDone,
  callsTool,
  lastWords,
  mended,
  mistake,
  runCommand,
  scriptedPrompt,
  taskFiles,
} from './task.ts';

const losses: Readonly<Record<string, readonly string[]>> = {
  'gpt-5.5': ['context_management_dropped'],
  'gemini-3.5-flash': ['context_management_dropped', 'system_turn_wrapped'],
};

let bench: Bench;
before(async () => {
  bench = await openBench('claude-code');
});
after(() => bench[Symbol.asyncDispose]());

for (const model of ['claude-sonnet-5-5', 'gpt-5.5', 'gemini-3.5-flash']) {
  test(`Claude Code reads, edits, runs and finishes on ${model}`, async (t) => {
    if (!bench.client.isReady) return t.skip(bench.client.reason);
    const run = await bench.run({
      projectFiles: taskFiles,
      args: ({ project }) => [
        '--print',
        scriptedPrompt('Mend the greeting.', [
          callsTool('Read', { file_path: `${project}/greet.mjs` }),
          callsTool('Edit', { file_path: `${project}/greet.mjs`, old_string: mistake, new_string: mended }),
          callsTool('Bash', { command: runCommand, description: 'Run the greeting' }),
          `[[say:${lastWords}]]`,
        ]),
        '--model',
        model,
        '--permission-mode',
        'bypassPermissions',
      ],
      env: () => ({
        ANTHROPIC_BASE_URL: bench.relay.url,
        ANTHROPIC_AUTH_TOKEN: bench.relay.key,
        ANTHROPIC_DEFAULT_HAIKU_MODEL: model,
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        IS_SANDBOX: '1',
      }),
    });
    assertTaskDone(run);
    assertBooked(run, { protocol: 'anthropic-messages', model, mayLose: losses[model] ?? [] });
    assert.deepEqual(run.strangers, []);
  });
}
