import { RelayError } from '../domain/errors.ts';
import type { UpstreamAccountId } from '../domain/ids.ts';
import type { Envelope, KeptItem, Splice } from '../protocols/wire-protocol.ts';
import type { RoutingTable } from '../routing/routing-table.ts';
import type { Connection } from './connection.ts';
import { upstreamItemId, type KeptIds } from './kept-ids.ts';

/** A request whose items have the ids that the upstream knows; `keeperId` has those that it cannot do without. */
interface ReferredItems {
  readonly envelope: Envelope;
  readonly keeperId?: UpstreamAccountId;
}

/** Part of stage 3: finds the account that keeps the items a request refers to. Throws `previous_response_not_found`. */
export function referItems(
  envelope: Envelope,
  keptIds: KeptIds,
  table: RoutingTable<Connection>,
): ReferredItems {
  const { keptItems = [] } = envelope;
  if (keptItems.length === 0) return { envelope };
  const restored = {
    ...envelope,
    passthroughSplices: [...envelope.passthroughSplices, ...keptItems.map(restore)],
  };
  const needed = keptItems.filter(({ isNeeded }) => isNeeded).map(({ id }) => id);
  if (needed.length === 0) return { envelope: restored };
  const keeper = table
    .match(envelope.model)
    .find(({ account }) => needed.every((id) => keptIds.isItemOf(id, account.record.id)));
  if (keeper === undefined)
    throw new RelayError('previous_response_not_found', { param: 'input', message: gone });
  return { envelope: restored, keeperId: keeper.account.record.id };
}

const gone =
  'No single upstream account that serves this model keeps all the items that "input" refers to. Send the items themselves, and ask with "store": false.';

function restore({ id, span: [start, end] }: KeptItem): Splice {
  return { start, end, bytes: Buffer.from(upstreamItemId(id)) };
}
