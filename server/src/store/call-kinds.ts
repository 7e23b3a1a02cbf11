import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { CallRecord } from '../ledger/call-record.ts';
import type { Cell } from './call-row.ts';

/**
 * What many calls have in common is written once, as a kind, and their rows name it by number: a quarter less on the disk,
 * and a third less of the work of writing a call.
 */
export const kindColumns = [
  'key_id',
  'protocol',
  'operation',
  'offered_model',
  'served_model',
  'is_stream',
  'outcome',
  'status',
  'error_code',
  'usage_source',
  'flags',
  'price_version_id',
] as const;

/** Cells in the order of `kindColumns`. */
export type CallKind = readonly Cell[];

/** Memory is bounded; what is forgotten is found again in the table. */
const mostKinds = 4_096;
const mostKindsOfKey = 16;

interface KnownKind {
  readonly record: CallRecord;
  readonly cells: CallKind;
}

/**
 * Gives calls of one kind the very same cells, so that a message to the worker holds them once: a structured clone keeps
 * what is shared. Lives on the main thread.
 */
export class CallKinds {
  readonly #ofKey = new Map<CallRecord['keyId'], KnownKind[]>();
  #count = 0;

  of(record: CallRecord): CallKind {
    const known = this.#ofKey.get(record.keyId);
    if (known !== undefined) {
      for (const kind of known) if (isSameKind(kind.record, record)) return kind.cells;
    }
    return this.#learn(record, known);
  }

  #learn(record: CallRecord, known: KnownKind[] | undefined): CallKind {
    if (this.#count >= mostKinds) {
      this.#ofKey.clear();
      this.#count = 0;
    }
    const kind = { record, cells: kindOf(record) };
    const others = this.#ofKey.has(record.keyId) ? (known ?? []) : [];
    if (others.length < mostKindsOfKey) this.#count += 1;
    else others.shift();
    others.push(kind);
    this.#ofKey.set(record.keyId, others);
    return kind.cells;
  }
}

function isSameKind(left: CallRecord, right: CallRecord): boolean {
  return (
    left.offeredModel === right.offeredModel &&
    left.isStream === right.isStream &&
    left.status === right.status &&
    left.outcome === right.outcome &&
    left.usageSource === right.usageSource &&
    left.operation === right.operation &&
    left.protocol === right.protocol &&
    left.priceVersionId === right.priceVersionId &&
    left.servedModel === right.servedModel &&
    left.errorCode === right.errorCode &&
    areSameFlags(left.flags, right.flags)
  );
}

function areSameFlags(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((flag, index) => flag === right[index]);
}

export function kindOf(record: CallRecord): CallKind {
  return [
    record.keyId,
    record.protocol,
    record.operation,
    record.offeredModel,
    record.servedModel ?? null,
    record.isStream ? 1 : 0,
    record.outcome,
    record.status,
    record.errorCode ?? null,
    record.usageSource,
    record.flags.length === 0 ? null : JSON.stringify(record.flags),
    record.priceVersionId ?? null,
  ];
}

/** The table of kinds, on the thread that owns the connection. */
export class KindRows {
  readonly #find: StatementSync;
  readonly #insert: StatementSync;
  readonly #ids = new Map<string, number>();

  constructor(db: DatabaseSync) {
    const isSame = kindColumns.map((column) => `${column} IS ?`).join(' AND ');
    this.#find = db.prepare(`SELECT id FROM call_kinds WHERE ${isSame}`);
    this.#insert = db.prepare(
      `INSERT INTO call_kinds (${kindColumns.join(', ')}) VALUES (${kindColumns.map(() => '?').join(', ')})`,
    );
  }

  /** The row of a kind, which is written where there is none. Not within a transaction: one that fails would take it along. */
  idOf(kind: CallKind): number {
    const name = JSON.stringify(kind);
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    const row = this.#find.get(...kind);
    const id = Number(row === undefined ? this.#insert.run(...kind).lastInsertRowid : row['id']);
    if (this.#ids.size >= mostKinds) this.#ids.clear();
    this.#ids.set(name, id);
    return id;
  }
}
