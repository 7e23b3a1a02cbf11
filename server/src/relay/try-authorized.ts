import { RelayError } from '../domain/errors.ts';
import type { UpstreamRequest } from '../platform/upstream-client.ts';
import type { Authorizer } from '../upstreams/upstream-kind.ts';
import type { CallCandidate } from './connection.ts';
import type { PreparableCall, Prepared } from './prepare.ts';
import {
  AttemptFailure,
  tryCandidate,
  type CommittedAnswer,
  type TryDeps,
  type TryScope,
} from './try-candidate.ts';

const unauthorized = 401;

interface Context {
  readonly deps: TryDeps;
  readonly scope: TryScope;
}

interface Try {
  readonly call: PreparableCall;
  readonly candidate: CallCandidate;
  readonly prepared: Prepared;
}

/**
 * One try with what the account's authorizer adds to the request. A token may end before its time (the clock is off, an
 * operator revoked it): refused once, it is renewed and the request sent again, and the account is none the worse for it.
 */
export function tryAuthorized(
  call: PreparableCall,
  candidate: CallCandidate,
  prepared: Prepared,
  context: Context,
): Promise<CommittedAnswer> {
  const { authorizer } = candidate.account.connection;
  return authorizer === undefined
    ? tryCandidate(call, candidate, prepared, context)
    : tryWith(authorizer, { call, candidate, prepared }, context);
}

async function tryWith(
  authorizer: Authorizer,
  { call, candidate, prepared }: Try,
  context: Context,
): Promise<CommittedAnswer> {
  const headers = await headersOf(authorizer, prepared.request);
  const request = withHeaders(prepared.request, headers);
  try {
    return await tryCandidate(call, candidate, { ...prepared, request }, context);
  } catch (cause) {
    const isRefused = cause instanceof AttemptFailure && cause.upstreamStatus === unauthorized;
    if (!isRefused || authorizer.renew === undefined) throw cause;
    authorizer.renew(headers);
    const again = withHeaders(prepared.request, await headersOf(authorizer, prepared.request));
    return tryCandidate(call, candidate, { ...prepared, request: again }, context);
  }
}

/** What is wrong with a credential is told to its operator by `account test`; the caller learns only of what kind it is. */
async function headersOf(authorizer: Authorizer, request: UpstreamRequest): Promise<readonly string[]> {
  try {
    return await authorizer.headersFor(request);
  } catch (cause) {
    throw cause instanceof RelayError ? new RelayError(cause.code, {}, cause) : cause;
  }
}

function withHeaders(request: UpstreamRequest, headers: readonly string[]): UpstreamRequest {
  return { ...request, headers: [...request.headers, ...headers] };
}
