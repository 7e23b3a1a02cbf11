import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RelayError } from '../domain/errors.ts';
import { applySplices } from '../platform/json-scan.ts';
import type { ClientProtocolId } from './canonical/request.ts';
import { protocolRegistry } from './registry.ts';
import type { Envelope, RequestTarget } from './wire-protocol.ts';

function inspect(id: ClientProtocolId, body: unknown, target: Partial<RequestTarget> = {}): Envelope {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return protocolRegistry[id].inspect(bytes, { operation: 'generate', query: '', ...target });
}
const refusal = (code: string) => (error: unknown) => error instanceof RelayError && error.code === code;
const messages = [{ role: 'user', content: 'Hello' }];

test('the model span holds the model, quotes included', () => {
  const text = '{"stream":true, "mod\\u0065l" : "gpt-5",\n"messages":[]}';
  const [start, end] = inspect('openai-chat', text).modelSpan ?? [0, 0];
  assert.equal(text.slice(start, end), '"gpt-5"');
});

test('a body that says its model or stream flag twice is refused', () => {
  assert.throws(() => inspect('openai-chat', '{"model":"a","model":"b"}'), refusal('malformed_body'));
  assert.throws(
    () => inspect('anthropic-messages', '{"model":"a","stream":true,"stre\\u0061m":false}'),
    refusal('malformed_body'),
  );
});

test('bodies without a usable model are refused with the field named', () => {
  for (const body of ['{}', '{"model":""}', '{"model":7}', '{"model":null}']) {
    assert.throws(
      () => inspect('openai-responses', body),
      (error) => refusal('invalid_request')(error) && (error as RelayError).details.param === 'model',
    );
  }
  assert.throws(() => inspect('openai-chat', '{"model":"a"'), /ends too early at byte 12/);
  assert.throws(() => inspect('openai-chat', '{"model":"a","stream":"yes"}'), refusal('invalid_request'));
});

test('a chat stream that did not ask for usage gets the question spliced in, and only that', () => {
  const cases = [
    ['{"model":"m","stream":true}', '{"model":"m","stream_options":{"include_usage":true},"stream":true}'],
    [
      '{"model":"m","stream":true,"stream_options":null}',
      '{"model":"m","stream":true,"stream_options":{"include_usage":true}}',
    ],
    [
      '{"stream_options": { "a":1 },"model":"m","stream":true}',
      '{"stream_options": {"include_usage":true, "a":1 },"model":"m","stream":true}',
    ],
    [
      '{"stream_options":{},"model":"m","stream":true}',
      '{"stream_options":{"include_usage":true},"model":"m","stream":true}',
    ],
    [
      '{"model":"m","stream":true,"stream_options":{"include_usage":false}}',
      '{"model":"m","stream":true,"stream_options":{"include_usage":true}}',
    ],
    ['{"model":"m","stream":true,"stream_options":{"include_usage":true}}', undefined],
    ['{"model":"m","stream":false}', undefined],
  ] as const;
  for (const [body, expected] of cases) {
    const { passthroughSplices } = inspect('openai-chat', body);
    const sent = Buffer.concat(applySplices(Buffer.from(body), passthroughSplices)).toString();
    assert.equal(sent, expected ?? body);
    JSON.parse(sent);
  }
});

test('limits, choices, hints and features are read from each wire', () => {
  const chat = inspect('openai-chat', {
    model: 'm',
    messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://x/y.png' } }] }],
    max_completion_tokens: 100,
    max_tokens: 7,
    n: 3,
    tools: [{ type: 'function', function: { name: 'f' } }],
    response_format: { type: 'json_schema', json_schema: {} },
    reasoning_effort: 'low',
    prompt_cache_key: 'session-1',
  });
  assert.deepEqual([chat.maxOutputTokens, chat.choices, chat.sessionHint], [100, 3, 'session-1']);
  assert.deepEqual([...chat.features].sort(), ['image', 'reasoning', 'schema', 'tools']);

  const claude = inspect('anthropic-messages', {
    model: 'm',
    max_tokens: 64,
    messages: [
      { role: 'user', content: [{ type: 'document', source: { type: 'url', url: 'https://x/y.pdf' } }] },
    ],
    metadata: { user_id: JSON.stringify({ device_id: 'd', session_id: 's-9' }) },
    thinking: { type: 'adaptive' },
  });
  assert.deepEqual([claude.maxOutputTokens, claude.sessionHint, claude.stream], [64, 's-9', false]);
  assert.deepEqual([...claude.features].sort(), ['document', 'reasoning']);

  const google = inspect(
    'gemini',
    {
      contents: [{ parts: [{ inlineData: { mimeType: 'audio/wav', data: 'x' } }] }],
      generationConfig: {
        maxOutputTokens: 50,
        candidateCount: 2,
        thinkingConfig: {},
        responseSchema: { properties: { maxOutputTokens: {} } },
      },
    },
    { model: 'gemini-x', stream: true, query: 'alt=sse' },
  );
  assert.deepEqual([google.model, google.maxOutputTokens, google.choices], ['gemini-x', 50, 2]);
  assert.deepEqual([...google.features].sort(), ['audio', 'reasoning', 'schema']);
  assert.equal(google.streamForm, undefined);
});

test('a Gemini stream without alt=sse is written as a JSON array, keep-alives included', () => {
  const envelope = inspect('gemini', { contents: [] }, { model: 'g', stream: true });
  assert.match(envelope.streamForm?.streamContentType ?? '', /application\/json/);
  JSON.parse(`[{},${envelope.streamForm?.keepAlive.toString()}{}]`);
});

test('every place where a Gemini embedding repeats its model is told', () => {
  const text = JSON.stringify({
    requests: [
      { model: 'models/e', content: {} },
      { content: { model: 'x' }, model: 'models/e' },
    ],
  });
  const { modelEchoes = [] } = inspect('gemini', text, { operation: 'embed', model: 'e' });
  assert.deepEqual(
    modelEchoes.map(([start, end]) => text.slice(start, end)),
    ['"models/e"', '"models/e"'],
  );
});

test('an inline picture costs by its kind and not by its bytes; the same text elsewhere costs as text', () => {
  const data = `/9j/${'A'.repeat(300_000)}`;
  const image = { type: 'image', source: { type: 'base64', media_type: 'image/jpeg', data } };
  const asImage = inspect('anthropic-messages', {
    model: 'm',
    messages: [{ role: 'user', content: [image] }],
  });
  assert.ok(asImage.inputEstimate < 4000, String(asImage.inputEstimate));
  const asText = inspect('anthropic-messages', { model: 'm', messages: [{ role: 'user', content: data }] });
  assert.ok(asText.inputEstimate > 100_000);
  const plain = { type: 'document', source: { type: 'text', media_type: 'text/plain', data } };
  const asPlain = inspect('anthropic-messages', {
    model: 'm',
    messages: [{ role: 'user', content: [plain] }],
  });
  assert.ok(asPlain.inputEstimate > 100_000);
});

test('the estimate is above what tokenizers make of prose and of Chinese', () => {
  const prose = inspect('openai-chat', {
    model: 'm',
    messages: [{ role: 'user', content: 'word '.repeat(1000) }],
  });
  assert.ok(prose.inputEstimate >= 1000 && prose.inputEstimate < 3000);
  const chinese = inspect('openai-chat', {
    model: 'm',
    messages: [{ role: 'user', content: '轻舟已过万重山'.repeat(100) }],
  });
  assert.ok(chinese.inputEstimate >= 1400);
  assert.ok(
    inspect('openai-embeddings', { model: 'm', input: [1, 2, 3, 4] }, { operation: 'embed' }).inputEstimate >=
      4,
  );
  assert.ok(
    inspect('openai-completions', { model: 'm', prompt: 'Once', messages }, { operation: 'complete' })
      .inputEstimate > 4,
  );
});
