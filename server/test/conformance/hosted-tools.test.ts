import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { geminiTranslation } from '../../src/protocols/gemini/translation.ts';
import type { JsonObject } from '../../src/protocols/canonical/request.ts';
import { code, encode, names, requests, search } from './hosted-material.ts';
import { chat } from './translation-material.ts';

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
