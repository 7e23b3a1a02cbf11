import { RelayError } from '../domain/errors.ts';
import type { EpochMs } from '../domain/time.ts';
import type { AccountHealth } from './health.ts';
import type { ModelMatch, RoutableAccount, RoutingTable } from './routing-table.ts';

/** An upstream account and upstream model allowed for this call. */
export interface Candidate<Connection, Ability> {
  readonly account: RoutableAccount<Connection>;
  readonly upstreamModel: string;
  /** How this account can serve the call (protocol, mode, price), as `abilityOf` found it. */
  readonly ability: Ability;
  /** Not before this time; past or `0` is now. */
  readonly availableAt: EpochMs;
}

export interface Plan<Connection, Ability> {
  /** Never empty, best first. */
  readonly candidates: readonly Candidate<Connection, Ability>[];
}

export interface PlanRequest<Connection, Ability> {
  readonly offeredModel: string;
  readonly now: EpochMs;
  /** Cooling accounts are kept as last resort when they return within this time. */
  readonly waitLimitMs: number;
  /** What the account can do for this call: an ability, or why not. */
  abilityOf(match: ModelMatch<Connection>): Ability | 'unable' | 'unpriced';
}

/**
 * Orders the accounts that may serve a call. Throws `model_not_found`, `unsupported_feature`, `model_price_unknown`, or
 * `no_candidate` with the soonest return.
 */
export function plan<Connection, Ability extends object>(
  table: RoutingTable<Connection>,
  health: AccountHealth,
  request: PlanRequest<Connection, Ability>,
): Plan<Connection, Ability> {
  const matches = table.match(request.offeredModel);
  if (matches.length === 0) throw modelNotFound(request.offeredModel, table);
  const able: Candidate<Connection, Ability>[] = [];
  let hasUnpriced = false;
  for (const match of matches) {
    const ability = request.abilityOf(match);
    if (ability === 'unpriced') hasUnpriced = true;
    else if (ability !== 'unable') {
      const availableAt = health.availableAt(match.account.record.id, match.upstreamModel);
      able.push({ account: match.account, upstreamModel: match.upstreamModel, ability, availableAt });
    }
  }
  if (able.length === 0) throw noAbleAccount(request.offeredModel, hasUnpriced);
  const usable = able.filter((candidate) => candidate.availableAt <= request.now + request.waitLimitMs);
  if (usable.length === 0) {
    const isOff = able.every(({ account, upstreamModel }) =>
      health.isModelOff(account.record.id, upstreamModel, request.now),
    );
    throw isOff ? modelNotFound(request.offeredModel, table) : allCooling(able, request.now);
  }
  usable.sort((left, right) => compare(left, right, { health, now: request.now }));
  return { candidates: usable };
}

/** Ready accounts first, then priority, then the least busy. */
function compare<Connection, Ability>(
  left: Candidate<Connection, Ability>,
  right: Candidate<Connection, Ability>,
  context: { health: AccountHealth; now: EpochMs },
): number {
  const leftWait = Math.max(0, left.availableAt - context.now);
  const rightWait = Math.max(0, right.availableAt - context.now);
  if (leftWait !== rightWait) return leftWait - rightWait;
  const byPriority = left.account.record.priority - right.account.record.priority;
  if (byPriority !== 0) return byPriority;
  return context.health.inFlight(left.account.record.id) - context.health.inFlight(right.account.record.id);
}

function modelNotFound<Connection>(model: string, table: RoutingTable<Connection>): RelayError {
  const message =
    table.accounts.length === 0
      ? 'No upstream account is connected yet. The operator adds one with "npm run qz -- account add".'
      : `No upstream account offers the model "${printable(model)}". GET /v1/models lists those on offer.`;
  return new RelayError('model_not_found', { message, param: 'model' });
}

function noAbleAccount(model: string, hasUnpriced: boolean): RelayError {
  if (hasUnpriced) {
    return new RelayError('model_price_unknown', {
      message: `The price book has no price for "${printable(model)}". The operator can add one or mark the account's unknown models as free.`,
    });
  }
  return new RelayError('unsupported_feature', {
    message: `"${printable(model)}" cannot be reached through this endpoint: no account that offers it speaks this operation.`,
    param: 'model',
  });
}

function allCooling<Connection, Ability>(
  able: readonly Candidate<Connection, Ability>[],
  now: EpochMs,
): RelayError {
  const soonest = Math.min(...able.map((candidate) => candidate.availableAt));
  if (!Number.isFinite(soonest)) {
    return new RelayError('no_candidate', {
      message: 'Every upstream account for this model is out of service until the operator mends it.',
    });
  }
  return new RelayError('no_candidate', { retryAfterMs: soonest - now });
}

/** Model names come from callers; only a bounded, printable form may stand in a message. */
function printable(model: string): string {
  return model.replace(/[^\w.:/@-]/g, '?').slice(0, 100);
}
