import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { readUpstreamFailure } from './upstream-failure.ts';

interface Shape {
  readonly server: string;
  readonly status: number;
  readonly body: unknown;
  readonly code: string;
  readonly sentence?: string;
}

/** Error bodies as servers that speak Chat Completions send them. */
const shapes: readonly Shape[] = [
  {
    server: 'mistral',
    status: 422,
    body: {
      object: 'error',
      message: {
        detail: [{ type: 'extra_forbidden', loc: ['body', 'seed'], msg: 'Extra inputs are not permitted' }],
      },
      type: 'invalid_request_error',
    },
    code: 'upstream_rejected_input',
    sentence: 'body.seed: Extra inputs are not permitted',
  },
  {
    server: 'vllm',
    status: 400,
    body: {
      object: 'error',
      message: 'System message must be at the beginning.',
      type: 'BadRequestError',
      code: 400,
    },
    code: 'upstream_rejected_input',
    sentence: 'System message must be at the beginning.',
  },
  {
    server: 'a FastAPI server',
    status: 422,
    body: { detail: [{ loc: ['body', 'messages', 0, 'role'], msg: 'value is not valid' }] },
    code: 'upstream_rejected_input',
    sentence: 'body.messages.0.role: value is not valid',
  },
  {
    server: 'cerebras',
    status: 400,
    body: { message: 'Unsupported.', type: 'invalid_request_error', param: 'x', code: 'wrong_api_format' },
    code: 'upstream_rejected_input',
    sentence: 'Unsupported.',
  },
  {
    server: 'xai',
    status: 400,
    body: { code: 'Client specified an invalid argument', error: 'Argument not supported: stop' },
    code: 'upstream_rejected_input',
    sentence: 'Argument not supported: stop',
  },
  {
    server: 'zhipu',
    status: 400,
    body: { error: { code: '1210', message: 'tool_choice only supports auto' } },
    code: 'upstream_rejected_input',
    sentence: 'tool_choice only supports auto',
  },
  { server: 'ollama', status: 404, body: { error: 'model "x" not found' }, code: 'upstream_model_missing' },
  {
    server: 'openrouter',
    status: 429,
    body: {
      error: { message: 'Provider returned error', code: 429, metadata: { raw: 'rate-limited upstream' } },
    },
    code: 'upstream_rate_limited',
  },
  {
    server: 'deepseek',
    status: 402,
    body: {
      error: {
        message: 'Insufficient Balance',
        type: 'unknown_error',
        param: null,
        code: 'invalid_request_error',
      },
    },
    code: 'upstream_quota',
  },
  {
    server: 'groq',
    status: 503,
    body: { error: { message: 'over capacity', type: 'internal_server_error', code: 'over_capacity' } },
    code: 'upstream_overloaded',
  },
  {
    server: 'moonshot',
    status: 429,
    body: { error: { message: 'The engine is currently overloaded', type: 'engine_overloaded_error' } },
    code: 'upstream_overloaded',
  },
];

suite('errors of compatible servers', () => {
  for (const { server, status, body, code, sentence } of shapes) {
    test(`${server}: ${status} is ${code}`, () => {
      const { error } = readUpstreamFailure(status, [], Buffer.from(JSON.stringify(body)));
      assert.equal(error.code, code);
      if (sentence !== undefined) assert.equal(error.details.upstreamSentence, sentence);
    });
  }
});
