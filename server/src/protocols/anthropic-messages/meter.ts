import { asList, asShape, asText, textBytes, type Shape } from '../json-shape.ts';
import type { MeteredUsage } from '../stream-rules.ts';
import { tokenCounts, usageOf, type TokenCounts } from '../token-counts.ts';
import { freeReading, readUnaryBody } from '../unary-reading.ts';
import type { Envelope, UnaryReading } from '../wire-protocol.ts';

/**
 * Usage as Anthropic reports it: input without cache reads and writes, output with thinking. In a stream the start and
 * the end each report; a later value replaces an earlier one field by field and is never added to it.
 */
export function anthropicUsage(report: Shape): MeteredUsage {
  const counts = tokenCounts();
  const total = counts.of(report, 'cache_creation_input_tokens');
  const split = asShape(report['cache_creation']);
  const cacheWrite1h = counts.of(split, 'ephemeral_1h_input_tokens');
  // Without a split all writes are of the default lifetime.
  const cacheWrite5m = counts.of(split, 'ephemeral_5m_input_tokens') || Math.max(0, total - cacheWrite1h);
  const tier = report['speed'] === 'fast' ? 'fast' : asText(report['service_tier']);
  const apart = compactionUsage(counts, report);
  const usage = usageOf({
    input: counts.of(report, 'input_tokens') + apart.input,
    cacheRead: counts.of(report, 'cache_read_input_tokens') + apart.cacheRead,
    cacheWrite5m: cacheWrite5m + apart.cacheWrite,
    cacheWrite1h,
    output: counts.of(report, 'output_tokens') + apart.output,
    reasoning: counts.of(asShape(report['output_tokens_details']), 'thinking_tokens'),
    webSearches: counts.of(asShape(report['server_tool_use']), 'web_search_requests'),
    ...(tier === undefined ? {} : { serviceTier: tier }),
  });
  return { usage, anomalies: counts.anomalies };
}

/** Compactions run on the same model and are billed, yet stand only among the iterations, not in the totals. */
function compactionUsage(
  counts: TokenCounts,
  report: Shape,
): { input: number; output: number; cacheRead: number; cacheWrite: number } {
  const sum = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
  for (const item of asList(report['iterations'])) {
    const iteration = asShape(item);
    if (iteration?.['type'] !== 'compaction') continue;
    sum.input += counts.of(iteration, 'input_tokens');
    sum.output += counts.of(iteration, 'output_tokens');
    sum.cacheRead += counts.of(iteration, 'cache_read_input_tokens');
    sum.cacheWrite += counts.of(iteration, 'cache_creation_input_tokens');
  }
  // Advisors run on other models, at other prices: not in this usage, but not silently either.
  const isForeign = asList(report['iterations']).some(
    (item) => asText(asShape(item)?.['model']) !== undefined,
  );
  if (isForeign) counts.anomalies.push('other-model');
  return sum;
}

/** Later fields over earlier ones; null and absent leave what was known. Also within the nested objects. */
export function mergeReports(before: Shape, after: Shape): Shape {
  const merged: Record<string, unknown> = { ...before };
  for (const [key, value] of Object.entries(after)) {
    if (value === null || value === undefined) continue;
    const inner = asShape(value);
    const known = asShape(before[key]);
    merged[key] = inner !== undefined && known !== undefined ? mergeReports(known, inner) : value;
  }
  return merged;
}

export const blockLabels: ReadonlySet<string> = new Set([
  'type',
  'id',
  'tool_use_id',
  'signature',
  'caller',
  'encrypted_content',
  'encrypted_index',
  'citations',
]);

/** Ends an answer may have without any content. */
export function isEmptyStop(stopReason: unknown): boolean {
  return (
    typeof stopReason === 'string' &&
    !['end_turn', 'max_tokens', 'stop_sequence', 'tool_use'].includes(stopReason)
  );
}

export function readMessagesUnary(body: Buffer, envelope: Envelope): UnaryReading {
  if (envelope.operation === 'count-tokens') return readCount(body, envelope);
  return readUnaryBody(body, envelope, (answer) => {
    const content = answer['content'];
    if (answer['type'] === 'error' || !Array.isArray(content)) return undefined;
    const report = asShape(answer['usage']);
    return {
      metered: report === undefined ? undefined : anthropicUsage(report),
      contentBytes: () => textBytes(content, blockLabels),
      isEmptyByIntent: isEmptyStop(answer['stop_reason']) || envelope.maxOutputTokens === 0,
      servedModel: asText(answer['model']),
    };
  });
}

function readCount(body: Buffer, envelope: Envelope): UnaryReading {
  const reading = readUnaryBody(body, envelope, (answer) =>
    typeof answer['input_tokens'] === 'number'
      ? { metered: undefined, contentBytes: () => 1, isEmptyByIntent: true, servedModel: undefined }
      : undefined,
  );
  return { ...reading, reading: freeReading };
}
