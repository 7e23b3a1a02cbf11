import { asObject, asObjects } from '../canonical/read-json.ts';
import type { Json, JsonObject } from '../canonical/request.ts';

/** The models take four cache points, longer lives before shorter ones. */
const maxPoints = 4;
const maxPrefixPoints = 2;

/**
 * Keeps the last points of tools and system, which every later call shares, and the last ones of the conversation. In
 * the order in which a prompt is cached: tools, system, messages.
 */
export function limitCachePoints(body: JsonObject): JsonObject {
  const toolConfig = asObject(body['toolConfig']);
  const messages = asObjects(body['messages']);
  const prefix = [...asObjects(toolConfig?.['tools']), ...asObjects(body['system'])].filter(isPoint);
  const turns = messages.flatMap((message) => asObjects(message['content'])).filter(isPoint);
  if (prefix.length + turns.length === 0) return body;
  const kept = prefix.length + turns.length <= maxPoints ? [...prefix, ...turns] : keepLast(prefix, turns);
  const isKept = new Set<Json>(kept);
  const isShortened = new Set<Json>(
    kept.filter((_point, index) => kept.slice(0, index).some((point) => !isLong(point))),
  );
  const adjust = (blocks: Json | undefined): readonly JsonObject[] =>
    asObjects(blocks).flatMap((block) => {
      if (!isPoint(block)) return [block];
      if (!isKept.has(block)) return [];
      return [isShortened.has(block) && isLong(block) ? { cachePoint: { type: 'default' } } : block];
    });
  return {
    ...body,
    ...(body['system'] === undefined ? {} : { system: adjust(body['system']) }),
    messages: messages.map((message) => ({ ...message, content: adjust(message['content']) })),
    ...(toolConfig === undefined
      ? {}
      : { toolConfig: { ...toolConfig, tools: adjust(toolConfig['tools']) } }),
  };
}

function keepLast(prefix: readonly JsonObject[], turns: readonly JsonObject[]): readonly JsonObject[] {
  const heads = Math.max(Math.min(maxPrefixPoints, prefix.length), maxPoints - turns.length);
  const head = prefix.slice(-Math.min(heads, prefix.length));
  return head.length === 0 ? turns.slice(-maxPoints) : [...head, ...turns.slice(-(maxPoints - head.length))];
}

function isPoint(block: JsonObject): boolean {
  return block['cachePoint'] !== undefined;
}

function isLong(block: JsonObject): boolean {
  return asObject(block['cachePoint'])?.['ttl'] === '1h';
}
