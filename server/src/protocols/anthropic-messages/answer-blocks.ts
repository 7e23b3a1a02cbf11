import type { CanonicalEvent } from '../canonical/events.ts';
import { asObject, asObjects, asString, asText } from '../canonical/read-json.ts';
import type { Json, JsonObject, Opaque, Origin } from '../canonical/request.ts';
import { readSteps } from './hosted-tools.ts';
import { decodeCitation } from './decode-blocks.ts';
import { wordTable } from '../canonical/word-table.ts';

/**
 * One content block of an answer from its start to its stop. A table from block type to handlers; a whole block of a
 * unary answer goes through the same handlers, as a start that already holds everything.
 */
export interface AnswerContext {
  readonly origin: Origin;
  /** Restores the client's tool name. */
  readonly restoreName: (name: string) => string;
}

export interface OpenBlock {
  readonly index: number;
  readonly type: string;
  readonly start: JsonObject;
  /** Arguments or a signature, gathered until the block stops. */
  readonly pieces: string[];
}

type Events = readonly CanonicalEvent[];

interface BlockHandler {
  start(block: OpenBlock, context: AnswerContext): Events;
  /** By type of delta; one that is missing here does not belong in such a block. */
  readonly deltas: Readonly<Record<string, (block: OpenBlock, delta: JsonObject) => Events>>;
  stop(block: OpenBlock, context: AnswerContext): Events;
}

const none: Events = [];

const text: BlockHandler = {
  start: (block) => [
    { type: 'text-start', index: block.index },
    ...textDelta(block, block.start),
    ...asObjects(block.start['citations']).flatMap((citation) => citationDelta(block, { citation })),
  ],
  deltas: { text_delta: textDelta, citations_delta: citationDelta },
  stop: (block) => [{ type: 'text-end', index: block.index }],
};

function textDelta(block: OpenBlock, delta: JsonObject): Events {
  const piece = asText(delta['text']);
  return piece === undefined ? none : [{ type: 'text-delta', index: block.index, text: piece }];
}

function citationDelta(block: OpenBlock, delta: JsonObject): Events {
  const raw = asObject(delta['citation']);
  return raw === undefined
    ? none
    : [{ type: 'text-citation', index: block.index, citation: decodeCitation(raw) }];
}

const thinking: BlockHandler = {
  start: (block) => {
    block.pieces.push(asString(block.start['signature']) ?? '');
    return [{ type: 'reasoning-start', index: block.index }, ...thinkingDelta(block, block.start)];
  },
  deltas: { thinking_delta: thinkingDelta, signature_delta: signatureDelta },
  stop: (block, context) => [reasoningEnd(block, 'signature', block.pieces.join(''), context)],
};

function thinkingDelta(block: OpenBlock, delta: JsonObject): Events {
  const piece = asText(delta['thinking']);
  return piece === undefined ? none : [{ type: 'reasoning-delta', index: block.index, text: piece }];
}

function signatureDelta(block: OpenBlock, delta: JsonObject): Events {
  block.pieces.push(asString(delta['signature']) ?? '');
  return none;
}

const redacted: BlockHandler = {
  start: (block) => [{ type: 'reasoning-start', index: block.index }],
  deltas: {},
  stop: (block, context) => [reasoningEnd(block, 'redacted', asString(block.start['data']) ?? '', context)],
};

function reasoningEnd(
  block: OpenBlock,
  kind: Opaque['kind'],
  value: string,
  context: AnswerContext,
): CanonicalEvent {
  const opaque = value === '' ? {} : { opaque: { kind, value, origin: context.origin } };
  return { type: 'reasoning-end', index: block.index, ...opaque };
}

const toolUse: BlockHandler = {
  start: (block, context) => {
    const id = asString(block.start['id']) ?? '';
    const name = context.restoreName(asString(block.start['name']) ?? '');
    return [{ type: 'tool-call-start', index: block.index, id, name }];
  },
  deltas: {
    input_json_delta: (block, delta) => {
      const piece = asText(delta['partial_json']);
      if (piece === undefined) return none;
      block.pieces.push('');
      return [{ type: 'tool-call-delta', index: block.index, argumentsText: piece }];
    },
  },
  stop: (block) => {
    const end: CanonicalEvent = { type: 'tool-call-end', index: block.index };
    const hadDeltas = block.pieces.length > 0;
    if (hadDeltas) return [end];
    const whole = JSON.stringify(block.start['input'] ?? {});
    return [{ type: 'tool-call-delta', index: block.index, argumentsText: whole }, end];
  },
};

/** Blocks that only this protocol knows (its own tools and their results) are kept whole. */
const unknown: BlockHandler = {
  start: () => none,
  deltas: {
    input_json_delta: (block, delta) => {
      block.pieces.push(asString(delta['partial_json']) ?? '');
      return none;
    },
  },
  stop: (block) => {
    // A block that does not say what it is means nothing to anybody.
    if (block.type === '') return none;
    const written = block.pieces.join('');
    const data = written === '' ? block.start : { ...block.start, input: parseInput(written) };
    const steps = readSteps(data);
    return [
      {
        type: 'unknown-block',
        index: block.index,
        protocol: 'anthropic-messages',
        data,
        ...(steps.length === 0 ? {} : { steps }),
      },
    ];
  },
};

function parseInput(written: string): Json {
  try {
    return JSON.parse(written) as Json;
  } catch {
    return written;
  }
}

const handlers = wordTable<BlockHandler>({
  text,
  thinking,
  redacted_thinking: redacted,
  tool_use: toolUse,
});

export function handlerOf(type: string): BlockHandler {
  return handlers[type] ?? unknown;
}

/** The block a stray delta wants: some servers send thinking into a text block, or deltas without a start. */
export const homeOfDelta = wordTable<string>({
  text_delta: 'text',
  citations_delta: 'text',
  thinking_delta: 'thinking',
  signature_delta: 'thinking',
});
