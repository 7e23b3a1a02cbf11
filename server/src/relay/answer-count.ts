import { errorCatalogue, type ErrorCode } from '../domain/errors.ts';
import { estimatePrompt } from '../protocols/canonical/estimate-prompt.ts';
import { clientHalfOf } from '../protocols/wire-protocol.ts';
import { attempt, type AttemptDeps, type AttemptOutcome, type AttemptScope } from './attempt.ts';
import type { CallCandidate } from './connection.ts';
import type { PreparableCall } from './prepare.ts';

/** The upstream did not count: nobody asked it, or it could not. */
const estimatedWarning = 'count_estimated';

interface Context {
  readonly deps: AttemptDeps;
  readonly scope: AttemptScope;
}

type Counting = NonNullable<NonNullable<ReturnType<typeof clientHalfOf>>['count']>;

/**
 * Stage 7. Callers may ask for the tokens of a request to any model. Where the upstream counts, it is asked; where none
 * does, or all fail, the relay estimates and says so. Every other call is attempted and nothing more.
 */
export function attemptOrCount(
  call: PreparableCall,
  candidates: readonly CallCandidate[],
  context: Context,
): Promise<AttemptOutcome> {
  const count = clientHalfOf(call.arrival.protocol)?.count;
  return call.envelope.operation !== 'count-tokens' || count === undefined
    ? attempt(call, candidates, context)
    : countOrEstimate(call, candidates, { ...context, count });
}

async function countOrEstimate(
  call: PreparableCall,
  candidates: readonly CallCandidate[],
  { count, ...context }: Context & { readonly count: Counting },
): Promise<AttemptOutcome> {
  const counting = candidates.filter(({ ability }) => ability.mode !== 'estimate');
  const outcome = counting.length === 0 ? undefined : await attempt(call, counting, context);
  if (outcome !== undefined && (outcome.type !== 'failed' || isFinal(outcome.error.code))) return outcome;
  const told = count.encodeCount(estimatePrompt(call.canonical()));
  return {
    type: 'answered',
    answer: { status: 200, contentType: 'application/json', body: Buffer.from(JSON.stringify(told)) },
    warnings: [estimatedWarning],
    traces: outcome?.traces ?? [],
  };
}

/** Failures that an estimate would only hide: the request itself is at fault, or nobody is there to be told. */
function isFinal(code: ErrorCode): boolean {
  if (code === 'unsupported_feature') return false;
  return errorCatalogue[code].disposition === 'stop';
}
