import type { CallResponse, UsageResponse } from '@qingzhou/contract';
import type { CallReceipt } from '../control/find-call.ts';
import type { UsageReport } from '../control/usage-report.ts';
import { formatUsd } from '../domain/money.ts';
import { promptTokens, type Usage } from '../domain/usage.ts';
import type { AttoUsd } from '../ledger/charge.ts';
import type { UsageQuery } from '../ledger/ledger-store.ts';

/** Wire shape of one call. Names of the operator's accounts stay inside. */
export function callBody(receipt: CallReceipt): CallResponse {
  const call = receipt.record;
  return {
    object: 'call',
    id: call.callId,
    started_at: new Date(call.startedAt).toISOString(),
    duration_ms: call.durationMs,
    first_byte_ms: call.firstByteMs ?? null,
    protocol: call.protocol,
    operation: call.operation,
    model: call.offeredModel,
    served_model: call.servedModel ?? null,
    stream: call.isStream,
    outcome: call.outcome,
    status: call.status,
    error_code: call.errorCode ?? null,
    usage: usageFields(call.usage),
    usage_source: call.usageSource,
    flags: [...call.flags],
    price_version: call.priceVersionId ?? null,
    attempts: call.attempts.map((attempt) => ({
      started_at: new Date(attempt.startedAt).toISOString(),
      duration_ms: attempt.durationMs,
      upstream_model: attempt.upstreamModel,
      result: attempt.result,
      upstream_status: attempt.upstreamStatus ?? null,
    })),
    lines: linesOf(receipt),
    charge_usd: formatUsd(call.charge),
    charge_nano_usd: call.charge.toString(),
  };
}

/** Price lines whose amounts add up exactly to the charge; what policy or wallet took off has a line of its own. */
function linesOf({ lines, notCharged }: CallReceipt): CallResponse['lines'] {
  const body = lines.map((line) => ({
    class: line.item as string,
    quantity: line.quantity,
    unit_price_usd: formatUsd(line.unitPrice),
    multiplier: line.perMille / 1_000,
    amount_usd: formatAtto(line.amount),
  }));
  if (notCharged === 0n) return body;
  const rest = {
    class: 'not-charged',
    quantity: 1,
    unit_price_usd: '0',
    multiplier: 1,
    amount_usd: formatAtto(notCharged),
  };
  return [...body, rest];
}

const attoPlaces = 18;

/** Exact decimal USD of 10^-18 USD. */
function formatAtto(amount: AttoUsd): string {
  const sign = amount < 0n ? '-' : '';
  const digits = (amount < 0n ? 0n - amount : amount).toString().padStart(attoPlaces + 1, '0');
  const fraction = digits.slice(-attoPlaces).replace(/0+$/, '');
  const whole = digits.slice(0, -attoPlaces);
  return fraction === '' ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
}

function usageFields(usage: Usage): CallResponse['usage'] {
  return {
    input_tokens: usage.input,
    cache_read_tokens: usage.cacheRead,
    cache_write_5m_tokens: usage.cacheWrite5m,
    cache_write_30m_tokens: usage.cacheWrite30m,
    cache_write_1h_tokens: usage.cacheWrite1h,
    cache_write_12h_tokens: usage.cacheWrite12h,
    prompt_tokens: promptTokens(usage),
    output_tokens: usage.output,
    reasoning_tokens: usage.reasoning,
    audio_input_tokens: usage.audioInput,
    audio_output_tokens: usage.audioOutput,
    image_input_tokens: usage.imageInput,
    image_output_tokens: usage.imageOutput,
    web_searches: usage.webSearches,
    service_tier: usage.serviceTier ?? null,
  };
}

/** Wire shape of usage sums. */
export function usageBody(
  report: UsageReport,
  query: { from: number; to: number; groupBy: UsageQuery['groupBy'] },
): UsageResponse {
  return {
    object: 'usage',
    from: new Date(query.from).toISOString(),
    to: new Date(query.to).toISOString(),
    group_by: query.groupBy,
    data: report.rows.map((row) => ({ group: row.group, ...sumFields(row) })),
    total: sumFields(report.total),
  };
}

function sumFields(row: UsageReport['total']): UsageResponse['total'] {
  return {
    calls: row.calls,
    prompt_tokens: row.promptTokens,
    cache_read_tokens: row.cacheReadTokens,
    output_tokens: row.outputTokens,
    charge_usd: formatUsd(row.charge),
    charge_nano_usd: row.charge.toString(),
  };
}
