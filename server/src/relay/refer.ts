import { RelayError } from '../domain/errors.ts';
import type { UpstreamAccountId } from '../domain/ids.ts';
import type { Envelope, KeptReference } from '../protocols/wire-protocol.ts';
import type { RoutingTable } from '../routing/routing-table.ts';
import type { Connection } from './connection.ts';
import type { KeptIds, KeptPlace } from './kept-ids.ts';
import { referItems } from './refer-items.ts';

/** A request whose reference to what one account keeps is resolved; `kept` is where that is. */
export interface Referred {
  readonly envelope: Envelope;
  readonly kept?: KeptPlace;
  /** The one account that can serve the call. */
  readonly keeperId?: UpstreamAccountId;
}

/**
 * Part of stage 3: opens the id of what an account keeps, which says the account and the model. Throws
 * `response_not_found`, `previous_response_not_found`.
 */
export function refer(envelope: Envelope, keptIds: KeptIds, table: RoutingTable<Connection>): Referred {
  const { kept: reference } = envelope;
  if (reference === undefined) return referItems(envelope, keptIds, table);
  const place = keptIds.open(reference.id);
  if (place === undefined) throw notFound(reference, unknownId(reference));
  const model = envelope.model === '' ? place.model : envelope.model;
  const isServed = table.match(model).some(({ account }) => account.record.id === place.accountId);
  if (!isServed) throw notFound(reference, accountGone);
  const referred = referItems({ ...envelope, model }, keptIds, table);
  if (referred.keeperId !== undefined && referred.keeperId !== place.accountId) {
    throw notFound(reference, accountGone);
  }
  return { envelope: referred.envelope, kept: place, keeperId: place.accountId };
}

const accountGone =
  'The upstream account that keeps this response no longer serves its model here. Send the whole conversation instead.';

function unknownId({ param }: KeptReference): string {
  if (param === 'conversation') {
    return 'Conversations are kept by a provider for its own callers, not by this relay. Send the whole conversation in "input".';
  }
  return 'No response of this id was given to this organization to keep. Only models whose provider speaks Responses keep them, and only without "store": false. Send the whole conversation in "input".';
}

function notFound({ param, span }: KeptReference, message: string): RelayError {
  const isContinued = span !== undefined || param === 'conversation';
  return new RelayError(isContinued ? 'previous_response_not_found' : 'response_not_found', {
    param,
    message,
  });
}
