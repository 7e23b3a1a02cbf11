import { chargeCall } from './call-charge.ts';
import type { CallRecord } from './call-record.ts';
import type { CallResult } from './call-charge.ts';
import type { Hold } from './hold.ts';
import type { LedgerStore } from './ledger-store.ts';
import type { PriceBook } from './price-book.ts';
import type { SettlementPolicy } from './settlement-policy.ts';

/** What happened to a settlement the store refused. */
export interface SettlementTrouble {
  readonly callId: CallRecord['callId'];
  /** `delayed`: kept and tried again; `written`: it got through; `lost`: there was no room left to keep it. */
  readonly kind: 'delayed' | 'written' | 'lost';
  readonly waiting: number;
  readonly cause?: unknown;
}

export interface SettlerDeps {
  readonly store: Pick<LedgerStore, 'settle'>;
  readonly prices: PriceBook;
  readonly policy: SettlementPolicy;
  readonly onTrouble: (trouble: SettlementTrouble) => void;
  /** How many refused settlements are kept in memory. */
  readonly keepAtMost?: number;
  readonly retryEveryMs?: number;
}

interface Kept {
  readonly record: CallRecord;
  readonly hold: Hold | undefined;
}

/** State shared by all settlements of a process: those on their way, and those the store refused. */
export interface Settler extends SettlerDeps {
  readonly kept: Map<CallRecord['callId'], Kept>;
  timer: NodeJS.Timeout | undefined;
}

export function createSettler(deps: SettlerDeps): Settler {
  return { ...deps, kept: new Map(), timer: undefined };
}

const defaultKeepAtMost = 10_000;
const defaultRetryEveryMs = 1_000;

/**
 * Closes a call: prices it, books it durably, gives the rest of the hold back. Never rejects: a store that fails must not
 * cost the client its answer, so the record is kept, its charge stays reserved, and it is tried again. A call that was
 * refused before its hold passes `undefined`.
 */
export function settle(settler: Settler, hold: Hold | undefined, result: CallResult): Promise<CallRecord> {
  if (hold === undefined) return close(settler, undefined, result);
  // Kept on the hold, so that settling twice gives the same record and one booking.
  hold.closing ??= close(settler, hold, result);
  return hold.closing;
}

async function close(settler: Settler, hold: Hold | undefined, result: CallResult): Promise<CallRecord> {
  const record = cover(hold, chargeCall(settler.prices, settler.policy, result));
  try {
    await settler.store.settle(record);
    hold?.confirm();
  } catch (cause) {
    keep(settler, { record, hold }, cause);
  }
  return record;
}

/** The wallet is never overdrawn: what neither the hold nor the rest of the wallet covers, the operator bears. */
function cover(hold: Hold | undefined, record: CallRecord): CallRecord {
  if (hold === undefined) return record;
  const covered = hold.settleAt(record.charge);
  if (covered === record.charge) return record;
  return { ...record, charge: covered, flags: [...record.flags, 'charge-capped'] };
}

function keep(settler: Settler, kept: Kept, cause: unknown): void {
  const { callId } = kept.record;
  const isFull = settler.kept.size >= (settler.keepAtMost ?? defaultKeepAtMost);
  if (!isFull) settler.kept.set(callId, kept);
  settler.onTrouble({ callId, kind: isFull ? 'lost' : 'delayed', waiting: settler.kept.size, cause });
  schedule(settler);
}

function schedule(settler: Settler): void {
  if (settler.timer !== undefined || settler.kept.size === 0) return;
  settler.timer = setTimeout(() => {
    settler.timer = undefined;
    void retryKept(settler);
  }, settler.retryEveryMs ?? defaultRetryEveryMs);
  settler.timer.unref();
}

/** Tries everything kept once more. Returns how many still wait; the process must not exit in silence on more than 0. */
export async function retryKept(settler: Settler): Promise<number> {
  clearTimeout(settler.timer);
  settler.timer = undefined;
  await Promise.all([...settler.kept.values()].map((kept) => retryOne(settler, kept)));
  schedule(settler);
  return settler.kept.size;
}

async function retryOne(settler: Settler, { record, hold }: Kept): Promise<void> {
  const { callId } = record;
  try {
    await settler.store.settle(record);
  } catch {
    return;
  }
  if (!settler.kept.delete(callId)) return;
  hold?.confirm();
  settler.onTrouble({ callId, kind: 'written', waiting: settler.kept.size });
}
