import { RelayError } from '../domain/errors.ts';
import { attoOf, chargeOf } from '../ledger/charge.ts';
import type { CallId, OrganizationId } from '../domain/ids.ts';
import type { CallRecord } from '../ledger/call-record.ts';
import type { AttoUsd, ChargeLine } from '../ledger/charge.ts';
import type { LedgerStore } from '../ledger/ledger-store.ts';
import type { PriceBook } from '../ledger/price-book.ts';

interface FindCallDeps {
  readonly store: Pick<LedgerStore, 'findCall'>;
  readonly prices: Pick<PriceBook, 'byId'>;
}

/** A call with the lines of its charge. */
export interface CallReceipt {
  readonly record: CallRecord;
  readonly lines: readonly ChargeLine[];
  /** What the policy or an empty wallet took off the lines; zero or negative. */
  readonly notCharged: AttoUsd;
}

/** Finds a call of the organization. Lines and `notCharged` together are the charge, exactly. Throws `call_not_found`. */
export async function findCall(
  deps: FindCallDeps,
  organizationId: OrganizationId,
  callId: CallId,
): Promise<CallReceipt> {
  const record = await deps.store.findCall(organizationId, callId);
  if (record === undefined) throw new RelayError('call_not_found');
  return receiptOf(deps.prices, record);
}

/** The lines of a booked call, from its usage and the price version it was charged at. */
export function receiptOf(prices: Pick<PriceBook, 'byId'>, record: CallRecord): CallReceipt {
  const version = record.priceVersionId === undefined ? undefined : prices.byId(record.priceVersionId);
  if (version === undefined) return { record, lines: [], notCharged: 0n };
  const { lines } = chargeOf(record.usage, version, record.startedAt);
  const listed = lines.reduce((sum, line) => sum + line.amount, 0n);
  return { record, lines, notCharged: attoOf(record.charge) - listed };
}
