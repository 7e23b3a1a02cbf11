import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { bootRelay, type BootedRelay } from './boot-relay.ts';

/** Versions, betas and forms of streams that clients ask for, with models behind their own and other protocols. */
let relay: BootedRelay;

before(async () => {
  relay = await bootRelay({ env: { QINGZHOU_KEEP_ALIVE: '30ms' }, simulator: { pace: 120 } });
});
after(() => relay[Symbol.asyncDispose]());

function post(path: string, headers: Record<string, string>, body: object): Promise<Response> {
  return fetch(relay.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

const prompt = '[[say:one two]]';
const betas = 'interleaved-thinking-2025-05-14,context-management-2025-06-27';

suite('a client of Anthropic Messages', () => {
  for (const version of ['2023-06-01', '2026-10-21']) {
    for (const path of ['/v1/messages', '/v1/messages?beta=true']) {
      const headers = (): Record<string, string> => ({
        'x-api-key': relay.key,
        'anthropic-version': version,
        'anthropic-beta': betas,
      });
      const body = (model: string): object => ({
        model,
        max_tokens: 100,
        messages: [{ role: 'user', content: prompt }],
      });

      test(`at ${path} of ${version} reaches its own upstream with version and betas`, async () => {
        const response = await post(path, headers(), body('claude-sonnet-4-5'));
        assert.equal(response.status, 200);
        const sent = relay.simulator.requests.at(-1)?.headers ?? {};
        assert.deepEqual([sent['anthropic-version'], sent['anthropic-beta']], [version, betas]);
      });

      test(`at ${path} of ${version} is answered by another upstream, which hears of neither`, async () => {
        for (const model of ['gpt-4.1-mini', 'gemini-2.5-flash']) {
          const response = await post(path, headers(), body(model));
          const message = (await response.json()) as { type?: string; content?: { text?: string }[] };
          assert.deepEqual([message.type, message.content?.[0]?.text], ['message', 'one two']);
          const sent = Object.keys(relay.simulator.requests.at(-1)?.headers ?? {});
          assert.deepEqual(
            sent.filter((name) => name.startsWith('anthropic-')),
            [],
          );
        }
      });
    }
  }
});

suite('a Gemini client of a model behind another protocol', () => {
  for (const version of ['v1', 'v1beta', 'v1alpha']) {
    test(`is answered at ${version}: whole, as events and as one array`, async () => {
      const address = `/${version}/models/gpt-4.1-mini`;
      const headers = { 'x-goog-api-key': relay.key };
      const body = { contents: [{ role: 'user', parts: [{ text: prompt }] }] };
      const textOf = (
        chunks: readonly { candidates?: { content?: { parts?: { text?: string }[] } }[] }[],
      ): string => chunks.map((chunk) => chunk.candidates?.[0]?.content?.parts?.[0]?.text ?? '').join('');
      const whole = await post(`${address}:generateContent`, headers, body);
      assert.equal(textOf([(await whole.json()) as object]), 'one two');
      const array = await post(`${address}:streamGenerateContent`, headers, body);
      const listed = await array.text();
      assert.equal(textOf(JSON.parse(listed) as object[]), 'one two');
      const events = await (await post(`${address}:streamGenerateContent?alt=sse`, headers, body)).text();
      const chunks = [...events.matchAll(/^data: (.*)\r$/gm)].map(
        ([, data]) => JSON.parse(data ?? '') as object,
      );
      assert.equal(textOf(chunks), 'one two');
      assert.ok(!events.includes('[DONE]') && !events.includes('event:'));
    });
  }
});

suite('while a translated stream is silent', () => {
  test('every client hears what it skips, after the first event alone', async () => {
    const ask = { stream: true, messages: [{ role: 'user', content: '[[say:one two three]]' }] };
    const key = { authorization: `Bearer ${relay.key}` };
    const messages = await post('/v1/messages', key, { model: 'gpt-4.1-mini', max_tokens: 100, ...ask });
    const said = await messages.text();
    assert.match(said, /^event: message_start\n/);
    assert.match(said, /event: ping\ndata: \{"type": "ping"\}\n\n/);
    const completions = await post('/v1/chat/completions', key, { model: 'claude-sonnet-4-5', ...ask });
    const chunks = await completions.text();
    assert.match(chunks, /^data: /);
    assert.match(chunks, /\n\n: keep-alive\n\n/);
    const responses = await post('/v1/responses', key, {
      model: 'claude-sonnet-4-5',
      stream: true,
      input: '[[say:one two three]]',
    });
    assert.match(await responses.text(), /\n\n: keep-alive\n\nevent: /);
    const contents = [{ parts: [{ text: '[[say:one two three]]' }] }];
    const gemini = await post('/v1beta/models/gpt-4.1-mini:streamGenerateContent?alt=sse', key, { contents });
    assert.match(await gemini.text(), /\r\n\r\n: keep-alive\n\ndata: /);
  });
});
