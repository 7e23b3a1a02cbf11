import { errorCatalogue, type ErrorCode, type RelayError } from '../../domain/errors.ts';
import { clientSentence } from '../client-sentence.ts';
import type { WireAnswer } from '../wire-protocol.ts';

const statusWords: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  402: 'RESOURCE_EXHAUSTED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  500: 'INTERNAL',
  502: 'INTERNAL',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

/** `google.rpc.ErrorInfo` reasons that clients look for. */
const reasons: Partial<Record<ErrorCode, string>> = {
  missing_key: 'API_KEY_INVALID',
  unknown_key: 'API_KEY_INVALID',
  expired_key: 'API_KEY_EXPIRED',
  disabled_key: 'API_KEY_INVALID',
};

export function encodeGeminiError(error: RelayError): WireAnswer {
  return {
    status: statusOf(error.code),
    contentType: 'application/json; charset=UTF-8',
    body: Buffer.from(JSON.stringify(errorBody(error))),
  };
}

/** The stream ends with it: there is no end mark in this protocol. */
export function encodeGeminiStreamError(error: RelayError): Buffer {
  return Buffer.from(`data: ${JSON.stringify(errorBody(error))}\r\n\r\n`);
}

/** The last element of a streamed array, which it closes. */
export function encodeGeminiArrayError(error: RelayError, hasElements: boolean): Buffer {
  return Buffer.from(`${hasElements ? ',\n' : '['}${JSON.stringify(errorBody(error))}\n]`);
}

/** The provider knows one status for everything that is wrong with a request's form. */
function statusOf(code: ErrorCode): number {
  const { status } = errorCatalogue[code];
  return status === 413 || status === 415 ? 400 : status;
}

function errorBody(error: RelayError): object {
  const status = statusOf(error.code);
  const details = detailsOf(error);
  return {
    error: {
      code: status,
      message: clientSentence(error),
      status: statusWords[status] ?? (status >= 500 ? 'INTERNAL' : 'INVALID_ARGUMENT'),
      ...(details.length === 0 ? {} : { details }),
    },
  };
}

function detailsOf(error: RelayError): object[] {
  const details: object[] = [];
  const reason = reasons[error.code];
  if (reason !== undefined) details.push({ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason });
  const { retryAfterMs } = error.details;
  if (retryAfterMs !== undefined && errorCatalogue[error.code].retryable) {
    const retryDelay = `${Math.ceil(retryAfterMs / 1000)}s`;
    details.push({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay });
  }
  return details;
}
