import { errorCatalogue, type ErrorCode, type RelayError } from '../../domain/errors.ts';
import { clientSentence } from '../client-sentence.ts';
import type { WireAnswer } from '../wire-protocol.ts';

const types: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  409: 'conflict_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

/** What Anthropic's clients know as 529: wait, it is not your request. */
const overloads: ReadonlySet<ErrorCode> = new Set(['upstream_overloaded', 'overloaded', 'no_candidate']);

export function encodeMessagesError(error: RelayError, callId: string): WireAnswer {
  return {
    status: statusOf(error.code),
    contentType: 'application/json',
    body: Buffer.from(JSON.stringify(errorBody(error, callId))),
  };
}

export function encodeMessagesStreamError(error: RelayError, callId: string): Buffer {
  return Buffer.from(`event: error\ndata: ${JSON.stringify(errorBody(error, callId))}\n\n`);
}

function statusOf(code: ErrorCode): number {
  return overloads.has(code) ? 529 : errorCatalogue[code].status;
}

function errorBody(error: RelayError, callId: string): object {
  const status = statusOf(error.code);
  const type = types[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
  return { type: 'error', error: { type, message: messageOf(error) }, request_id: callId };
}

/** Claude Code compacts a conversation when it sees a message that begins so. */
function messageOf(error: RelayError): string {
  const sentence = clientSentence(error);
  return error.code === 'context_too_long' ? `prompt is too long: ${sentence}` : sentence;
}
