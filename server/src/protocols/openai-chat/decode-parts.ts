import {
  asArray,
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
import { wordTable } from '../canonical/word-table.ts';

/** Content of Chat Completions messages to canonical parts. */
const protocol = 'openai-chat';

type PartDecoder = (part: JsonObject) => Part;

const decoders = wordTable<PartDecoder>({
  text: decodeText,
  image_url: decodeImage,
  input_audio: decodeAudio,
  file: decodeFile,
  refusal: (part) => ({ type: 'refusal', text: asString(part['refusal']) ?? '' }),
  video_url: (part) =>
    media('video', decodeUrl(urlOf(part['video_url'])), extras(part, new Set(['type', 'video_url']))),
});

/** A string, a list of parts, or nothing. */
export function decodeContent(content: Json | undefined): readonly Part[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return asObjects(content).flatMap(decodePart);
}

function decodePart(part: JsonObject): readonly Part[] {
  const type = asString(part['type']) ?? '';
  // Some servers write their reasoning as a part of the content.
  if (type === 'thinking')
    return [{ type: 'reasoning', text: thinkingText(part), origin: { protocol, model: '' } }];
  const decode = decoders[type];
  return [decode === undefined ? { type: 'unknown', protocol, data: part } : decode(part)];
}

export function thinkingText(part: JsonObject): string {
  if (typeof part['thinking'] === 'string') return part['thinking'];
  return asObjects(part['thinking'])
    .map((inner) => asString(inner['text']) ?? '')
    .join('');
}

const textKeys = new Set(['type', 'text', 'prompt_cache_breakpoint', 'cache_control']);

function decodeText(part: JsonObject): TextPart {
  return { type: 'text', text: asString(part['text']) ?? '', ...extras(part, textKeys) };
}

const imageKeys = new Set(['type', 'image_url', 'prompt_cache_breakpoint', 'cache_control']);

function decodeImage(part: JsonObject): Part {
  const detail = asString(asObject(part['image_url'])?.['detail']);
  return {
    ...media('image', decodeUrl(urlOf(part['image_url'])), extras(part, imageKeys)),
    ...defined({ detail }),
  };
}

/** `{"url": ...}`, or the bare string that some clients send. */
function urlOf(value: Json | undefined): string {
  return asString(value) ?? asString(asObject(value)?.['url']) ?? '';
}

interface DecodedSource {
  readonly source: MediaSource;
  readonly mimeType?: string;
}

const dataUrl = /^data:([^;,]*)(;[^,]*)?,/;

function decodeUrl(url: string): DecodedSource {
  const match = dataUrl.exec(url.slice(0, 200));
  if (match === null) return { source: { type: 'url', url } };
  const data = url.slice(match[0].length);
  const isBase64 = match[2]?.endsWith(';base64') === true;
  const mimeType = match[1] === '' ? 'text/plain' : match[1];
  const source: MediaSource = isBase64
    ? { type: 'base64', data }
    : { type: 'base64', data: Buffer.from(safeDecodeUri(data), 'utf8').toString('base64') };
  return { source, ...defined({ mimeType }) };
}

function safeDecodeUri(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function media(type: MediaPart['type'], decoded: DecodedSource, rest: PartExtras): MediaPart {
  return { type, ...decoded, ...rest };
}

const audioKeys = new Set(['type', 'input_audio', 'prompt_cache_breakpoint']);

function decodeAudio(part: JsonObject): Part {
  const audio = asObject(part['input_audio']) ?? {};
  const mimeType = `audio/${asString(audio['format']) ?? 'wav'}`;
  const source: MediaSource = { type: 'base64', data: asString(audio['data']) ?? '' };
  return media('audio', { source, mimeType }, extras(part, audioKeys));
}

const fileKeys = new Set(['type', 'file', 'prompt_cache_breakpoint', 'cache_control']);

function decodeFile(part: JsonObject): Part {
  const file = asObject(part['file']) ?? {};
  const fileId = asText(file['file_id']);
  const data = asString(file['file_data']) ?? '';
  const filename = asText(file['filename']);
  const decoded: DecodedSource =
    fileId === undefined ? decodeFileData(data) : { source: { type: 'file-id', fileId, owner: protocol } };
  return { ...media('document', decoded, extras(part, fileKeys)), ...defined({ filename }) };
}

/** A data URL, an address (a dialect of some servers), or bare base64, which is a PDF in all clients met. */
function decodeFileData(data: string): DecodedSource {
  if (data.startsWith('data:') || /^https?:/.test(data)) return decodeUrl(data);
  return { source: { type: 'base64', data }, mimeType: 'application/pdf' };
}

interface PartExtras {
  readonly cache?: CacheMark;
  readonly extra?: JsonObject;
}

/** Cache marks in the provider's own form, or in Anthropic's as some compatible servers take them. */
function extras(part: JsonObject, known: ReadonlySet<string>): PartExtras {
  const breakpoint = asObject(part['prompt_cache_breakpoint']);
  const control = asObject(part['cache_control']);
  const mark = breakpoint ?? control;
  const cache: CacheMark | undefined =
    mark === undefined ? undefined : defined({ ttl: asString(mark['ttl']) as CacheTtl | undefined });
  const rest = withoutKeys(part, known);
  const extra = control === undefined ? rest : { ...rest, cache_control: control };
  return defined({ cache, extra });
}

/** `url_citation` annotations of an answer. */
export function decodeAnnotations(annotations: Json | undefined): readonly Citation[] {
  return (asArray(annotations) ?? []).flatMap((item) => {
    const raw = asObject(item);
    const cited = asObject(raw?.['url_citation']);
    if (raw === undefined || cited === undefined) return [];
    const { start_index: start, end_index: end } = cited;
    return [
      {
        raw,
        ...defined({
          url: asString(cited['url']),
          title: asString(cited['title']),
          start: typeof start === 'number' ? start : undefined,
          end: typeof end === 'number' ? end : undefined,
        }),
      },
    ];
  });
}
