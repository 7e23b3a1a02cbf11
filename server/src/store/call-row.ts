import { noUsage } from '../domain/usage.ts';
import { toNanoUsd } from '../domain/money.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { CallId, OrganizationId, RelayKeyId, UpstreamAccountId } from '../domain/ids.ts';
import type { Usage } from '../domain/usage.ts';
import type { AttemptRecord, CallOutcome, CallRecord } from '../ledger/call-record.ts';
import type { CallKind } from './call-kinds.ts';

/** What SQLite and a structured clone both take as it is. */
export type Cell = string | number | bigint | null;

/** A cell on its way to the worker, which writes the number of a kind in its place. */
export type SentCell = Cell | CallKind;

/**
 * Order of `callColumns` is the order of cells in an encoded call; both threads rely on it. The id is numbered by the
 * worker; until then its cell is 0.
 */
export const callColumns = [
  'id',
  'call_id',
  'organization_id',
  'kind_id',
  'started_at',
  'duration_ms',
  'first_byte_ms',
  'attempts',
  'input_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'output_tokens',
  'usage_detail',
  'charge',
  'cost',
] as const;
export const callWidth = callColumns.length;
export const kindCell = callColumns.indexOf('kind_id');
export const organizationCell = callColumns.indexOf('organization_id');
export const chargeCell = callColumns.indexOf('charge');
export const costCell = callColumns.indexOf('cost');

/** Far above any real amount, far below 2^63: sums of thousands of such lines still fit an SQLite integer. */
const largestAmount = 1n << 52n;

/** A number where it is exact (cheaper to hand over), else a bigint. Guards the 64-bit columns. */
function moneyCell(amount: NanoUsd): Cell {
  const size = amount < 0n ? 0n - amount : amount;
  if (size <= largestAmount) return Number(amount);
  if (size >= 1n << 62n) throw new RangeError('The amount is larger than the account book can hold.');
  return amount;
}

type AttemptCells = readonly [
  account: string,
  model: string,
  startedAt: number,
  durationMs: number,
  result: string,
  status: number | null,
  requestId: string | null,
  /** 0: none reported; 1: the same as the call's. */
  usage: 0 | 1 | Partial<Usage>,
  cost: number | string,
];

function isSameUsage(left: Usage, right: Usage): boolean {
  return left === right || JSON.stringify(compactUsage(left)) === JSON.stringify(compactUsage(right));
}

function compactUsage(usage: Usage): Partial<Usage> {
  return Object.fromEntries(Object.entries(usage).filter(([, count]) => count !== 0));
}

function encodeAttempt(attempt: AttemptRecord, callUsage: Usage): AttemptCells {
  const { usage } = attempt;
  const cost = moneyCell(attempt.cost);
  return [
    attempt.accountId,
    attempt.upstreamModel,
    attempt.startedAt,
    attempt.durationMs,
    attempt.result,
    attempt.upstreamStatus ?? null,
    attempt.upstreamRequestId ?? null,
    usage === undefined ? 0 : isSameUsage(usage, callUsage) ? 1 : compactUsage(usage),
    typeof cost === 'number' ? cost : String(cost),
  ];
}

/** The classes without a column of their own, as compact text; `null` when there is nothing. */
function encodeDetail(usage: Usage): string | null {
  const writes = usage.cacheWrite5m + usage.cacheWrite30m + usage.cacheWrite1h + usage.cacheWrite12h;
  const media = usage.audioInput + usage.audioOutput + usage.imageInput + usage.imageOutput;
  const rest = usage.reasoning + usage.webSearches + (usage.toolInput ?? 0);
  if (writes + media + rest === 0 && usage.serviceTier === undefined) return null;
  const { input: _input, cacheRead: _cacheRead, output: _output, ...detail } = usage;
  return JSON.stringify(detail, (_name, count: unknown) => (count === 0 ? undefined : count));
}

/** Appends the cells of one call to a flat list; on error the list is as it was. */
export function encodeCall<Kind extends SentCell>(
  record: CallRecord,
  kind: Kind,
  cells: (Cell | Kind)[],
): void {
  const { usage } = record;
  const charge = moneyCell(record.charge);
  const cost = moneyCell(record.cost);
  const attempts = JSON.stringify(record.attempts.map((attempt) => encodeAttempt(attempt, usage)));
  cells.push(
    0,
    record.callId,
    record.organizationId,
    kind,
    record.startedAt,
    record.durationMs,
    record.firstByteMs ?? null,
    attempts,
    usage.input,
    usage.cacheRead,
    usage.cacheWrite5m + usage.cacheWrite30m + usage.cacheWrite1h + usage.cacheWrite12h,
    usage.output,
    encodeDetail(usage),
    charge,
    cost,
  );
}

type Row = Readonly<Record<string, unknown>>;

const optionalText = <Name extends string>(name: Name, value: unknown): { [Key in Name]?: string } =>
  (typeof value === 'string' ? { [name]: value } : {}) as { [Key in Name]?: string };

function decodeAttempt(cells: AttemptCells, callUsage: Usage): AttemptRecord {
  const [accountId, upstreamModel, startedAt, durationMs, result, status, requestId, usage, cost] = cells;
  const reported = usage === 0 ? undefined : usage === 1 ? callUsage : { ...noUsage, ...usage };
  return {
    accountId: accountId as UpstreamAccountId,
    upstreamModel,
    startedAt,
    durationMs,
    result,
    ...(status === null ? {} : { upstreamStatus: status }),
    ...(requestId === null ? {} : { upstreamRequestId: requestId }),
    ...(reported === undefined ? {} : { usage: reported }),
    cost: toNanoUsd(BigInt(cost)),
  };
}

/** Reads a row of `whole_calls` that was selected with big integers. */
export function decodeCall(row: Row): CallRecord {
  const detail = (
    row['usage_detail'] === null ? {} : JSON.parse(row['usage_detail'] as string)
  ) as Partial<Usage>;
  const usage: Usage = {
    ...noUsage,
    ...detail,
    input: Number(row['input_tokens']),
    cacheRead: Number(row['cache_read_tokens']),
    output: Number(row['output_tokens']),
  };
  const attempts = JSON.parse(String(row['attempts'])) as readonly AttemptCells[];
  return {
    callId: row['call_id'] as CallId,
    organizationId: row['organization_id'] as OrganizationId,
    keyId: row['key_id'] as RelayKeyId,
    startedAt: Number(row['started_at']),
    durationMs: Number(row['duration_ms']),
    ...(row['first_byte_ms'] === null ? {} : { firstByteMs: Number(row['first_byte_ms']) }),
    protocol: String(row['protocol']),
    operation: String(row['operation']),
    offeredModel: String(row['offered_model']),
    ...optionalText('servedModel', row['served_model']),
    isStream: Number(row['is_stream']) === 1,
    outcome: row['outcome'] as CallOutcome,
    status: Number(row['status']),
    ...optionalText('errorCode', row['error_code']),
    attempts: attempts.map((cells) => decodeAttempt(cells, usage)),
    usage,
    usageSource: row['usage_source'] as CallRecord['usageSource'],
    flags: row['flags'] === null ? [] : (JSON.parse(row['flags'] as string) as string[]),
    ...optionalText('priceVersionId', row['price_version_id']),
    charge: toNanoUsd(row['charge'] as bigint),
    cost: toNanoUsd(row['cost'] as bigint),
  };
}
