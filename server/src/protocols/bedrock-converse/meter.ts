import { asList, asShape, asText, type Shape } from '../json-shape.ts';
import type { MeteredUsage } from '../stream-rules.ts';
import { tokenCounts, usageOf } from '../token-counts.ts';

/**
 * Usage as Converse reports it: input without cache reads and writes, writes also by their lifetime. It does not tell
 * reasoning apart. Each number stands twice under slightly different names; one is read.
 */
export function converseUsage(report: Shape, serviceTier: unknown): MeteredUsage {
  const counts = tokenCounts();
  const total = counts.of(report, 'cacheWriteInputTokens') || counts.of(report, 'cacheWriteInputTokenCount');
  let cacheWrite1h = 0;
  for (const item of asList(report['cacheDetails'])) {
    const detail = asShape(item);
    if (detail?.['ttl'] === '1h') cacheWrite1h += counts.of(detail, 'inputTokens');
  }
  const tier = asText(asShape(serviceTier)?.['type']);
  const usage = usageOf({
    input: counts.of(report, 'inputTokens'),
    cacheRead: counts.of(report, 'cacheReadInputTokens') || counts.of(report, 'cacheReadInputTokenCount'),
    cacheWrite5m: Math.max(0, total - cacheWrite1h),
    cacheWrite1h,
    output: counts.of(report, 'outputTokens'),
    ...(tier === undefined ? {} : { serviceTier: tier }),
  });
  return { usage, anomalies: counts.anomalies };
}
