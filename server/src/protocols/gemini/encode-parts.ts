import { asObject, defined, parseObject } from '../canonical/read-json.ts';
import type { Json, JsonObject, MediaPart, ToolCallPart, ToolResultPart } from '../canonical/request.ts';
import { argumentsObject } from './encode-answer-parts.ts';
import type { EncodeContext } from './encode-tools.ts';
import { callIdOf, functionName } from './function-names.ts';
import { wordTable } from '../canonical/word-table.ts';

/** Media, calls and responses as parts. */
export function encodeMedia(part: MediaPart, context: EncodeContext): JsonObject | undefined {
  const { source } = part;
  const extra = context.isOwn ? part.extra : {};
  const displayName = context.isOwn ? part.filename : undefined;
  if (source.type === 'text') {
    const title = part.filename === undefined ? '' : `${part.filename}\n\n`;
    return { text: title + source.text };
  }
  if (source.type === 'base64') {
    const mimeType = part.mimeType ?? defaultTypes[part.type];
    return { inlineData: { mimeType, data: source.data, ...defined({ displayName }) }, ...extra };
  }
  if (source.type === 'file-id') {
    if (source.owner !== 'gemini') {
      context.losses.add('file_id_refused');
      return undefined;
    }
    return fileData(source.fileId, { ...defined({ mimeType: part.mimeType, displayName }) }, extra);
  }
  if (!context.isOwn && !context.traits.takesAddresses) {
    context.losses.add('media_address_refused');
    return undefined;
  }
  const mimeType = part.mimeType ?? (context.isOwn ? undefined : typeOfAddress(source.url, part.type));
  return fileData(source.url, defined({ mimeType, displayName }), extra);
}

function fileData(fileUri: string, fields: JsonObject, extra: JsonObject | undefined): JsonObject {
  return { fileData: { fileUri, ...fields }, ...extra };
}

const defaultTypes: Readonly<Record<MediaPart['type'], string>> = {
  image: 'image/png',
  document: 'application/pdf',
  audio: 'audio/wav',
  video: 'video/mp4',
};

const typesByEnding = wordTable<string>({
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  png: 'image/png',
});

function typeOfAddress(url: string, type: MediaPart['type']): string {
  const ending = /\.(\w+)(?:[?#]|$)/.exec(url)?.[1]?.toLowerCase() ?? '';
  return (type === 'image' ? typesByEnding[ending] : undefined) ?? defaultTypes[type];
}

export function encodeCall(
  part: ToolCallPart,
  signature: string | undefined,
  { isOwn }: EncodeContext,
): JsonObject {
  const id = callIdOf(part.id);
  const name = isOwn ? part.name : functionName(part.name);
  return {
    functionCall: { ...defined({ id }), name, args: argumentsObject(part.argumentsText) },
    ...defined({ thoughtSignature: signature }),
  };
}

/** The response to a call; media that the model takes only beside it are put into `moved`. */
export function encodeResponse(
  part: ToolResultPart,
  name: string,
  context: EncodeContext & { readonly moved: JsonObject[] },
): JsonObject {
  const { isOwn, traits, losses, moved } = context;
  const texts: string[] = [];
  const parts: JsonObject[] = [];
  for (const inner of part.parts) {
    if (inner.type === 'text') texts.push(inner.text);
    else if (inner.type === 'unknown') {
      if (inner.asText !== undefined) texts.push(inner.asText);
      else if (isOwn) parts.push(asObject(inner.data) ?? {});
      else losses.add('block_dropped');
    } else {
      const media = encodeMedia(inner, context);
      if (media === undefined) continue;
      const isInside = isOwn || (traits.takesMediaInResponses && media['text'] === undefined);
      (isInside ? parts : moved).push(media);
      if (!isInside) texts.push(`(see the ${inner.type} below)`);
    }
  }
  const id = callIdOf(part.callId);
  const own = isOwn ? part.extra : undefined;
  return {
    functionResponse: {
      ...defined({ id }),
      name: isOwn ? name : functionName(name),
      response: responseOf(texts.join('\n'), part.isError),
      ...(parts.length === 0 ? {} : { parts }),
      ...own,
    },
  };
}

/** The wire wants an object: one that the text spells, or the text under a key of its own. */
function responseOf(text: string, isError: boolean): Json {
  if (isError) return { error: text };
  const object = parseObject(text);
  return object === undefined || '$ref' in object ? { output: text } : object;
}
