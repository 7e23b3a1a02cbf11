import type { PriceVersion } from '../domain/catalogue.ts';
import type { EpochMs } from '../domain/time.ts';
import type { ProtocolId } from '../protocols/canonical/request.ts';
import {
  clientHalfOf,
  type Envelope,
  type Operation,
  type UpstreamProtocol,
} from '../protocols/wire-protocol.ts';
import type { AccountHealth } from '../routing/health.ts';
import { plan, type Plan } from '../routing/plan.ts';
import type { ModelMatch, RoutingTable } from '../routing/routing-table.ts';
import type { Arrival } from './arrival.ts';
import type { Ability, Connection } from './connection.ts';
import type { Referred } from './refer.ts';

export interface PlanDeps {
  table(): RoutingTable<Connection>;
  readonly health: AccountHealth;
  readonly protocols: Readonly<Record<ProtocolId, UpstreamProtocol>>;
  readonly waitLimitMs: number;
  /** Price version in force for a model at a time. */
  priceOf(model: string, at: EpochMs): PriceVersion | undefined;
}

/** Stage 5: the accounts that can serve this call, and how each would: in the client's protocol, or translated. */
export function planFor(deps: PlanDeps, arrival: Arrival, referred: Referred): Plan<Connection, Ability> {
  const { envelope } = referred;
  return plan<Connection, Ability>(deps.table(), deps.health, {
    offeredModel: envelope.model,
    now: arrival.receivedAt,
    waitLimitMs: deps.waitLimitMs,
    abilityOf: (match) => abilityOf(deps, { arrival, ...referred }, match),
  });
}

function abilityOf(
  deps: PlanDeps,
  { arrival, envelope, keeperId }: Referred & { readonly arrival: Arrival },
  match: ModelMatch<Connection>,
): Ability | 'unable' | 'unpriced' {
  // What one account keeps no other can continue, and none in another protocol.
  if (keeperId !== undefined && keeperId !== match.account.record.id) return 'unable';
  const { kind, settings } = match.account.connection;
  const speaks = (operation: Operation): readonly ProtocolId[] =>
    kind.speaks(operation, match.upstreamModel, settings);
  const isSame =
    speaks(arrival.target.operation).includes(arrival.protocol.id) && envelope.isOutOfLine !== true;
  const way: Way | undefined = isSame
    ? { protocol: arrival.protocol, mode: 'passthrough' }
    : otherWay(deps, { arrival, envelope }, speaks);
  if (way === undefined || (keeperId !== undefined && !isSame)) return 'unable';
  const catalogueModel = catalogueModelOf(deps, { arrival, envelope }, match);
  const price = priceFor(deps, arrival, { match, catalogueModel });
  return price === undefined ? 'unpriced' : { ...way, catalogueModel, price };
}

/** The upstream's own name, unless it is one that the operator made up. */
function catalogueModelOf(
  deps: PlanDeps,
  { arrival, envelope }: { readonly arrival: Arrival; readonly envelope: Envelope },
  { account, upstreamModel }: ModelMatch<Connection>,
): string {
  const isMadeUp =
    account.connection.kind.hasOwnNames === true &&
    deps.priceOf(upstreamModel, arrival.receivedAt) === undefined;
  return isMadeUp ? envelope.model : upstreamModel;
}

type Way = Pick<Ability, 'protocol' | 'mode'>;

/** Generating, and counting before it, through another protocol; any other operation exists in its own alone. */
function otherWay(
  deps: PlanDeps,
  { arrival, envelope }: { readonly arrival: Arrival; readonly envelope: Envelope },
  speaks: (operation: Operation) => readonly ProtocolId[],
): Way | undefined {
  const client = clientHalfOf(arrival.protocol);
  if (client === undefined) return undefined;
  const { operation } = arrival.target;
  const translations = (asked: Operation): readonly UpstreamProtocol[] =>
    speaks(asked)
      .map((id) => deps.protocols[id])
      .filter((protocol) => protocol.translation !== undefined);
  if (operation === 'count-tokens') {
    if (client.count === undefined || speaks('generate').length === 0) return undefined;
    const counting = translations(operation).find((protocol) => protocol.translation?.count !== undefined);
    return counting === undefined
      ? { protocol: arrival.protocol, mode: 'estimate' }
      : { protocol: counting, mode: 'translation' };
  }
  if (!translatedOperations.has(operation)) return undefined;
  const spoken = translations('generate');
  // An upstream that speaks several protocols is spoken to in one that can do what is asked.
  const fitting = spoken.find(
    (protocol) => envelope.choices === 1 || protocol.translation?.takesChoices === true,
  );
  const protocol = fitting ?? spoken[0];
  return protocol === undefined ? undefined : { protocol, mode: 'translation' };
}

/** A conversation is compacted by a model of any protocol, which is asked to sum it up. */
const translatedOperations: ReadonlySet<Operation> = new Set(['generate', 'complete', 'compact']);
const freeOperations: ReadonlySet<Operation> = new Set(['count-tokens', 'stored']);

/** Counting tokens and seeing what is kept cost nothing anywhere; everything else needs a price or the operator's word that it is free. */
function priceFor(
  deps: PlanDeps,
  arrival: Arrival,
  { match, catalogueModel }: { readonly match: ModelMatch<Connection>; readonly catalogueModel: string },
): PriceVersion | 'free' | undefined {
  if (freeOperations.has(arrival.target.operation)) return 'free';
  const price = deps.priceOf(catalogueModel, arrival.receivedAt);
  if (price !== undefined) return price;
  return match.account.record.unpriced === 'free' ? 'free' : undefined;
}
