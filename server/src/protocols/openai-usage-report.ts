import { promptTokens, type Usage } from '../domain/usage.ts';
import type { JsonObject } from './canonical/request.ts';

/** Usage as Chat Completions and its ancestor report it: the prompt includes what came from the cache. */
export function encodeOpenAiUsage(usage: Usage): JsonObject {
  const prompt = promptTokens(usage);
  const written = usage.cacheWrite5m + usage.cacheWrite30m + usage.cacheWrite1h + usage.cacheWrite12h;
  return {
    prompt_tokens: prompt,
    completion_tokens: usage.output,
    total_tokens: prompt + usage.output,
    prompt_tokens_details: {
      cached_tokens: usage.cacheRead,
      ...(written > 0 ? { cache_write_tokens: written } : {}),
      audio_tokens: usage.audioInput,
      ...(usage.imageInput > 0 ? { image_tokens: usage.imageInput } : {}),
    },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoning,
      audio_tokens: usage.audioOutput,
    },
  };
}
