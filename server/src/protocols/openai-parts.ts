import { defined } from './canonical/read-json.ts';
import type { CacheMark, JsonObject, MediaPart } from './canonical/request.ts';
import { wordTable } from './canonical/word-table.ts';

/** OpenAI's breakpoints live for half an hour or half a day; the other marks stand for the nearer one. */
const breakpointTtls = wordTable<string>({
  '5m': '30m',
  '30m': '30m',
  '1h': '12h',
  '12h': '12h',
  '24h': '12h',
});

/** A cache mark as both of OpenAI's protocols say it on a part. */
export function promptCacheBreakpoint({ ttl }: CacheMark): JsonObject {
  const lifetime = ttl === undefined ? undefined : breakpointTtls[ttl];
  return { prompt_cache_breakpoint: { mode: 'explicit', ...defined({ ttl: lifetime }) } };
}

const audioFormats = wordTable<string>({
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
  'audio/mp3': 'mp3',
  'audio/mpeg': 'mp3',
});

/** Audio as both protocols take it: inline, in a format they know. `undefined` for anything else. */
export function inputAudio({ source, mimeType }: MediaPart, isOwn: boolean): JsonObject | undefined {
  const format = audioFormats[mimeType ?? ''] ?? (isOwn ? mimeType?.replace('audio/', '') : undefined);
  if (source.type !== 'base64' || format === undefined) return undefined;
  return { type: 'input_audio', input_audio: { data: source.data, format } };
}
