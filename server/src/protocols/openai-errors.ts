import { errorCatalogue, type ErrorCode, type RelayError } from '../domain/errors.ts';
import { clientSentence } from './client-sentence.ts';
import type { WireAnswer } from './wire-protocol.ts';

/** The words OpenAI's clients know for our errors; the rest keeps our own code beside a type made from the status. */
const codes: Partial<Record<ErrorCode, string>> = {
  missing_key: 'invalid_api_key',
  unknown_key: 'invalid_api_key',
  expired_key: 'invalid_api_key',
  disabled_key: 'invalid_api_key',
  context_too_long: 'context_length_exceeded',
  model_not_found: 'model_not_found',
  upstream_model_missing: 'model_not_found',
  insufficient_balance: 'insufficient_quota',
  budget_exceeded: 'insufficient_quota',
  hold_exhausted: 'insufficient_quota',
  request_rate_limited: 'rate_limit_exceeded',
  token_rate_limited: 'rate_limit_exceeded',
  concurrency_limited: 'rate_limit_exceeded',
  upstream_rate_limited: 'rate_limit_exceeded',
  upstream_refused_content: 'content_filter',
  upstream_overloaded: 'overloaded',
};

function typeOf(status: number): string {
  if (status === 402) return 'insufficient_quota';
  if (status === 403) return 'permission_error';
  if (status === 429) return 'rate_limit_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}

export interface OpenAiErrorBody {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string;
}

export function openAiError(error: RelayError): OpenAiErrorBody {
  return {
    message: clientSentence(error),
    type: typeOf(errorCatalogue[error.code].status),
    param: error.details.param ?? null,
    code: codes[error.code] ?? error.code,
  };
}

export function encodeOpenAiError(error: RelayError): WireAnswer {
  return {
    status: errorCatalogue[error.code].status,
    contentType: 'application/json',
    body: Buffer.from(JSON.stringify({ error: openAiError(error) })),
  };
}

/** Chat Completions and Completions: a data line with `error`, then the end mark every client waits for. */
export function encodeOpenAiStreamError(error: RelayError): Buffer {
  return Buffer.from(`data: ${JSON.stringify({ error: openAiError(error) })}\n\ndata: [DONE]\n\n`);
}
