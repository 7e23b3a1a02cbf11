import type { PriceVersion } from '../domain/catalogue.ts';
import type { EpochMs } from '../domain/time.ts';
import type { ProtocolId } from '../protocols/canonical/request.ts';
import type { Envelope, UpstreamProtocol } from '../protocols/wire-protocol.ts';
import type { AccountHealth } from '../routing/health.ts';
import { plan, type Plan } from '../routing/plan.ts';
import type { ModelMatch, RoutingTable } from '../routing/routing-table.ts';
import type { Arrival } from './arrival.ts';
import type { Ability, Connection } from './connection.ts';

export interface PlanDeps {
  table(): RoutingTable<Connection>;
  readonly health: AccountHealth;
  readonly protocols: Readonly<Record<ProtocolId, UpstreamProtocol>>;
  readonly waitLimitMs: number;
  /** Price version in force for a model at a time. */
  priceOf(model: string, at: EpochMs): PriceVersion | undefined;
}

/** Stage 5: the accounts that can serve this call, and how each would: in the client's protocol, or translated. */
export function planFor(deps: PlanDeps, arrival: Arrival, envelope: Envelope): Plan<Connection, Ability> {
  return plan<Connection, Ability>(deps.table(), deps.health, {
    offeredModel: envelope.model,
    now: arrival.receivedAt,
    waitLimitMs: deps.waitLimitMs,
    abilityOf: (match) => abilityOf(deps, { arrival, envelope }, match),
  });
}

function abilityOf(
  deps: PlanDeps,
  { arrival, envelope }: { readonly arrival: Arrival; readonly envelope: Envelope },
  match: ModelMatch<Connection>,
): Ability | 'unable' | 'unpriced' {
  const { operation } = arrival.target;
  const { kind, settings } = match.account.connection;
  const spoken = kind.speaks(operation, match.upstreamModel, settings);
  const isSame = spoken.includes(arrival.protocol.id) && envelope.isOutOfLine !== true;
  const protocol = isSame ? arrival.protocol : translatable(deps, arrival, spoken);
  if (protocol === undefined) return 'unable';
  const price = priceFor(deps, arrival, match);
  if (price === undefined) return 'unpriced';
  return { protocol, mode: isSame ? 'passthrough' : 'translation', price };
}

function translatable(
  deps: PlanDeps,
  arrival: Arrival,
  spoken: readonly ProtocolId[],
): UpstreamProtocol | undefined {
  if (arrival.target.operation !== 'generate' || arrival.protocol.translation === undefined) return undefined;
  return spoken.map((id) => deps.protocols[id]).find((protocol) => protocol.translation !== undefined);
}

/** Counting tokens costs nothing anywhere; everything else needs a price or the operator's word that it is free. */
function priceFor(
  deps: PlanDeps,
  arrival: Arrival,
  match: ModelMatch<Connection>,
): PriceVersion | 'free' | undefined {
  if (arrival.target.operation === 'count-tokens') return 'free';
  const price = deps.priceOf(match.upstreamModel, arrival.receivedAt);
  if (price !== undefined) return price;
  return match.account.record.unpriced === 'free' ? 'free' : undefined;
}
