import { defined } from '../canonical/read-json.ts';
import type { CacheMark, JsonObject, MediaPart, TextPart } from '../canonical/request.ts';
import type { MessageContext } from './encode-context.ts';
import { inputAudio, promptCacheBreakpoint } from '../openai-parts.ts';

/** Canonical text and media to content parts of Chat Completions. */
export function encodeText(part: TextPart, context: MessageContext): JsonObject {
  return { type: 'text', text: part.text, ...marks(part, context) };
}

export function encodeMedia(part: MediaPart, context: MessageContext): JsonObject | undefined {
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
  if (context.isOwn && part.source.type === 'url') {
    return { type: 'video_url', video_url: { url: part.source.url }, ...marks(part, context) };
  }
  context.losses.add('media_type_refused');
  return undefined;
}

function marks(
  part: { readonly cache?: CacheMark; readonly extra?: JsonObject },
  { isOwn, traits }: MessageContext,
): JsonObject {
  const extra = isOwn ? part.extra : undefined;
  if (part.cache === undefined || extra?.['cache_control'] !== undefined) return { ...extra };
  if (!isOwn && traits.dialect.takesCacheMarks) return { cache_control: ephemeral(part.cache) };
  if (!isOwn && !traits.takesBreakpoints) return {};
  return { ...promptCacheBreakpoint(part.cache), ...extra };
}

/** Anthropic's own mark, which some servers take in this protocol; its short life is the usual one. */
function ephemeral({ ttl }: CacheMark): JsonObject {
  const isLong = ttl !== undefined && ttl !== '5m' && ttl !== '30m';
  return { type: 'ephemeral', ...(isLong ? { ttl: '1h' } : {}) };
}

function encodeImage(part: MediaPart, context: MessageContext): JsonObject | undefined {
  const { source, mimeType, detail } = part;
  if (source.type === 'file-id' || source.type === 'text') {
    context.losses.add(source.type === 'text' ? 'media_type_refused' : 'file_id_refused');
    return undefined;
  }
  if (source.type === 'url' && !context.isOwn && !context.traits.dialect.fetchesMedia) {
    context.losses.add('media_address_refused');
    return undefined;
  }
  const url = source.type === 'url' ? source.url : `data:${mimeType ?? 'image/png'};base64,${source.data}`;
  return { type: 'image_url', image_url: { url, ...defined({ detail }) }, ...marks(part, context) };
}

function encodeDocument(part: MediaPart, context: MessageContext): JsonObject | undefined {
  const { source, filename } = part;
  switch (source.type) {
    case 'text':
      return writtenDocument(filename, source.text);
    case 'file-id':
      if (source.owner !== 'openai-chat') {
        context.losses.add('file_id_refused');
        return undefined;
      }
      return {
        type: 'file',
        file: { file_id: source.fileId, ...defined({ filename }) },
        ...marks(part, context),
      };
    case 'url':
      if (!context.isOwn) {
        context.losses.add('document_url_refused');
        return undefined;
      }
      return {
        type: 'file',
        file: { file_data: source.url, ...defined({ filename }) },
        ...marks(part, context),
      };
    case 'base64':
      break;
  }
  // The wire takes PDFs alone as files.
  if (!context.isOwn && part.mimeType?.startsWith('text/') === true) {
    return writtenDocument(filename, Buffer.from(source.data, 'base64').toString('utf8'));
  }
  return encodeInlineDocument(part, source.data, context);
}

function writtenDocument(filename: string | undefined, text: string): JsonObject {
  return { type: 'text', text: filename === undefined ? text : `${filename}\n\n${text}` };
}

function encodeInlineDocument(part: MediaPart, data: string, context: MessageContext): JsonObject {
  const mimeType = part.mimeType ?? 'application/pdf';
  const named = part.filename ?? (context.isOwn ? undefined : 'document.pdf');
  const file = { file_data: `data:${mimeType};base64,${data}`, ...defined({ filename: named }) };
  return { type: 'file', file, ...marks(part, context) };
}

function encodeAudio(part: MediaPart, context: MessageContext): JsonObject | undefined {
  const audio = inputAudio(part, context.isOwn);
  if (audio !== undefined) return { ...audio, ...marks(part, context) };
  context.losses.add('media_type_refused');
  return undefined;
}
