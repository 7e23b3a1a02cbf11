import {
  asArray,
  asNumber,
  asObject,
  asObjects,
  asString,
  asText,
  defined,
  withoutKeys,
} from '../canonical/read-json.ts';
import type {
  CacheMark,
  CacheTtl,
  Citation,
  Json,
  JsonObject,
  MediaPart,
  MediaSource,
  Part,
  TextPart,
} from '../canonical/request.ts';

/** Content parts of messages and tool outputs to canonical parts. */
export const protocol = 'openai-responses';

/** A string, a list of parts, or nothing. */
export function decodeContent(content: Json | undefined): readonly Part[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return asObjects(content).map(decodePart);
}

function decodePart(part: JsonObject): Part {
  switch (asString(part['type']) ?? '') {
    case 'input_text':
    case 'output_text':
    case 'summary_text':
    case 'text':
      return decodeText(part);
    case 'refusal':
      return { type: 'refusal', text: asString(part['refusal']) ?? '' };
    case 'input_image':
      return decodeImage(part);
    case 'input_file':
      return decodeFile(part);
    case 'input_audio':
      return decodeAudio(part);
    default:
      return { type: 'unknown', protocol, data: part };
  }
}

const textKeys = new Set(['type', 'text', 'annotations', 'logprobs', 'prompt_cache_breakpoint']);

function decodeText(part: JsonObject): TextPart {
  const citations = decodeAnnotations(part['annotations']);
  return {
    type: 'text',
    text: asString(part['text']) ?? '',
    ...(citations.length === 0 ? {} : { citations }),
    ...extras(part, textKeys),
  };
}

const imageKeys = new Set(['type', 'image_url', 'file_id', 'detail', 'prompt_cache_breakpoint']);

function decodeImage(part: JsonObject): MediaPart {
  const url = asString(part['image_url']) ?? asString(asObject(part['image_url'])?.['url']);
  const decoded = url === undefined ? fileIdSource(part) : decodeUrl(url);
  return {
    type: 'image',
    ...decoded,
    ...defined({ detail: asText(part['detail']) }),
    ...extras(part, imageKeys),
  };
}

const fileKeys = new Set(['type', 'file_data', 'file_url', 'file_id', 'filename', 'prompt_cache_breakpoint']);

function decodeFile(part: JsonObject): MediaPart {
  return {
    type: 'document',
    ...fileSource(part),
    ...defined({ filename: asText(part['filename']) }),
    ...extras(part, fileKeys),
  };
}

interface DecodedSource {
  readonly source: MediaSource;
  readonly mimeType?: string;
}

function fileSource(part: JsonObject): DecodedSource {
  const url = asText(part['file_url']);
  if (url !== undefined) return { source: { type: 'url', url } };
  const data = asText(part['file_data']);
  if (data === undefined) return fileIdSource(part);
  // Bare base64 is a PDF in all clients met.
  return data.startsWith('data:')
    ? decodeUrl(data)
    : { source: { type: 'base64', data }, mimeType: 'application/pdf' };
}

function fileIdSource(part: JsonObject): DecodedSource {
  return { source: { type: 'file-id', fileId: asString(part['file_id']) ?? '', owner: protocol } };
}

const dataUrl = /^data:([^;,]*)((?:;[^,]*)?),/;

function decodeUrl(url: string): DecodedSource {
  const match = dataUrl.exec(url.slice(0, 200));
  if (match === null) return { source: { type: 'url', url } };
  const data = url.slice(match[0].length);
  const isBase64 = match[2]?.endsWith(';base64') === true;
  const mimeType = match[1] === '' || match[1] === undefined ? 'text/plain' : match[1];
  return {
    source: { type: 'base64', data: isBase64 ? data : Buffer.from(plain(data), 'utf8').toString('base64') },
    mimeType,
  };
}

function plain(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const audioKeys = new Set(['type', 'input_audio']);

function decodeAudio(part: JsonObject): MediaPart {
  const audio = asObject(part['input_audio']) ?? {};
  return {
    type: 'audio',
    source: { type: 'base64', data: asString(audio['data']) ?? '' },
    mimeType: `audio/${asString(audio['format']) ?? 'wav'}`,
    ...extras(part, audioKeys),
  };
}

interface PartExtras {
  readonly cache?: CacheMark;
  readonly extra?: JsonObject;
}

function extras(part: JsonObject, known: ReadonlySet<string>): PartExtras {
  const mark = asObject(part['prompt_cache_breakpoint']);
  const cache: CacheMark | undefined =
    mark === undefined ? undefined : defined({ ttl: asText(mark['ttl']) as CacheTtl | undefined });
  return defined({ cache, extra: withoutKeys(part, known) });
}

/** Annotations of an answer's text; those without an address keep their own form alone. */
function decodeAnnotations(annotations: Json | undefined): readonly Citation[] {
  return (asArray(annotations) ?? []).flatMap((item) => decodeAnnotation(asObject(item)));
}

export function decodeAnnotation(raw: JsonObject | undefined): readonly Citation[] {
  if (raw === undefined) return [];
  return [
    {
      raw,
      ...defined({
        url: asText(raw['url']),
        title: asText(raw['title']) ?? asText(raw['filename']),
        start: asNumber(raw['start_index']),
        end: asNumber(raw['end_index']),
      }),
    },
  ];
}
