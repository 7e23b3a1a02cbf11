import { asObject, defined } from '../canonical/read-json.ts';
import type { CacheMark, JsonObject, MediaPart, Part, TextPart } from '../canonical/request.ts';
import type { InputContext } from './encode-context.ts';
import { inputAudio, promptCacheBreakpoint } from '../openai-parts.ts';

/** Canonical text and media to the content parts of messages and tool outputs. */
export function encodeParts(parts: readonly Part[], context: InputContext): readonly JsonObject[] {
  return parts.map((part) => encodePart(part, context)).filter((part) => part !== undefined);
}

function encodePart(part: Part, context: InputContext): JsonObject | undefined {
  switch (part.type) {
    case 'text':
      if (part.text === '' && !context.isOwn) return undefined;
      return { type: 'input_text', text: part.text, ...marks(part, context) };
    case 'image':
    case 'document':
    case 'audio':
    case 'video':
      return encodeMedia(part, context);
    case 'refusal':
      return { type: 'input_text', text: part.text };
    case 'unknown':
      if (part.protocol === 'openai-responses') return asObject(part.data);
      if (part.asText !== undefined) return { type: 'input_text', text: part.asText };
      context.losses.add('block_dropped');
      return undefined;
    case 'reasoning':
    case 'tool-call':
    case 'tool-result':
      break;
  }
  return undefined;
}

function encodeMedia(part: MediaPart, context: InputContext): JsonObject | undefined {
  switch (part.type) {
    case 'image':
      return encodeImage(part, context);
    case 'document':
      return encodeDocument(part, context);
    case 'audio':
      return encodeAudio(part, context);
    case 'video':
      break;
  }
  context.losses.add('media_type_refused');
  return undefined;
}

/** Fields of a part that only its own protocol knows, and its cache mark. */
function marks(
  part: { readonly cache?: CacheMark; readonly extra?: JsonObject },
  { isOwn, traits }: InputContext,
): JsonObject {
  const { message: _message, role: _role, ...extra } = isOwn ? (part.extra ?? {}) : {};
  if (part.cache === undefined || (!isOwn && !traits.takesBreakpoints)) return extra;
  return { ...promptCacheBreakpoint(part.cache), ...extra };
}

const imageDetails = new Set(['auto', 'low', 'high', 'original']);

function encodeImage(part: MediaPart, context: InputContext): JsonObject | undefined {
  const { source, mimeType } = part;
  const detail = part.detail !== undefined && imageDetails.has(part.detail) ? part.detail : undefined;
  const rest = { ...defined({ detail }), ...marks(part, context) };
  switch (source.type) {
    case 'text':
      context.losses.add('media_type_refused');
      return undefined;
    case 'file-id':
      return ownFile(part, context) && { type: 'input_image', file_id: source.fileId, ...rest };
    case 'url':
      return { type: 'input_image', image_url: source.url, ...rest };
    case 'base64':
      break;
  }
  const url = `data:${mimeType ?? 'image/png'};base64,${source.data}`;
  return { type: 'input_image', image_url: url, ...rest };
}

function ownFile({ source }: MediaPart, { losses }: InputContext): true | undefined {
  if (source.type === 'file-id' && source.owner === 'openai-responses') return true;
  losses.add('file_id_refused');
  return undefined;
}

function encodeDocument(part: MediaPart, context: InputContext): JsonObject | undefined {
  const { source, filename } = part;
  const rest = { ...defined({ filename }), ...marks(part, context) };
  switch (source.type) {
    case 'text': {
      const text = filename === undefined ? source.text : `${filename}\n\n${source.text}`;
      return { type: 'input_text', text };
    }
    case 'file-id':
      return ownFile(part, context) && { type: 'input_file', file_id: source.fileId, ...rest };
    case 'url':
      return { type: 'input_file', file_url: source.url, ...(context.isOwn ? rest : marks(part, context)) };
    case 'base64':
      break;
  }
  const named = context.isOwn ? {} : { filename: filename ?? 'document.pdf' };
  const data = `data:${part.mimeType ?? 'application/pdf'};base64,${source.data}`;
  return { type: 'input_file', file_data: data, ...rest, ...named };
}

function encodeAudio(part: MediaPart, context: InputContext): JsonObject | undefined {
  const audio = inputAudio(part, context.isOwn);
  if (audio !== undefined) return { ...audio, ...marks(part, context) };
  context.losses.add('media_type_refused');
  return undefined;
}

/** Text that the model said, as its own history repeats it. */
export function encodeSaid(part: TextPart, context: InputContext): JsonObject {
  const annotations = context.isOwn ? (part.citations ?? []).map((citation) => citation.raw) : [];
  return { type: 'output_text', text: part.text, annotations, ...marks(part, context) };
}
