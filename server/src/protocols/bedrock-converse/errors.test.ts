import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ErrorCode } from '../../domain/errors.ts';
import { readRuntimeFailure } from './errors.ts';

type Case = readonly [status: number, type: string, message: string, code: ErrorCode];

const cases: readonly Case[] = [
  [
    429,
    'ThrottlingException',
    'Too many requests, please wait before trying again.',
    'upstream_rate_limited',
  ],
  [429, 'ThrottlingException', 'Too many tokens per day, please wait before trying again.', 'upstream_quota'],
  [429, 'ModelNotReadyException', 'The model is not ready.', 'upstream_overloaded'],
  [400, 'ServiceQuotaExceededException', 'Your request exceeds the quota.', 'upstream_quota'],
  [
    403,
    'UnrecognizedClientException',
    'The security token included in the request is invalid.',
    'upstream_auth',
  ],
  [403, 'InvalidSignatureException', 'The request signature we calculated does not match.', 'upstream_auth'],
  [403, 'ExpiredTokenException', 'The security token included in the request is expired', 'upstream_auth'],
  [
    403,
    'AccessDeniedException',
    "You don't have access to the model with the specified model ID.",
    'upstream_model_missing',
  ],
  [
    403,
    'AccessDeniedException',
    'User: arn:aws:iam::123:user/a is not authorized to perform: bedrock:InvokeModel',
    'upstream_auth',
  ],
  [404, 'ResourceNotFoundException', 'Could not find the model.', 'upstream_model_missing'],
  [400, 'ValidationException', 'The provided model identifier is invalid.', 'upstream_model_missing'],
  [
    400,
    'ValidationException',
    'Invocation of model ID x with on-demand throughput isn’t supported.',
    'upstream_model_missing',
  ],
  [400, 'ValidationException', 'Input is too long for requested model.', 'context_too_long'],
  [400, 'ValidationException', 'messages: roles must alternate', 'upstream_rejected_input'],
  [408, 'ModelTimeoutException', 'Model processing took too long.', 'upstream_timeout'],
  [424, 'ModelErrorException', 'The model failed.', 'upstream_failed'],
  [500, 'InternalServerException', 'Try again.', 'upstream_failed'],
  [503, 'ServiceUnavailableException', 'Bedrock is unable to process your request.', 'upstream_overloaded'],
];

for (const [status, type, message, code] of cases) {
  test(`${status} ${type} "${message.slice(0, 40)}" is ${code}`, () => {
    const headers = ['x-amzn-errortype', `${type}:http://internal.amazon.com/coral/com.amazon.bedrock/`];
    const { error, body } = readRuntimeFailure(status, headers, Buffer.from(JSON.stringify({ message })));
    assert.equal(error.code, code);
    assert.equal(error.details.upstreamStatus, status);
    assert.equal(body, undefined);
  });
}

test('the exception may stand in the body alone, and without a name the status and the sentence count', () => {
  const named = Buffer.from(
    '{"__type":"com.amazon.coral.service#ExpiredTokenException","message":"expired"}',
  );
  assert.equal(readRuntimeFailure(400, [], named).error.code, 'upstream_auth');
  const bare = Buffer.from('{"message":"The provided model identifier is invalid."}');
  assert.equal(readRuntimeFailure(400, [], bare).error.code, 'upstream_model_missing');
  assert.equal(readRuntimeFailure(502, [], Buffer.from('<html>')).error.code, 'upstream_failed');
});

test('the sentence reaches the caller only where its own input was refused', () => {
  const told = (message: string): string | undefined =>
    readRuntimeFailure(
      400,
      ['x-amzn-errortype', 'ValidationException'],
      Buffer.from(JSON.stringify({ message })),
    ).error.details.upstreamSentence;
  assert.equal(told('Input is too long for requested model.'), 'Input is too long for requested model.');
  assert.equal(told('The provided model identifier is invalid.'), undefined);
});
