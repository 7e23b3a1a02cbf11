import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { geminiTranslation } from '../../src/protocols/gemini/translation.ts';
import type { JsonObject } from '../../src/protocols/canonical/request.ts';
import { bedrockConverse } from '../../src/protocols/bedrock-converse/index.ts';
import { code, encode, names, requests, search, sides } from './hosted-material.ts';
import { chat, target } from './translation-material.ts';

suite('a tool that providers run themselves', () => {
  for (const from of names) {
    for (const to of names.filter((name) => name !== from)) {
      test(`is asked of ${to} for a client of ${from}, without a loss`, () => {
        for (const tool of [search, code]) {
          const { body, losses } = encode(requests[from]([tool[from]]), to);
          assert.deepEqual(body['tools'], [tool[to]]);
          assert.deepEqual(losses, []);
        }
      });
    }
    test(`of ${from} is named as lost where the upstream has none, and refused where it was forced`, () => {
      const { losses } = encode(requests[from]([search[from]]), from);
      assert.deepEqual(losses, []);
      const plain = chat.translation.encodeRequest(requests[from]([search[from]]), undefined);
      assert.ok(plain.losses.some(({ code: known }) => known === 'hosted_tool_dropped'));
    });
  }

  test('keeps where it may look between Messages and Responses, and names the loss elsewhere', () => {
    const location = { type: 'approximate', country: 'NO' };
    const asked = requests.anthropic([
      { ...search['anthropic'], allowed_domains: ['example.com'], user_location: location },
    ]);
    assert.deepEqual(encode(asked, 'responses').body['tools'], [
      { type: 'web_search', filters: { allowed_domains: ['example.com'] }, user_location: location },
    ]);
    assert.deepEqual(encode(asked, 'gemini').losses, ['search_scope_dropped']);
    const back = requests.responses([
      { type: 'web_search', filters: { allowed_domains: ['example.com'] }, user_location: location },
    ]);
    assert.deepEqual(encode(back, 'anthropic').body['tools'], [
      { ...search['anthropic'], allowed_domains: ['example.com'], user_location: location },
    ]);
    const blocked = requests.anthropic([{ ...search['anthropic'], blocked_domains: ['example.com'] }]);
    assert.deepEqual(encode(blocked, 'responses').losses, ['search_scope_dropped']);
  });

  test('is forced by the name that the upstream knows, and weakened where none can be forced', () => {
    const forced = requests.anthropic([search['anthropic']], {
      tool_choice: { type: 'tool', name: 'web_search' },
    });
    assert.deepEqual(encode(forced, 'responses').body['tool_choice'], { type: 'web_search' });
    assert.deepEqual(encode(forced, 'gemini').losses, ['tool_choice_weakened']);
    const back = requests.responses([code['responses']], { tool_choice: { type: 'code_interpreter' } });
    const { body } = encode(back, 'anthropic');
    assert.deepEqual(body['tool_choice'], { type: 'tool', name: 'code_execution' });
    const refused = chat.translation.encodeRequest(forced, undefined).losses;
    assert.ok(refused.some(({ outcome }) => outcome === 'refused'));
  });

  test('that may not reach the live web is not made one that does', () => {
    const offline = requests.responses([{ type: 'web_search', external_web_access: false }]);
    for (const upstream of ['anthropic', 'gemini'] as const) {
      const { body, losses } = encode(offline, upstream);
      assert.deepEqual([body['tools'], losses], [undefined, ['indexed_search_dropped']]);
    }
  });

  test('that only finds deferred tools is not missed where all are offered at once', () => {
    const deferred = {
      type: 'function',
      name: 'send_mail',
      strict: false,
      defer_loading: true,
      parameters: { type: 'object', properties: {} },
    };
    const searching = requests.responses([deferred, { type: 'tool_search' }]);
    const finding = requests.anthropic([
      { name: 'send_mail', input_schema: { type: 'object' }, defer_loading: true },
      { type: 'tool_search_tool_regex_20251119', name: 'tool_search_tool_regex' },
    ]);
    for (const [request, upstream] of [
      [searching, 'anthropic'],
      [searching, 'gemini'],
      [finding, 'responses'],
      [finding, 'gemini'],
    ] as const) {
      const { body, losses } = encode(request, upstream);
      assert.deepEqual(losses, [], upstream);
      assert.match(JSON.stringify(body['tools']), /"name":"send_mail"/);
      assert.doesNotMatch(JSON.stringify(body['tools']), /tool_search/);
    }
  });

  test('stands beside functions where the model takes both, and steps back where it does not', () => {
    const asked = requests.anthropic([search['anthropic'], { name: 'f', input_schema: { type: 'object' } }]);
    const older = encode(asked, 'gemini');
    assert.deepEqual(older.losses, ['hosted_tool_dropped']);
    const newer = geminiTranslation.encodeRequest({ ...asked, model: 'gemini-3-flash-preview' }, undefined);
    assert.deepEqual((newer.value['tools'] as readonly JsonObject[]).length, 2);
    assert.deepEqual(newer.value['toolConfig'], { includeServerSideToolInvocations: true });
    const taken = requests.responses([
      search['responses'],
      { type: 'function', name: 'web_search', strict: false },
    ]);
    assert.deepEqual(encode(taken, 'anthropic').losses, ['hosted_tool_dropped']);
  });
});

suite('the search option of Chat', () => {
  const asked = sides.chat.translation.decodeRequest(
    {
      model: 'm',
      messages: [{ role: 'user', content: 'Hi' }],
      web_search_options: {
        search_context_size: 'high',
        user_location: { type: 'approximate', approximate: { city: 'Oslo' } },
      },
    },
    target,
  );

  test('is the search of every provider that has one', () => {
    assert.deepEqual(encode(asked, 'anthropic').body['tools'], [
      { ...search.anthropic, user_location: { type: 'approximate', city: 'Oslo' } },
    ]);
    assert.deepEqual(encode(asked, 'responses').body['tools'], [
      {
        ...search.responses,
        user_location: { type: 'approximate', city: 'Oslo' },
        search_context_size: 'high',
      },
    ]);
    const { body, losses } = encode(asked, 'gemini');
    assert.deepEqual([body['tools'], losses], [[search.gemini], ['search_scope_dropped']]);
  });

  test('stays an option in its own protocol, and is missed where nothing is searched', () => {
    const { value } = sides.chat.translation.encodeRequest(asked, undefined);
    assert.deepEqual(value['web_search_options'], asked.extra['web_search_options']);
    assert.equal(value['tools'], undefined);
    const nova = { ...asked, model: 'amazon.nova-pro-v1:0' };
    const encoded = bedrockConverse.translation?.encodeRequest(nova, undefined);
    assert.deepEqual(
      encoded?.losses.map(({ code }) => code),
      ['hosted_tool_dropped'],
    );
  });

  test('is answered with annotations that span what the source stands on', () => {
    const text = 'Tårnet er 8 m. Det er alt.';
    const citation = { url: 'https://t.example/a', title: 'A', start: 10, end: 14, raw: null };
    const answer = sides.chat.translation.encodeUnary(
      [
        { type: 'start', id: 'x', model: 'm' },
        { type: 'text-start', index: 0 },
        { type: 'text-delta', index: 0, text },
        { type: 'text-citation', index: 0, citation },
        { type: 'text-end', index: 0 },
        { type: 'stop', reason: 'end' },
        { type: 'end' },
      ],
      asked,
    );
    const [choice] = answer['choices'] as readonly JsonObject[];
    const message = choice?.['message'] as JsonObject | undefined;
    assert.deepEqual(message?.['annotations'], [
      {
        type: 'url_citation',
        url_citation: { start_index: 10, end_index: 14, title: 'A', url: 'https://t.example/a' },
      },
    ]);
  });
});
