import { errorCatalogue, type RelayError } from '../domain/errors.ts';
import type { CallId } from '../domain/ids.ts';
import type { RateLimits } from '../domain/rate-limits.ts';
import type { ClientSink } from '../platform/client-sink.ts';
import type { WireProtocol } from '../protocols/wire-protocol.ts';

/** Headers that every answer of a call carries, whatever the protocol calls its request id. */
export function callHeaders(callId: CallId): string[] {
  return ['x-relay-call-id', callId, 'request-id', callId, 'x-request-id', callId];
}

/** Headers that tell clients of every protocol when, and whether, to try again. */
function retryHeaders(error: RelayError): string[] {
  const headers: string[] = [];
  const { retryAfterMs } = error.details;
  if (retryAfterMs !== undefined) {
    headers.push(
      'retry-after',
      String(Math.ceil(retryAfterMs / 1_000)),
      'retry-after-ms',
      String(Math.ceil(retryAfterMs)),
    );
  }
  if (!errorCatalogue[error.code].retryable) headers.push('x-should-retry', 'false');
  return headers;
}

/** Our own limits of the caller, as clients of its protocol read them. */
export function limitHeaders(protocol: WireProtocol, limits: RateLimits | undefined): readonly string[] {
  return limits === undefined ? [] : (protocol.limitHeaders?.(limits) ?? []);
}

/** Answers an error in the client's own protocol; a client that is gone is told nothing. */
export function answerError(
  sink: ClientSink,
  protocol: WireProtocol,
  failure: { error: RelayError; callId: CallId },
): void {
  if (sink.isClosed) return;
  const answer = protocol.encodeError(failure.error, failure.callId);
  const headers = [
    'content-type',
    answer.contentType,
    ...callHeaders(failure.callId),
    ...retryHeaders(failure.error),
    ...limitHeaders(protocol, failure.error.details.limits),
  ];
  sink.sendWhole(answer.status, headers, answer.body);
}
