import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RelayError, type ErrorCode } from '../domain/errors.ts';
import type { ClientProtocolId } from './canonical/request.ts';
import { protocolRegistry } from './registry.ts';
import { readUpstreamFailure } from './upstream-failure.ts';

const read = (status: number, body: unknown, headers: string[] = []) =>
  readUpstreamFailure(status, headers, Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));
const openai = (code: unknown, message = 'x', type = 'invalid_request_error') => ({
  error: { message, type, param: null, code },
});
const anthropic = (type: string, message = 'x', details?: object) => ({
  type: 'error',
  error: { type, message, details },
});
const google = (code: number, status: string, details: object[] = [], message = 'x') => ({
  error: { code, status, message, details },
});

const cases: readonly (readonly [number, unknown, ErrorCode])[] = [
  [401, openai('invalid_api_key'), 'upstream_auth'],
  [403, anthropic('permission_error'), 'upstream_auth'],
  [400, google(400, 'INVALID_ARGUMENT', [{ reason: 'API_KEY_INVALID' }]), 'upstream_auth'],
  [429, openai('insufficient_quota'), 'upstream_quota'],
  [402, anthropic('billing_error'), 'upstream_quota'],
  [400, anthropic('invalid_request_error', 'Your credit balance is too low.'), 'upstream_quota'],
  [429, anthropic('rate_limit_error', 'x', { error_code: 'contract_spend_limit_reached' }), 'upstream_quota'],
  [
    429,
    google(429, 'RESOURCE_EXHAUSTED', [{ violations: [{ quotaId: 'RequestsPerDayPerModel' }] }]),
    'upstream_quota',
  ],
  [
    429,
    google(429, 'RESOURCE_EXHAUSTED', [], 'You exceeded your current quota, please check your plan'),
    'upstream_rate_limited',
  ],
  [
    413,
    openai('rate_limit_exceeded', 'Request too large for the limit of tokens per minute', 'tokens'),
    'upstream_rate_limited',
  ],
  [529, anthropic('overloaded_error'), 'upstream_overloaded'],
  [503, openai('slow_down'), 'upstream_overloaded'],
  [500, openai(null, 'x', 'server_error'), 'upstream_failed'],
  [504, google(504, 'DEADLINE_EXCEEDED'), 'upstream_timeout'],
  [400, openai('context_length_exceeded'), 'context_too_long'],
  [
    400,
    anthropic('invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum'),
    'context_too_long',
  ],
  [404, openai('model_not_found'), 'upstream_model_missing'],
  [400, openai('model_not_found'), 'upstream_model_missing'],
  [
    404,
    google(404, 'NOT_FOUND', [], 'models/x is not found for API version v1beta'),
    'upstream_model_missing',
  ],
  [404, openai(null, 'Previous response with id resp_1 not found.'), 'upstream_rejected_input'],
  [
    400,
    { error: { code: 'content_filter', innererror: { code: 'ResponsibleAIPolicyViolation' } } },
    'upstream_refused_content',
  ],
  [422, { detail: 'field required' }, 'upstream_rejected_input'],
  [400, { error: 'just a sentence' }, 'upstream_rejected_input'],
  [400, [google(400, 'INVALID_ARGUMENT')], 'upstream_rejected_input'],
  [200, { error: { code: 503, message: 'x' } }, 'upstream_overloaded'],
  [502, '<html><body>Bad gateway</body></html>', 'upstream_failed'],
  [302, '', 'upstream_protocol'],
];

for (const [status, body, code] of cases) {
  test(`${status} ${JSON.stringify(body).slice(0, 70)} is ${code}`, () => {
    assert.equal(read(status, body).error.code, code);
  });
}

test('rejected input carries the upstream sentence and body, with keys masked and nothing in the message', () => {
  const failure = read(
    400,
    openai(null, 'Bad field. Key sk-proj-abcdef123456 and AIzaSyA1234567890 by Bearer abc.def.ghi'),
  );
  assert.equal(failure.error.message, 'The upstream did not accept the request.');
  const sentence = 'Bad field. Key [hidden] and [hidden] by [hidden]';
  assert.equal(failure.error.details.upstreamSentence, sentence);
  assert.ok(failure.body?.includes(sentence));
  const shown = protocolRegistry['openai-chat'].encodeError(failure.error, 'qzc_1').body.toString();
  assert.ok(shown.includes('The upstream did not accept the request. Bad field.'));
});

test("the operator's own troubles carry nothing of the upstream's words", () => {
  const failure = read(401, openai('invalid_api_key', 'Incorrect API key provided: sk-operator-123456'));
  assert.equal(failure.body, undefined);
  assert.equal(failure.error.details.upstreamSentence, undefined);
  for (const protocol of Object.values(protocolRegistry)) {
    const answer = protocol.encodeError(failure.error, 'qzc_1');
    assert.equal(answer.status, 503);
    assert.ok(!answer.body.includes('Incorrect'));
  }
});

test('the wait is the latest that headers and body name', () => {
  const limited = (headers: string[], body: unknown = {}) =>
    read(429, body, headers).error.details.retryAfterMs;
  assert.equal(limited(['retry-after', '7']), 7000);
  assert.equal(limited(['retry-after', '1', 'retry-after-ms', '1500']), 1500);
  assert.equal(limited(['x-ratelimit-remaining-tokens', '0', 'x-ratelimit-reset-tokens', '6m0.5s']), 360_500);
  assert.equal(
    limited(['x-ratelimit-remaining-requests', '3', 'x-ratelimit-reset-requests', '1h']),
    undefined,
  );
  const date = 'Sun, 22 Nov 2026 10:00:00 GMT';
  assert.equal(
    limited([
      'date',
      date,
      'anthropic-ratelimit-tokens-remaining',
      '0',
      'anthropic-ratelimit-tokens-reset',
      '2026-11-22T10:00:30Z',
    ]),
    30_000,
  );
  assert.equal(limited(['date', date, 'retry-after', 'Sun, 22 Nov 2026 10:01:00 GMT']), 60_000);
  assert.equal(
    limited(['retry-after', '2'], google(429, 'RESOURCE_EXHAUSTED', [{ retryDelay: '34s' }])),
    34_000,
  );
});

/** A field of an answer's JSON, by its path. */
function field(text: string | Buffer, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (inner as Readonly<Record<string | number, unknown>>)[key],
    JSON.parse(text.toString()),
  );
}

test('every protocol says an error in its own shape', () => {
  const say = (id: ClientProtocolId, error: RelayError, ...path: (string | number)[]) =>
    field(protocolRegistry[id].encodeError(error, 'qzc_1').body, ...path);
  const claude = protocolRegistry['anthropic-messages'].encodeError(
    new RelayError('upstream_overloaded'),
    'qzc_1',
  );
  assert.equal(claude.status, 529);
  assert.equal(field(claude.body, 'type'), 'error');
  assert.equal(field(claude.body, 'error', 'type'), 'overloaded_error');
  assert.equal(field(claude.body, 'request_id'), 'qzc_1');
  const tooLong = say('anthropic-messages', new RelayError('context_too_long'), 'error', 'message');
  assert.match(String(tooLong), /^prompt is too long/);
  assert.equal(say('openai-responses', new RelayError('unknown_key'), 'error', 'code'), 'invalid_api_key');
  assert.equal(
    say('openai-chat', new RelayError('insufficient_balance'), 'error', 'code'),
    'insufficient_quota',
  );
  assert.equal(say('gemini', new RelayError('model_not_found'), 'error', 'status'), 'NOT_FOUND');
  const limited = new RelayError('request_rate_limited', { retryAfterMs: 2500 });
  assert.equal(say('gemini', limited, 'error', 'details', 0, 'retryDelay'), '3s');
});

test('a stream that fails on our side ends as its protocol ends, in the numbering of that very stream', () => {
  const error = new RelayError('hold_exhausted');
  const end = (id: ClientProtocolId) => protocolRegistry[id].encodeStreamError(error, 'qzc_1').toString();
  assert.match(end('openai-chat'), /^data: \{"error":.*\n\ndata: \[DONE\]\n\n$/s);
  assert.match(end('anthropic-messages'), /^event: error\ndata: \{"type":"error".*\n\n$/s);
  assert.match(end('gemini'), /^data: \{"error":.*\r\n\r\n$/s);
  const { 'openai-responses': responses } = protocolRegistry;
  const request = Buffer.from('{"model":"m","stream":true}');
  const pipe = responses.createPassthrough(responses.inspect(request, { operation: 'generate', query: '' }));
  const created = { type: 'response.created', sequence_number: 0, response: { id: 'resp_7', model: 'm' } };
  pipe.push(Buffer.from(`event: response.created\ndata: ${JSON.stringify(created)}\n\n`));
  const failed = pipe.encodeError?.(error, 'qzc_1').toString().split('data: ')[1] ?? '';
  assert.equal(field(failed, 'type'), 'response.failed');
  assert.equal(field(failed, 'sequence_number'), 1);
  assert.equal(field(failed, 'response', 'id'), 'resp_7');
});
