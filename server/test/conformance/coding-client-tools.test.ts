import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { CanonicalEvent } from '../../src/protocols/canonical/events.ts';
import type { CanonicalRequest, JsonObject } from '../../src/protocols/canonical/request.ts';
import { geminiTranslation } from '../../src/protocols/gemini/translation.ts';
import { anthropic, chat, parseSse, responses, target } from './translation-material.ts';

/** Tools in the forms that coding clients send them, with models behind other protocols. */
const upstreams = [
  { name: 'Messages', translation: anthropic.translation, model: 'claude-sonnet-4-5' },
  { name: 'Chat Completions', translation: chat.translation, model: 'gpt-4.1' },
  { name: 'Gemini', translation: geminiTranslation, model: 'gemini-2.5-flash' },
] as const;
type Upstream = (typeof upstreams)[number];

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

function decode(body: JsonObject): CanonicalRequest {
  return responses.translation.decodeRequest({ model: 'm', stream: true, ...body }, target);
}

function encode(request: CanonicalRequest, { translation, model }: Upstream): JsonObject {
  const { value, losses } = translation.encodeRequest({ ...request, model }, undefined);
  assert.deepEqual(
    losses.filter(({ outcome }) => outcome === 'refused'),
    [],
  );
  return value;
}

/** Names of the functions that a request offers, whatever its wire. */
function offered(body: JsonObject): readonly string[] {
  const written = JSON.stringify(body['tools'] ?? []);
  return [...written.matchAll(/"name":"([^"]+)"/gu)].map(([, name = '']) => name);
}

/** The events that the client reads of an answer that calls one tool. */
function answerOf(request: CanonicalRequest, name: string, argumentsText: string): readonly JsonObject[] {
  const encoder = responses.translation.createEncoder(request);
  const call: readonly CanonicalEvent[] = [
    { type: 'start', id: 'a1', model: 'm', protocol: 'anthropic-messages' },
    { type: 'text-start', index: 0 },
    { type: 'text-delta', index: 0, text: 'I look.' },
    { type: 'text-end', index: 0 },
    { type: 'tool-call-start', index: 1, id: 'call_1', name },
    { type: 'tool-call-delta', index: 1, argumentsText },
    { type: 'tool-call-end', index: 1 },
    { type: 'stop', reason: 'tool-calls' },
    { type: 'end' },
  ];
  return parseSse(call.map((event) => encoder.push(event)).join(''));
}

function itemOf(events: readonly JsonObject[]): JsonObject {
  const done = events.filter(({ type }) => type === 'response.output_item.done');
  const item = done.at(-1)?.['item'] as JsonObject;
  const [terminal] = events.filter(({ type }) => type === 'response.completed');
  const repeated = ((terminal?.['response'] as JsonObject)['output'] as readonly JsonObject[]).at(-1);
  assert.deepEqual(repeated, item, 'the end repeats the item');
  return item;
}

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

suite('tools with item types of their own', () => {
  const typed: readonly (readonly [string, JsonObject, string, JsonObject])[] = [
    [
      'local_shell',
      { type: 'local_shell' },
      '{"command":["ls"]}',
      { type: 'local_shell_call', action: { type: 'exec', env: {}, command: ['ls'] } },
    ],
    [
      'shell',
      { type: 'shell', environment: { type: 'local' } },
      '{"commands":["ls"]}',
      {
        type: 'shell_call',
        action: { timeout_ms: null, max_output_length: null, commands: ['ls'] },
        environment: null,
      },
    ],
    [
      'apply_patch',
      { type: 'apply_patch' },
      '{"type":"delete_file","path":"a"}',
      { type: 'apply_patch_call', operation: { type: 'delete_file', path: 'a' } },
    ],
    [
      'tool_search',
      {
        type: 'tool_search',
        execution: 'client',
        parameters: { type: 'object', properties: { query: { type: 'string' } } },
      },
      '{"query":"mail"}',
      { type: 'tool_search_call', execution: 'client', arguments: { query: 'mail' } },
    ],
  ];
  for (const [name, tool, argumentsText, expected] of typed) {
    test(`${name} is a function to models of others, and its call comes back in its own form`, () => {
      const request = decode({ input: 'Go.', tools: [tool] });
      for (const upstream of upstreams)
        assert.deepEqual(offered(encode(request, upstream)), [name], upstream.name);
      const { id, status, call_id, ...said } = itemOf(answerOf(request, name, argumentsText));
      assert.deepEqual(said, expected);
      assert.deepEqual([typeof id, status, call_id], ['string', 'completed', 'call_1']);
      const own = responses.translation.encodeRequest(request, undefined).value;
      assert.deepEqual(own['tools'], [tool]);
    });
  }

  const history: readonly (readonly [JsonObject, JsonObject, string, string])[] = [
    [
      {
        type: 'local_shell_call',
        id: 'l',
        call_id: 'c',
        status: 'completed',
        action: { type: 'exec', command: ['ls'], env: {} },
      },
      { type: 'local_shell_call_output', id: 'c', output: 'a.txt' },
      '"command":["ls"]',
      'a.txt',
    ],
    [
      { type: 'shell_call', call_id: 'c', action: { commands: ['ls'], timeout_ms: null } },
      {
        type: 'shell_call_output',
        call_id: 'c',
        output: [{ stdout: 'a.txt', stderr: '', outcome: { type: 'exit', exit_code: 2 } }],
      },
      '"commands":["ls"]',
      'exit code 2',
    ],
    [
      {
        type: 'apply_patch_call',
        call_id: 'c',
        status: 'completed',
        operation: { type: 'delete_file', path: 'a' },
      },
      { type: 'apply_patch_call_output', call_id: 'c', status: 'failed', output: 'no such file' },
      '"path":"a"',
      'no such file',
    ],
  ];
  for (const [call, output, args, said] of history) {
    test(`${call['type'] as string} and its output are told to every upstream as a call and its result`, () => {
      const request = decode({ input: [{ role: 'user', content: 'Go.' }, call, output] });
      for (const upstream of upstreams) {
        const body = JSON.stringify(encode(request, upstream)).replaceAll('\\"', '"');
        assert.ok(body.includes(args), `${upstream.name}: ${body}`);
        assert.ok(body.includes(said), `${upstream.name}: ${body}`);
      }
      const own = responses.translation.encodeRequest(request, undefined).value[
        'input'
      ] as readonly JsonObject[];
      assert.deepEqual(own.slice(1), [call, output]);
    });
  }

  test('tools that a search found are offered from there on', () => {
    const found = {
      type: 'function',
      name: 'send_mail',
      strict: false,
      parameters: { type: 'object', properties: {} },
    };
    const request = decode({
      tools: [{ type: 'tool_search', execution: 'client' }],
      input: [
        { role: 'user', content: 'Go.' },
        { type: 'tool_search_call', call_id: 'c', execution: 'client', arguments: { query: 'mail' } },
        { type: 'tool_search_output', call_id: 'c', execution: 'client', tools: [found] },
      ],
    });
    for (const upstream of upstreams) {
      const body = encode(request, upstream);
      assert.deepEqual(offered(body), ['tool_search', 'send_mail'], upstream.name);
      assert.ok(JSON.stringify(body).includes('Found: send_mail'), upstream.name);
    }
  });

  test('deferred tools are all sent where the upstream cannot search for them', () => {
    const deferred = {
      type: 'function',
      name: 'later',
      strict: false,
      defer_loading: true,
      parameters: { type: 'object', properties: {} },
    };
    const request = decode({ input: 'Go.', tools: [deferred] });
    for (const upstream of upstreams)
      assert.deepEqual(offered(encode(request, upstream)), ['later'], upstream.name);
  });

  test('a configuration_update changes effort and format from its place on, and is not told as content', () => {
    const format = { type: 'json_schema', name: 'n', schema: { type: 'object', properties: {} } };
    const request = decode({
      reasoning: { effort: 'low', summary: 'auto' },
      input: [
        { role: 'user', content: 'Go.' },
        { type: 'configuration_update', reasoning: { effort: 'high' }, text: { format } },
        { role: 'user', content: 'On.' },
      ],
    });
    assert.equal(request.reasoning?.effort, 'high');
    assert.equal(request.reasoning.show, 'summary');
    assert.equal(request.output?.type, 'schema');
    for (const upstream of upstreams) {
      const { losses } = upstream.translation.encodeRequest({ ...request, model: upstream.model }, undefined);
      assert.ok(!losses.some(({ code }) => code === 'block_dropped'), upstream.name);
    }
  });

  test('the phase of what was said goes back to the provider that knows it', () => {
    const said = {
      type: 'message',
      role: 'assistant',
      phase: 'commentary',
      content: [{ type: 'output_text', text: 'I look.', annotations: [] }],
    };
    const request = decode({
      input: [{ role: 'user', content: 'Go.' }, said, { role: 'user', content: 'On.' }],
    });
    const input = responses.translation.encodeRequest(request, undefined).value[
      'input'
    ] as readonly JsonObject[];
    assert.equal(input[1]?.['phase'], 'commentary');
    for (const upstream of upstreams)
      assert.ok(!JSON.stringify(encode(request, upstream)).includes('commentary'));
  });
});

suite('tools that Messages types and the client runs', () => {
  const tools: readonly JsonObject[] = [
    { type: 'bash_20250124', name: 'bash' },
    { type: 'text_editor_20250728', name: 'str_replace_based_edit_tool', max_characters: 9000 },
    { type: 'memory_20250818', name: 'memory' },
    { type: 'computer_20250124', name: 'computer', display_width_px: 800, display_height_px: 600 },
  ];
  const request = anthropic.translation.decodeRequest(
    { model: 'm', max_tokens: 100, messages: [{ role: 'user', content: 'Go.' }], tools },
    target,
  );

  test('are functions with their published parameters to models of others', () => {
    for (const { name, translation, model } of [
      { name: 'Responses', translation: responses.translation, model: 'gpt-5.5' },
      ...upstreams.slice(1),
    ]) {
      const { value, losses } = translation.encodeRequest({ ...request, model }, undefined);
      assert.deepEqual(losses, [], name);
      for (const tool of tools) assert.ok(offered(value).includes(tool['name'] as string), name);
      assert.ok(JSON.stringify(value).includes('800 x 600'), name);
    }
  });

  test('go back to their own provider as they came', () => {
    assert.deepEqual(anthropic.translation.encodeRequest(request, undefined).value['tools'], tools);
  });

  test('without a name or published parameters are refused: nobody else could call them', () => {
    const toolset = anthropic.translation.decodeRequest(
      {
        model: 'm',
        max_tokens: 100,
        messages: [{ role: 'user', content: 'Go.' }],
        tools: [{ type: 'computer_toolset_20260801' }],
      },
      target,
    );
    const { losses } = responses.translation.encodeRequest({ ...toolset, model: 'gpt-5.5' }, undefined);
    assert.deepEqual(
      losses.map(({ code }) => code),
      ['client_tool_refused'],
    );
  });
});
