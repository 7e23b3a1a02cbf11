import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openBench, type Bench, type ClientWish } from './bench.ts';
import { assertBooked, assertTaskDone, lastWords, runCommand, storyOf, taskFiles } from './task.ts';

let bench: Bench;
before(async () => {
  bench = await openBench('aider');
});
after(() => bench[Symbol.asyncDispose]());

/** Aider has no tools: the model edits by a block in its text, and Aider itself runs the command. */
const edit = `${lastWords}\n\ngreet.mjs\n\`\`\`js\n<<<<<<< SEARCH\nconsole.log('Helo, harbour!');\n=======\nconsole.log('Hello, harbour!');\n>>>>>>> REPLACE\n\`\`\`\n`;

/** Prefix of the model's name, and the settings with which Aider speaks each protocol. */
const protocols = {
  'openai-chat': {
    prefix: 'openai',
    env: (url: string, key: string) => ({ OPENAI_API_BASE: `${url}/v1`, OPENAI_API_KEY: key }),
  },
  'anthropic-messages': {
    prefix: 'anthropic',
    env: (url: string, key: string) => ({ ANTHROPIC_API_BASE: url, ANTHROPIC_API_KEY: key }),
  },
  gemini: {
    prefix: 'gemini',
    env: (url: string, key: string) => ({ GEMINI_API_BASE: `${url}/v1beta`, GEMINI_API_KEY: key }),
  },
} as const;
type Protocol = keyof typeof protocols;

function aiderOn(protocol: Protocol, model: string): ClientWish {
  const { prefix, env } = protocols[protocol];
  return {
    projectFiles: taskFiles,
    args: () => [
      '--model',
      `${prefix}/${model}`,
      '--weak-model',
      `${prefix}/${model}`,
      '--edit-format',
      'diff',
      '--yes-always',
      '--no-git',
      '--no-check-update',
      '--no-show-release-notes',
      '--no-show-model-warnings',
      '--no-analytics',
      '--no-detect-urls',
      '--no-pretty',
      '--map-tokens',
      '0',
      '--auto-test',
      '--test-cmd',
      runCommand,
      '--message',
      `Mend the greeting. [[say:${edit}]] [[next]]`,
      'greet.mjs',
    ],
    // It keeps prices of models here and fetches them when they are not there.
    homeFiles: () => ({
      '.aider/caches/model_prices_and_context_window.json': JSON.stringify({ none: {} }),
    }),
    env: () => ({ LITELLM_LOCAL_MODEL_COST_MAP: 'True', ...env(bench.relay.url, bench.relay.key) }),
  };
}

/** It asks for temperature 0 of every model that it does not know better. */
const mayLose = ['temperature_dropped'];

for (const [protocol, model] of [
  ['openai-chat', 'claude-sonnet-5-5'],
  ['openai-chat', 'gpt-5.5'],
  ['openai-chat', 'gemini-3.5-flash'],
  ['anthropic-messages', 'gpt-5.5'],
  ['gemini', 'claude-sonnet-5-5'],
] as const) {
  test(`Aider reads, edits, runs and finishes on ${model} through ${protocol}`, async (t) => {
    if (!bench.client.isReady) return t.skip(bench.client.reason);
    const run = await bench.run(aiderOn(protocol, model));
    assertTaskDone(run);
    assertBooked(run, { protocol, model, calls: 1, mayLose });
    assert.deepEqual(run.strangers, [], storyOf(run));
  });
}
