import type { MeteredUsage } from './stream-rules.ts';
import { asShape, asText, type Shape } from './json-shape.ts';
import { tokenCounts, usageOf, type TokenCounts } from './token-counts.ts';

/**
 * Usage as OpenAI and everything compatible reports it: prompt counts include cache reads and writes, completion counts
 * include reasoning, except where a dialect leaves it out and only the total tells.
 */
export function openAiUsage(report: Shape, answer: Shape): MeteredUsage {
  const counts = tokenCounts();
  const promptDetails = asShape(report['prompt_tokens_details']) ?? asShape(report['input_tokens_details']);
  const outputDetails =
    asShape(report['completion_tokens_details']) ?? asShape(report['output_tokens_details']);
  const prompt = firstOf(counts, report, ['prompt_tokens', 'input_tokens']);
  const cacheRead =
    counts.of(promptDetails, 'cached_tokens') ||
    firstOf(counts, report, ['prompt_cache_hit_tokens', 'cached_tokens', 'num_cached_tokens']);
  const cacheWrite = counts.of(promptDetails, 'cache_write_tokens');
  if (cacheRead + cacheWrite > prompt) counts.anomalies.push('inconsistent');
  const split = asShape(promptDetails?.['cache_write_tokens_details']);
  const cacheWrite12h = Math.min(cacheWrite, counts.of(split, 'ttl_12h_tokens'));
  const reasoning = counts.of(outputDetails, 'reasoning_tokens');
  const tier = asText(answer['service_tier']) ?? asText(report['service_tier']);
  const usage = usageOf({
    input: counts.without(prompt, cacheRead + cacheWrite),
    cacheRead,
    cacheWrite30m: cacheWrite - cacheWrite12h,
    cacheWrite12h,
    output: outputOf(counts, report, { prompt, reasoning }),
    reasoning,
    audioInput: counts.of(promptDetails, 'audio_tokens'),
    audioOutput: counts.of(outputDetails, 'audio_tokens'),
    imageInput: counts.of(promptDetails, 'image_tokens'),
    imageOutput: counts.of(outputDetails, 'image_tokens'),
    webSearches: webSearchesOf(counts, report, answer),
    ...(tier === undefined ? {} : { serviceTier: tier }),
  });
  return { usage, anomalies: counts.anomalies };
}

function firstOf(counts: TokenCounts, report: Shape, fields: readonly string[]): number {
  for (const field of fields) {
    const value = counts.of(report, field);
    if (value > 0) return value;
  }
  return 0;
}

/** xAI and others leave reasoning out of the completion count; then the total is larger by exactly that. */
function outputOf(
  counts: TokenCounts,
  report: Shape,
  known: { readonly prompt: number; readonly reasoning: number },
): number {
  const completion = firstOf(counts, report, ['completion_tokens', 'output_tokens']);
  const total = counts.of(report, 'total_tokens');
  const isLeftOut = known.reasoning > 0 && total - known.prompt - completion === known.reasoning;
  return isLeftOut ? completion + known.reasoning : completion;
}

/** OpenAI tells hosted searches beside the usage, OpenRouter within it. */
function webSearchesOf(counts: TokenCounts, report: Shape, answer: Shape): number {
  const beside = asShape(asShape(answer['tool_usage'])?.['web_search']);
  if (beside !== undefined) return counts.of(beside, 'num_requests');
  const within = asShape(report['server_tool_use']) ?? asShape(report['server_tool_use_details']);
  return counts.of(within, 'web_search_requests');
}
