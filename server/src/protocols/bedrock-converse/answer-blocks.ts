import type { CanonicalEvent } from '../canonical/events.ts';
import { asArray, asObject, asObjects, asString, asText } from '../canonical/read-json.ts';
import type { Citation, Json, JsonObject, Opaque, Origin } from '../canonical/request.ts';

/**
 * One content block of an answer from its first delta to its stop. A table from kind to handlers; a whole block of a
 * unary answer goes through the same ones, as its start and one delta.
 */
export interface AnswerContext {
  readonly origin: Origin;
  /** Restores the client's tool name. */
  readonly restoreName: (name: string) => string;
}

export type BlockKind = 'text' | 'reasoning' | 'call' | 'opaque';

export interface OpenBlock {
  readonly kind: BlockKind;
  readonly index: number;
  /** What began it; empty for text and reasoning, which only have deltas. */
  readonly start: JsonObject;
  /** Arguments, a signature or deltas, gathered until the block stops. */
  readonly pieces: string[];
  readonly sealed: Buffer[];
  readonly deltas: JsonObject[];
}

type Events = readonly CanonicalEvent[];

interface BlockHandler {
  start(block: OpenBlock, context: AnswerContext): Events;
  delta(block: OpenBlock, delta: JsonObject): Events;
  stop(block: OpenBlock, context: AnswerContext): Events;
}

const none: Events = [];

const text: BlockHandler = {
  start: ({ index }) => [{ type: 'text-start', index }],
  delta({ index }, delta) {
    const piece = asText(delta['text']);
    const raw = asObject(delta['citation']);
    return [
      ...(piece === undefined ? none : [{ type: 'text-delta', index, text: piece } as const]),
      ...(raw === undefined ? none : [{ type: 'text-citation', index, citation: toCitation(raw) } as const]),
    ];
  },
  stop: ({ index }) => [{ type: 'text-end', index }],
};

/** The place is one of several kinds, of which only the web's has an address. */
function toCitation(raw: JsonObject): Citation {
  const url = asText(asObject(asObject(raw['location'])?.['web'])?.['url']);
  const title = asText(raw['title']);
  const cited = asObjects(raw['sourceContent'])
    .map((content) => asString(content['text']) ?? '')
    .join('');
  return {
    ...(url === undefined ? {} : { url }),
    ...(title === undefined ? {} : { title }),
    ...(cited === '' ? {} : { citedText: cited }),
    raw,
  };
}

const reasoning: BlockHandler = {
  start: ({ index }) => [{ type: 'reasoning-start', index }],
  delta(block, delta) {
    const content = asObject(delta['reasoningContent']) ?? {};
    block.pieces.push(asString(content['signature']) ?? '');
    const sealed = asText(content['redactedContent']);
    if (sealed !== undefined) block.sealed.push(Buffer.from(sealed, 'base64'));
    const piece = asText(content['text']);
    return piece === undefined ? none : [{ type: 'reasoning-delta', index: block.index, text: piece }];
  },
  stop(block, { origin }) {
    const sealed = Buffer.concat(block.sealed).toString('base64');
    const kind: Opaque['kind'] = sealed === '' ? 'signature' : 'redacted';
    const value = sealed === '' ? block.pieces.join('') : sealed;
    const opaque = value === '' ? {} : { opaque: { kind, value, origin } };
    return [{ type: 'reasoning-end', index: block.index, ...opaque }];
  },
};

const call: BlockHandler = {
  start({ index, start }, context) {
    const toolUse = asObject(start['toolUse']) ?? {};
    const name = context.restoreName(asString(toolUse['name']) ?? '');
    return [{ type: 'tool-call-start', index, id: asString(toolUse['toolUseId']) ?? '', name }];
  },
  delta(block, delta) {
    const input = asObject(delta['toolUse'])?.['input'];
    if (input === undefined || input === '') return none;
    const piece = typeof input === 'string' ? input : JSON.stringify(input);
    block.pieces.push(piece);
    return [{ type: 'tool-call-delta', index: block.index, argumentsText: piece }];
  },
  stop(block) {
    const end: CanonicalEvent = { type: 'tool-call-end', index: block.index };
    if (block.pieces.length > 0) return [end];
    return [{ type: 'tool-call-delta', index: block.index, argumentsText: '{}' }, end];
  },
};

/** Tools that the model runs itself, their results, and images are kept whole, in the shape of the history. */
const opaque: BlockHandler = {
  start: () => none,
  delta(block, delta) {
    block.deltas.push(delta);
    return none;
  },
  stop: (block) => [
    { type: 'unknown-block', index: block.index, protocol: 'bedrock-converse', data: wholeBlock(block) },
  ],
};

function wholeBlock({ start, deltas }: OpenBlock): JsonObject {
  const toolUse = asObject(start['toolUse']);
  if (toolUse !== undefined) {
    const written = deltas.map((delta) => asString(asObject(delta['toolUse'])?.['input']) ?? '').join('');
    return { toolUse: written === '' ? toolUse : { ...toolUse, input: parsed(written) } };
  }
  const result = asObject(start['toolResult']);
  if (result !== undefined) {
    const content = deltas.flatMap((delta) => asArray(delta['toolResult']) ?? []);
    return { toolResult: content.length === 0 ? result : { ...result, content } };
  }
  const image = asObject(start['image']);
  const source = deltas
    .map((delta) => asObject(delta['image'])?.['source'])
    .find((each) => each !== undefined);
  return image === undefined ? start : { image: source === undefined ? image : { ...image, source } };
}

function parsed(written: string): Json {
  try {
    return JSON.parse(written) as Json;
  } catch {
    return written;
  }
}

export const handlers: Readonly<Record<BlockKind, BlockHandler>> = { text, reasoning, call, opaque };

/** The kind of block that a start or a whole block opens; text and reasoning have none, their deltas tell. */
export function kindOfStart(start: JsonObject): BlockKind {
  const toolUse = asObject(start['toolUse']);
  return toolUse !== undefined && toolUse['type'] !== 'server_tool_use' ? 'call' : 'opaque';
}

/** The kind of block a delta belongs in; `undefined` where it belongs in whatever is open. */
export function kindOfDelta(delta: JsonObject): BlockKind | undefined {
  if (delta['text'] !== undefined || delta['citation'] !== undefined) return 'text';
  return delta['reasoningContent'] === undefined ? undefined : 'reasoning';
}
