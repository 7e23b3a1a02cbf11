import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Json, JsonObject } from '../engine/simulated-call.ts';
import { objectsOf, textOr } from './shape.ts';
import { at, geminiKey, openaiKey, send, withSimulator } from './wire-test-kit.ts';

const anthropicHeaders = { 'x-api-key': 'sk-ant-wire-tests', 'anthropic-version': '2023-06-01' };
const prompt = '[[search: tall towers]] [[code: print(8)]] [[say:Tårnet er 🗼 8 m. Det er alt.]]';

const searching = {
  model: 'claude-sonnet-4-5',
  max_tokens: 500,
  tools: [
    { type: 'web_search_20250305', name: 'web_search', allowed_domains: ['towers.example'] },
    { type: 'code_execution_20250825', name: 'code_execution' },
  ],
  messages: [{ role: 'user', content: prompt }],
};

suite('tools that Anthropic runs', () => {
  test('answer with pairs of blocks, cited text as blocks of its own, and a count of searches', () =>
    withSimulator(async ({ url }) => {
      const { json } = await send(`${url}/v1/messages`, searching, { headers: anthropicHeaders });
      const content = objectsOf(at(json, 'content'));
      assert.deepEqual(
        content.map(({ type }) => type),
        [
          'server_tool_use',
          'web_search_tool_result',
          'server_tool_use',
          'bash_code_execution_tool_result',
          'text',
          'text',
        ],
      );
      assert.match(textOr(at(content[1], 'content', 0, 'url')), /^https:\/\/towers\.example\//u);
      assert.equal(at(content[4], 'text'), 'Tårnet er 🗼 8 m.');
      assert.equal(at(content[4], 'citations', 0, 'url'), at(content[1], 'content', 0, 'url'));
      assert.equal(at(json, 'usage', 'server_tool_use', 'web_search_requests'), 1);
      assert.equal(at(content[3], 'content', 'stdout'), '8\n');
    }));

  const spoilt: readonly (readonly [string, (content: readonly JsonObject[]) => Json, RegExp])[] = [
    [
      'a result without its encryption',
      (content) => spoil(content, 1, 'encrypted_content'),
      /encrypted_content/u,
    ],
    ['a citation of another', (content) => spoil(content, 4, 'encrypted_index'), /encrypted_index/u],
    ['a result without its use', (content) => content.slice(1), /unexpected `tool_use_id`/u],
  ];
  for (const [name, change, words] of spoilt) {
    test(`take back what they answered, but not ${name}`, () =>
      withSimulator(async ({ url }) => {
        const ask = (messages: Json): ReturnType<typeof send> =>
          send(`${url}/v1/messages`, { ...searching, messages }, { headers: anthropicHeaders });
        const first = await ask(searching.messages);
        const content = objectsOf(at(first.json, 'content'));
        const after = (said: Json): Json => [
          ...searching.messages,
          { role: 'assistant', content: said },
          { role: 'user', content: 'And?' },
        ];
        assert.equal((await ask(after(content))).status, 200);
        const refused = await ask(after(change(content)));
        assert.equal(refused.status, 400);
        assert.match(textOr(at(refused.json, 'error', 'message')), words);
      }));
  }
});

function spoil(content: readonly JsonObject[], index: number, field: string): Json {
  const text = JSON.stringify(content[index]).replaceAll(
    new RegExp(`"${field}":"[^"]*"`, 'gu'),
    `"${field}":"made up"`,
  );
  return content.map((block, at) => (at === index ? (JSON.parse(text) as Json) : block));
}

suite('tools that OpenAI runs', () => {
  const asked = {
    model: 'gpt-5.5',
    input: prompt,
    tools: [{ type: 'web_search' }, { type: 'code_interpreter', container: { type: 'auto' } }],
    include: ['web_search_call.action.sources', 'code_interpreter_call.outputs'],
  };

  test('answer with items, annotations that span the sentence, and a count of searches', () =>
    withSimulator(async ({ url }) => {
      const { json } = await send(`${url}/v1/responses`, asked, { headers: openaiKey });
      const output = objectsOf(at(json, 'output'));
      const search = output.find(({ type }) => type === 'web_search_call');
      assert.equal(objectsOf(at(search, 'action', 'sources')).length, 2);
      const part = at(output.at(-1), 'content', 0);
      const [from, to] = ['start_index', 'end_index'].map((name) => Number(at(part, 'annotations', 0, name)));
      assert.equal(textOr(at(part, 'text')).slice(from, to), 'Tårnet er 🗼 8 m.');
      assert.equal(at(json, 'tool_usage', 'web_search', 'num_requests'), 1);
      const bare = output.filter(({ type }) => type !== 'reasoning');
      const again = { ...asked, input: [...bare, { role: 'user', content: 'And?' }] };
      assert.equal((await send(`${url}/v1/responses`, again, { headers: openaiKey })).status, 200);
    }));

  test('refuse an item whose id is of another form', () =>
    withSimulator(async ({ url }) => {
      const item = { type: 'web_search_call', id: 'x1', status: 'completed', action: { type: 'search' } };
      const input = [item, { role: 'user', content: 'And?' }];
      const refused = await send(`${url}/v1/responses`, { ...asked, input }, { headers: openaiKey });
      assert.equal(refused.status, 400);
      assert.match(refused.text, /begins with 'ws'/u);
    }));

  test('tell every state of their items in a stream', () =>
    withSimulator(async ({ url }) => {
      const { text } = await send(`${url}/v1/responses`, { ...asked, stream: true }, { headers: openaiKey });
      const names = [...text.matchAll(/^event: response\.(.*)$/gmu)].map(([, name]) => name);
      for (const name of [
        'web_search_call.searching',
        'web_search_call.completed',
        'code_interpreter_call_code.done',
        'code_interpreter_call.interpreting',
        'output_text.annotation.added',
      ]) {
        assert.ok(names.includes(name), name);
      }
    }));
});

suite('tools that Google runs', () => {
  const path = '/v1beta/models/gemini-2.5-flash:generateContent';
  const asked = {
    contents: [{ role: 'user', parts: [{ text: prompt }] }],
    tools: [{ googleSearch: {} }, { codeExecution: {} }],
  };

  test('answer with parts, and metadata that counts in bytes', () =>
    withSimulator(async ({ url }) => {
      const { json } = await send(url + path, asked, { headers: geminiKey });
      const candidate = at(json, 'candidates', 0);
      const parts = objectsOf(at(candidate, 'content', 'parts'));
      assert.equal(at(parts[1], 'codeExecutionResult', 'output'), '8\n');
      const segment = at(candidate, 'groundingMetadata', 'groundingSupports', 0, 'segment');
      assert.equal(at(segment, 'endIndex'), Buffer.byteLength('Tårnet er 🗼 8 m.'));
      assert.deepEqual(at(candidate, 'groundingMetadata', 'webSearchQueries'), ['tall towers']);
      assert.ok(Number(at(json, 'usageMetadata', 'toolUsePromptTokenCount')) > 0);
    }));

  test('refuse an output without its code', () =>
    withSimulator(async ({ url }) => {
      const parts = [{ codeExecutionResult: { outcome: 'OUTCOME_OK', output: '8' } }];
      const contents = [...asked.contents, { role: 'model', parts }, ...asked.contents];
      const refused = await send(url + path, { ...asked, contents }, { headers: geminiKey });
      assert.equal(refused.status, 400);
    }));
});
