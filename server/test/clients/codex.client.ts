import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { NewAccount } from '../../src/control/add-account.ts';
import { openBench, type Bench, type ClientWish } from './bench.ts';
import {
  assertBooked,
  assertGoesOn,
  assertTaskDone,
  callsTool,
  mended,
  mistake,
  patch,
  runCommand,
  mendPrompt,
  secondPrompt,
  storyOf,
  taskFiles,
} from './task.ts';

const edit = `sed -i s/${mistake}/${mended}/ greet.mjs`;
const code = [
  "text((await tools.exec_command({ cmd: 'cat greet.mjs' })).output);",
  `await tools.exec_command({ cmd: '${edit}' });`,
  `text((await tools.exec_command({ cmd: '${runCommand}' })).output);`,
] as const;
const [read, run] = ['cat greet.mjs', runCommand].map((cmd) => callsTool('exec_command', { cmd })) as [
  string,
  string,
];

/** Codex chooses its tools by the name of the model. Another provider sees its free-text tools as functions of one string. */
const toolSets = {
  /** For names it does not know: functions, and a namespace of them. */
  functions: [read, callsTool('exec_command', { cmd: edit }), run],
  patch: [read, callsTool('apply_patch', patch), run],
  foreignPatch: [read, callsTool('apply_patch', { input: patch }), run],
  code: code.map((input) => callsTool('exec', input)),
  foreignCode: code.map((input) => callsTool('functions__exec', { input })),
} as const;

const headless = (model: string): readonly string[] => [
  'exec',
  '--skip-git-repo-check',
  '--dangerously-bypass-approvals-and-sandbox',
  '--model',
  model,
];

interface CodexWish {
  readonly model: string;
  /** What the model does before its last words. */
  readonly answers: readonly string[];
  /** Further lines of the provider's settings. */
  readonly provider?: string;
  /** Further lines of the common settings. */
  readonly settings?: string;
}

function codexOn(bench: Bench, wish: CodexWish): ClientWish {
  return {
    projectFiles: taskFiles,
    args: () => [...headless(wish.model), mendPrompt(wish.answers)],
    homeFiles: () => ({
      '.codex/config.toml': `
model_provider = "qingzhou"
check_for_update_on_startup = false
${wish.settings ?? ''}

[features]
apps = false
plugins = false

[analytics]
enabled = false

[model_providers.qingzhou]
name = "Qingzhou"
base_url = "${bench.relay.url}/v1"
env_key = "OPENAI_API_KEY"
wire_api = "responses"
${wish.provider ?? ''}
`,
    }),
    env: () => ({ OPENAI_API_KEY: bench.relay.key }),
  };
}

/** It asks for a search of OpenAI's own index, which no other provider has, and instructs between the turns. */
const mayLose = ['indexed_search_dropped', 'system_turn_wrapped'];
/** Names of OpenAI models bring settings and a grammar that only these take. */
const mayLoseMore = [
  ...mayLose,
  'custom_tool_format_weakened',
  'verbosity_dropped',
  'parallel_calls_not_limited',
];

suite('Codex reads, edits, runs and finishes', () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench('codex');
  });
  after(() => bench[Symbol.asyncDispose]());

  const cases = [
    ['gpt-5.5', 'patch', []],
    ['gpt-6-sol', 'code', []],
    ['claude-sonnet-5-5', 'functions', mayLose],
    ['gemini-3.5-flash', 'functions', mayLose],
  ] as const;
  for (const [model, toolSet, mayLose] of cases) {
    test(`on ${model}, and goes on from there in a second session`, async (t) => {
      if (!bench.client.isReady) return t.skip(bench.client.reason);
      const wish = codexOn(bench, { model, answers: toolSets[toolSet] });
      const run = await bench.run(wish);
      assertTaskDone(run);
      assertBooked(run, { protocol: 'openai-responses', model, mayLose });
      assert.deepEqual(run.strangers, []);

      const args = [...headless(model), 'resume', '--last', secondPrompt];
      const second = await bench.run({ ...wish, projectFiles: {}, args: () => args, place: run.place });
      assertGoesOn(second, { protocol: 'openai-responses', model, mayLose });
    });
  }

  test('over HTTP when it asks for a WebSocket first', async (t) => {
    if (!bench.client.isReady) return t.skip(bench.client.reason);
    const model = 'claude-sonnet-5-5';
    const run = await bench.run(
      codexOn(bench, { model, answers: toolSets.functions, provider: 'supports_websockets = true' }),
    );
    assertTaskDone(run);
    assertBooked(run, { protocol: 'openai-responses', model, mayLose });
  });

  test('calling a tool inside a namespace on a model that has none', async (t) => {
    if (!bench.client.isReady) return t.skip(bench.client.reason);
    for (const model of ['claude-sonnet-5-5', 'gemini-3.5-flash']) {
      const call = callsTool('multi_agent_v1__close_agent', { target: 'nobody' });
      const run = await bench.run(codexOn(bench, { model, answers: [call, ...toolSets.functions] }));
      assertTaskDone(run);
      assert.doesNotMatch(run.stderr, /unsupported call/, storyOf(run));
    }
  });

  for (const [model, toolSet] of [
    ['gpt-5.5', 'patch'],
    ['claude-sonnet-5-5', 'functions'],
    ['gemini-3.5-flash', 'functions'],
  ] as const) {
    test(`and compacts a conversation that is too long on ${model}`, async (t) => {
      if (!bench.client.isReady) return t.skip(bench.client.reason);
      const wish = { model, answers: toolSets[toolSet] };
      const first = await bench.run(codexOn(bench, wish));
      const settings = 'model_auto_compact_token_limit = 1000';
      const second = await bench.run({
        ...codexOn(bench, { ...wish, settings }),
        projectFiles: {},
        args: () => [...headless(model), 'resume', '--last', secondPrompt],
        place: first.place,
      });
      assert.match(second.stderr, /context compacted/, storyOf(second));
      assertGoesOn(second, { protocol: 'openai-responses', model, mayLose });
    });
  }
});

/** An account that serves the names of OpenAI models with one of its own. */
const substitutes: readonly Pick<NewAccount, 'kind' | 'credential' | 'modelMap'>[] = [
  {
    kind: 'anthropic',
    credential: 'sk-ant-test-0000000000',
    modelMap: { 'gpt-6-sol': 'claude-sonnet-5-5', 'gpt-5.5': 'claude-sonnet-5-5' },
  },
  {
    kind: 'gemini',
    credential: 'AIzaTest000000000000000000000000000000',
    modelMap: { 'gpt-6-sol': 'gemini-3.5-flash', 'gpt-5.5': 'gemini-3.5-flash' },
  },
];

for (const substitute of substitutes) {
  suite(`Codex with the tools of an OpenAI model that ${substitute.kind} stands in for`, () => {
    let bench: Bench;
    before(async () => {
      bench = await openBench('codex', {
        accounts: (url) => [{ ...substitute, name: 'substitute', baseUrl: url }],
      });
    });
    after(() => bench[Symbol.asyncDispose]());

    for (const [model, toolSet] of [
      ['gpt-5.5', 'foreignPatch'],
      ['gpt-6-sol', 'foreignCode'],
    ] as const) {
      test(`edits by free-text tools as ${model}`, async (t) => {
        if (!bench.client.isReady) return t.skip(bench.client.reason);
        const run = await bench.run(codexOn(bench, { model, answers: toolSets[toolSet] }));
        assertTaskDone(run);
        assertBooked(run, { protocol: 'openai-responses', model, mayLose: mayLoseMore });
      });
    }
  });
}
