import { asObject } from '../canonical/read-json.ts';
import type { Json, JsonObject } from '../canonical/request.ts';
import { blocksOf } from './encode-blocks.ts';

/** The wire takes four cache marks, longer lives before shorter ones. */
const maxMarks = 4;
const maxPrefixMarks = 2;

interface MarkedBody {
  readonly tools: readonly JsonObject[];
  readonly system: Json | undefined;
  readonly messages: readonly JsonObject[];
}

/**
 * Keeps the last marks of tools and system, which every later call shares, and the last ones of the conversation.
 * Returns the body unchanged when it is within the limits.
 */
export function limitCacheMarks(body: MarkedBody): MarkedBody {
  const systemBlocks = Array.isArray(body.system) ? (body.system as readonly Json[]) : [];
  const prefix = [...body.tools, ...systemBlocks].filter(isMarked);
  const turns = body.messages.flatMap((message) => blocksOf(message)).filter(isMarked);
  const all = [...prefix, ...turns];
  if (all.length === 0) return body;
  const kept = all.length <= maxMarks ? all : keepLast(prefix, turns);
  const short = new Set(kept.filter((_block, index) => kept.slice(0, index).some((block) => !isLong(block))));
  const isKept = new Set(kept);
  const adjust = (block: Json): Json => {
    if (!isMarked(block)) return block;
    const { cache_control: _mark, ...rest } = block as JsonObject;
    if (!isKept.has(block)) return rest;
    return short.has(block) && isLong(block) ? { ...rest, cache_control: { type: 'ephemeral' } } : block;
  };
  return {
    tools: body.tools.map(adjust) as readonly JsonObject[],
    system: Array.isArray(body.system) ? systemBlocks.map(adjust) : body.system,
    messages: body.messages.map((message) =>
      Array.isArray(message['content']) ? { ...message, content: blocksOf(message).map(adjust) } : message,
    ),
  };
}

function keepLast(prefix: readonly Json[], turns: readonly Json[]): readonly Json[] {
  const head = prefix.slice(-Math.min(maxPrefixMarks, prefix.length));
  const tail = turns.slice(-(maxMarks - head.length));
  return tail.length + head.length < maxMarks
    ? [...prefix.slice(-(maxMarks - tail.length)), ...tail]
    : [...head, ...tail];
}

function isMarked(block: Json): boolean {
  return asObject(block)?.['cache_control'] !== undefined;
}

function isLong(block: Json): boolean {
  return asObject(asObject(block)?.['cache_control'])?.['ttl'] === '1h';
}
