import type { Usage } from '../../domain/usage.ts';
import { defined } from '../canonical/read-json.ts';
import { servedTier, type TierWords } from '../canonical/tiers.ts';
import type { JsonObject } from '../canonical/request.ts';

/** Usage as Anthropic Messages reports it: the input alone, cache reads and writes beside it. */
const tiers: TierWords = { standard: 'standard', priority: 'priority', batch: 'batch' };

export function encodeUsage(usage: Usage): JsonObject {
  const short = usage.cacheWrite5m + usage.cacheWrite30m;
  const long = usage.cacheWrite1h + usage.cacheWrite12h;
  const { reasoning, webSearches } = usage;
  return {
    input_tokens: usage.input,
    cache_creation_input_tokens: short + long,
    cache_read_input_tokens: usage.cacheRead,
    cache_creation: { ephemeral_5m_input_tokens: short, ephemeral_1h_input_tokens: long },
    output_tokens: usage.output,
    ...(reasoning > 0 ? { output_tokens_details: { thinking_tokens: reasoning } } : {}),
    ...(webSearches > 0
      ? { server_tool_use: { web_search_requests: webSearches, web_fetch_requests: 0 } }
      : {}),
    ...defined({ service_tier: servedTier(usage.serviceTier, tiers) }),
  };
}
