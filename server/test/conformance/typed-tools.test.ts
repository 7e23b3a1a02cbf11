import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { JsonObject } from '../../src/protocols/canonical/request.ts';
import { answerOf, decode, encode, itemOf, offered, upstreams } from './coding-client-material.ts';
import { anthropic, responses, target } from './translation-material.ts';

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
