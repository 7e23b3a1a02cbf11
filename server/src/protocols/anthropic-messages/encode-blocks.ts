import type { LossList } from '../canonical/losses.ts';
import { encodeCallId, encodeName } from '../canonical/names.ts';
import { asArray, asObject, defined } from '../canonical/read-json.ts';
import type {
  CacheMark,
  Json,
  JsonObject,
  MediaPart,
  Part,
  ReasoningPart,
  TextPart,
  ToolResultPart,
} from '../canonical/request.ts';

/** Canonical parts to content blocks of Anthropic Messages. */
export const maxNameLength = 128;
const maxIdLength = 64;
/** Below this a signature is a stub of some middle box; the provider would refuse the whole request for it. */
const minSignatureLength = 40;
const imageTypes = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp']);

export interface BlockContext {
  /** The request came in this protocol: what it says is passed on as it was said. */
  readonly isOwn: boolean;
  readonly losses: LossList;
}

/** No block where the protocol would refuse it (empty text, foreign reasoning) or has no word for it. */
function encodePart(part: Part, context: BlockContext): JsonObject | undefined {
  switch (part.type) {
    case 'text':
      return encodeText(part, context);
    case 'image':
    case 'document':
    case 'audio':
    case 'video':
      return encodeMedia(part, context);
    case 'reasoning':
      return encodeReasoning(part);
    case 'tool-call':
      return {
        type: 'tool_use',
        id: encodeCallId(part.id, 'toolu_', maxIdLength),
        name: encodeName(part.name, maxNameLength),
        input: toInput(part.argumentsText),
        ...marks(part, context),
      };
    case 'tool-result':
      return encodeResult(part, context);
    case 'refusal':
      return part.text.trim() === '' ? undefined : { type: 'text', text: part.text };
    case 'unknown':
      break;
  }
  if (part.protocol === 'anthropic-messages') return asObject(part.data);
  if (part.asText !== undefined) return { type: 'text', text: part.asText };
  context.losses.add('block_dropped');
  return undefined;
}

export function encodeParts(parts: readonly Part[], context: BlockContext): JsonObject[] {
  return parts.map((part) => encodePart(part, context)).filter((block) => block !== undefined);
}

function marks(
  part: { readonly cache?: CacheMark; readonly extra?: JsonObject },
  context: BlockContext,
): JsonObject {
  const extra = context.isOwn ? part.extra : undefined;
  return { ...(part.cache === undefined ? {} : { cache_control: encodeCache(part.cache) }), ...extra };
}

const shortTtls = new Set(['5m', '30m']);

export function encodeCache(cache: CacheMark): JsonObject {
  if (cache.ttl === undefined) return { type: 'ephemeral' };
  return { type: 'ephemeral', ttl: shortTtls.has(cache.ttl) ? '5m' : '1h' };
}

function encodeText(part: TextPart, context: BlockContext): JsonObject | undefined {
  if (part.text.trim() === '') return undefined;
  const citations = context.isOwn ? part.citations?.map((citation) => citation.raw) : undefined;
  return { type: 'text', text: part.text, ...defined({ citations }), ...marks(part, context) };
}

function encodeMedia(part: MediaPart, context: BlockContext): JsonObject | undefined {
  const source = part.type === 'image' ? imageSource(part) : documentSource(part);
  if (typeof source === 'string') {
    context.losses.add(source);
    return undefined;
  }
  return {
    type: part.type,
    source,
    ...defined({ title: part.type === 'document' ? part.filename : undefined }),
    ...marks(part, context),
  };
}

type Refusal = 'file_id_refused' | 'media_type_refused';

function imageSource(part: MediaPart): JsonObject | Refusal {
  const { source } = part;
  if (source.type === 'url') return { type: 'url', url: source.url };
  if (source.type === 'file-id') return fileSource(source.fileId, source.owner);
  if (source.type === 'text' || !imageTypes.has(part.mimeType ?? '')) return 'media_type_refused';
  return { type: 'base64', media_type: part.mimeType ?? '', data: source.data };
}

function documentSource(part: MediaPart): JsonObject | Refusal {
  const { source, mimeType } = part;
  if (part.type !== 'document') return 'media_type_refused';
  if (source.type === 'url') return { type: 'url', url: source.url };
  if (source.type === 'file-id') return fileSource(source.fileId, source.owner);
  if (source.type === 'text') return { type: 'text', media_type: 'text/plain', data: source.text };
  if (mimeType === 'application/pdf') return { type: 'base64', media_type: mimeType, data: source.data };
  if (mimeType?.startsWith('text/') !== true) return 'media_type_refused';
  return {
    type: 'text',
    media_type: 'text/plain',
    data: Buffer.from(source.data, 'base64').toString('utf8'),
  };
}

function fileSource(fileId: string, owner: string): JsonObject | Refusal {
  return owner === 'anthropic-messages' ? { type: 'file', file_id: fileId } : 'file_id_refused';
}

/** Reasoning goes back to its origin with its signature untouched, and to nobody else. */
function encodeReasoning(part: ReasoningPart): JsonObject | undefined {
  const { opaque } = part;
  if (opaque?.origin.protocol !== 'anthropic-messages') return undefined;
  if (opaque.kind === 'redacted') return { type: 'redacted_thinking', data: opaque.value };
  if (opaque.kind !== 'signature' || opaque.value.length < minSignatureLength) return undefined;
  return { type: 'thinking', thinking: part.text, signature: opaque.value };
}

/** Arguments as the object the wire demands; what is no object is kept under a fixed key, so that history encodes. */
export function toInput(argumentsText: string): JsonObject {
  if (argumentsText.trim() === '') return {};
  try {
    const value = JSON.parse(argumentsText) as Json;
    return asObject(value) ?? { value };
  } catch {
    return { _raw: argumentsText };
  }
}

function encodeResult(part: ToolResultPart, context: BlockContext): JsonObject {
  const blocks = encodeParts(part.parts, context);
  return {
    type: 'tool_result',
    tool_use_id: encodeCallId(part.callId, 'toolu_', maxIdLength),
    ...(blocks.length === 0 ? {} : { content: compact(blocks) }),
    ...(part.isError ? { is_error: true } : {}),
    ...marks(part, context),
  };
}

/** A lone plain text is written as a string, the form most clients and servers know best. */
export function compact(blocks: readonly JsonObject[]): Json {
  const [first] = blocks;
  const isPlain = blocks.length === 1 && first?.['type'] === 'text' && Object.keys(first).length === 2;
  return isPlain ? (first['text'] ?? '') : blocks;
}

export function isThinkingBlock(block: Json | undefined): boolean {
  const type = asObject(block)?.['type'];
  return type === 'thinking' || type === 'redacted_thinking';
}

/** The blocks of a message as the encoder wrote it. */
export function blocksOf(message: JsonObject | undefined): readonly Json[] {
  return asArray(message?.['content']) ?? [];
}
