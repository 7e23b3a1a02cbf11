import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findDataRoute } from './addresses.ts';
import { completeBody } from './complete-body.ts';

const project = 'projects/acme/locations/europe-west4';

test("a cloud's Gemini address means what Google's own does, with a project and without", () => {
  for (const path of [
    `/v1beta1/${project}/publishers/google/models/gemini-2.5-flash:streamGenerateContent`,
    '/v1beta1/publishers/google/models/gemini-2.5-flash:streamGenerateContent',
  ]) {
    assert.deepEqual(findDataRoute(path, 'alt=sse'), {
      protocol: 'gemini',
      target: {
        operation: 'generate',
        stream: true,
        model: 'gemini-2.5-flash',
        apiVersion: 'v1beta1',
        verb: 'streamGenerateContent',
        isCloudAddress: true,
        query: 'alt=sse',
      },
    });
  }
  const counting = findDataRoute(`/v1/${project}/publishers/google/models/a:countTokens`, '');
  assert.equal(counting?.target.operation, 'count-tokens');
});

test("a cloud's Claude address gives the body its model and its way of answering", () => {
  const path = (verb: string): string =>
    `/v1/${project}/publishers/anthropic/models/claude-sonnet-4-5%4020250929:${verb}`;
  const unary = findDataRoute(path('rawPredict'), '');
  assert.equal(unary?.protocol, 'anthropic-messages');
  assert.deepEqual(unary?.bodyFields, { model: 'claude-sonnet-4-5-20250929' });
  const stream = findDataRoute(path('streamRawPredict').slice(3), '');
  assert.deepEqual(stream?.bodyFields, { model: 'claude-sonnet-4-5-20250929', stream: true });
  const count = findDataRoute(`/v1/${project}/publishers/anthropic/models/count-tokens:rawPredict`, '');
  assert.deepEqual([count?.target.operation, count?.bodyFields], ['count-tokens', {}]);
});

test('a deployment stands for the model, and the plain Azure addresses are known', () => {
  const query = 'api-version=2025-04-01-preview';
  const route = findDataRoute('/openai/deployments/my-gpt/chat/completions', query);
  assert.equal(route?.protocol, 'openai-chat');
  assert.deepEqual(route?.bodyFields, { model: 'my-gpt' });
  assert.equal(findDataRoute('/openai/responses', query)?.protocol, 'openai-responses');
  assert.equal(findDataRoute('/openai/v1/responses', '')?.protocol, 'openai-responses');
});

test('addresses that only look so are not data routes', () => {
  for (const path of [
    '/v1/publishers/constructor/models/a:rawPredict',
    '/v1/publishers/google/models/a:constructor',
    '/v1/publishers/anthropic/models/a:generateContent',
    `/v1/${project}/publishers/anthropic/models/%ff:rawPredict`,
    '/v1/models/a:constructor',
    '/openai/deployments/a/nothing',
  ]) {
    assert.equal(findDataRoute(path, ''), undefined, path);
  }
});

test('a body takes what its address says, and its version becomes a header unless it is the first', () => {
  const complete = (text: string, fields: object): unknown => {
    const { body, version } = completeBody(Buffer.from(text), fields);
    return [body.toString(), version];
  };
  assert.deepEqual(
    complete('{"anthropic_version":"vertex-2023-10-16","max_tokens":5}', { model: 'm', stream: true }),
    ['{"model":"m","stream":true,"max_tokens":5}', undefined],
  );
  assert.deepEqual(complete('{"max_tokens":5,"anthropic_version":"2026-10-21"}', { model: 'm' }), [
    '{"model":"m","max_tokens":5}',
    '2026-10-21',
  ]);
  assert.deepEqual(complete('{"model":"other"}', { model: 'm' }), ['{"model":"m"}', undefined]);
  assert.deepEqual(complete('no JSON', { model: 'm' }), ['no JSON', undefined]);
});
