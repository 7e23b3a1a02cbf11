import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { JsonObject } from '../../src/protocols/canonical/request.ts';
import { answerOf, decode, encode, itemOf, offered, upstreams } from './coding-client-material.ts';

const shellGrammar = { type: 'grammar', syntax: 'lark', definition: 'start: /.+/' };
/** As the newest models of one coding client are given their tools: no top-level list, all in one item. */
const additional: JsonObject = {
  type: 'additional_tools',
  role: 'developer',
  tools: [
    {
      type: 'namespace',
      name: 'functions',
      description: 'Local tools.',
      tools: [
        { type: 'custom', name: 'exec', description: 'Runs code.', format: shellGrammar },
        { type: 'function', name: 'wait', strict: false, parameters: { type: 'object', properties: {} } },
      ],
    },
    { type: 'function', name: 'plan', strict: false, parameters: { type: 'object', properties: {} } },
  ],
};

suite('what other relays did to the tools of a coding client', () => {
  for (const upstream of upstreams) {
    test(`additional_tools and reasoning are not dropped on the way to ${upstream.name}, and calls keep their kind`, () => {
      const request = decode({
        input: [
          additional,
          { role: 'user', content: 'Go.' },
          { type: 'reasoning', summary: [{ type: 'summary_text', text: 'hm' }], encrypted_content: 'gAAAA' },
          { type: 'custom_tool_call', call_id: 'c1', name: 'exec', namespace: 'functions', input: 'ls "x"' },
          { type: 'custom_tool_call_output', call_id: 'c1', output: 'a.txt' },
        ],
      });
      const reasoning = request.turns.flatMap(({ parts }) => parts).find(({ type }) => type === 'reasoning');
      assert.ok(reasoning, 'it is there for the origin that can read it');
      const body = encode(request, upstream);
      assert.deepEqual(offered(body).slice(0, 3), ['functions__exec', 'functions__wait', 'plan']);
      assert.match(JSON.stringify(body), /\{\\*"input\\*":\\*"ls \\+"x\\+"/u);
      const item = itemOf(answerOf(request, 'functions__exec', '{"input":"cat a.txt"}'));
      const { type, name, namespace, input, call_id } = item;
      assert.deepEqual(
        { type, name, namespace, input, call_id },
        {
          type: 'custom_tool_call',
          name: 'exec',
          namespace: 'functions',
          input: 'cat a.txt',
          call_id: 'call_1',
        },
      );
    });
  }

  test('a free-text call never becomes a function call with empty arguments', () => {
    const request = decode({ input: [additional, { role: 'user', content: 'Go.' }] });
    const events = answerOf(request, 'functions__exec', '{"input":"line 1\\nline \\"2\\""}');
    const deltas = events.filter(({ type }) => type === 'response.custom_tool_call_input.delta');
    assert.equal(deltas.map(({ delta }) => delta as string).join(''), 'line 1\nline "2"');
    const [done] = events.filter(({ type }) => type === 'response.custom_tool_call_input.done');
    assert.equal(done?.['input'], 'line 1\nline "2"');
    assert.ok(!events.some(({ type }) => type === 'response.function_call_arguments.done'));
  });

  test('a free-text tool is offered to every upstream, with its grammar where only words can say it', () => {
    const request = decode({
      input: 'Go.',
      tools: [{ type: 'custom', name: 'apply', description: 'Applies.', format: shellGrammar }],
    });
    for (const upstream of upstreams) {
      const body = encode(request, upstream);
      assert.deepEqual(offered(body).slice(0, 1), ['apply'], upstream.name);
      assert.ok(JSON.stringify(body).includes('start: /.+/'), upstream.name);
    }
  });

  test('an additional_tools item keeps all its tools, in order and each once', () => {
    const request = decode({ input: [additional, { role: 'user', content: 'Go.' }] });
    assert.deepEqual(
      request.tools.map(({ name }) => name),
      ['functions__exec', 'functions__wait', 'plan'],
    );
    const waited = itemOf(answerOf(request, 'functions__wait', '{}'));
    assert.deepEqual(
      [waited['type'], waited['name'], waited['namespace']],
      ['function_call', 'wait', 'functions'],
    );
    const planned = itemOf(answerOf(request, 'plan', '{}'));
    assert.deepEqual([planned['name'], 'namespace' in planned], ['plan', false]);
  });

  test('namespaces and web search do not reach a Chat upstream as they are, and text arrives in deltas', () => {
    const tools = [
      (additional['tools'] as readonly JsonObject[])[0] ?? {},
      { type: 'web_search', external_web_access: false },
      { type: 'tool_search' },
    ];
    const request = decode({ input: 'Go.', tools });
    const body = encode(request, upstreams[1]);
    const types = (body['tools'] as readonly JsonObject[]).map(({ type }) => type);
    assert.ok(
      types.every((type) => type === 'function' || type === 'custom'),
      JSON.stringify(types),
    );
    const events = answerOf(request, 'functions__wait', '{}');
    const text = events.filter(({ type }) => type === 'response.output_text.delta');
    assert.equal(text.map(({ delta }) => delta as string).join(''), 'I look.');
  });
});
