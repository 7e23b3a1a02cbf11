import { stepsAsText } from '../canonical/hosted.ts';
import { isEnvelope } from '../canonical/envelope.ts';
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
  ToolResultPart,
  UnknownPart,
} from '../canonical/request.ts';

import { readSteps } from './hosted-tools.ts';
import { wordTable } from '../canonical/word-table.ts';

/** Content blocks of Anthropic Messages to canonical parts; used for requests and for whole answers alike. */
const protocol = 'anthropic-messages';

type BlockDecoder = (block: JsonObject, model: string) => Part;

const decoders = wordTable<BlockDecoder>({
  text: decodeText,
  image: decodeMedia,
  document: decodeMedia,
  thinking: decodeThinking,
  redacted_thinking: decodeRedacted,
  tool_use: decodeToolUse,
  tool_result: (block, model) => decodeToolResult(block, model),
  search_result: (block) => ({ ...unknown(block), asText: searchResultText(block) }),
});

function decodeBlock(block: JsonObject, model: string): Part {
  const decode = decoders[asString(block['type']) ?? ''];
  return decode === undefined ? unknown(block) : decode(block, model);
}

/** Content as it is written in requests: a string or a list of blocks. */
export function decodeContent(content: Json | undefined, model: string): readonly Part[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return asObjects(content).map((block) => decodeBlock(block, model));
}

function unknown(block: JsonObject): UnknownPart {
  const steps = readSteps(block);
  return {
    type: 'unknown',
    protocol,
    data: block,
    ...(steps.length === 0 ? {} : { asText: stepsAsText(steps) }),
  };
}

const textKeys = new Set(['type', 'text', 'cache_control', 'citations']);

export function decodeText(block: JsonObject): TextPart {
  const citations = asObjects(block['citations']).map(decodeCitation);
  return {
    type: 'text',
    text: asString(block['text']) ?? '',
    ...(citations.length > 0 ? { citations } : {}),
    ...cacheAndExtra(block, textKeys),
  };
}

export function decodeCitation(raw: JsonObject): Citation {
  return {
    raw,
    ...defined({
      url: asString(raw['url']),
      title: asString(raw['title']) ?? asString(raw['document_title']),
      citedText: asString(raw['cited_text']),
    }),
  };
}

const mediaKeys = new Set(['type', 'source', 'cache_control', 'title']);

function decodeMedia(block: JsonObject): Part {
  const source = asObject(block['source']) ?? {};
  const decoded = decodeSource(source);
  const type = block['type'] === 'image' ? 'image' : 'document';
  if (decoded === undefined) return { ...unknown(block), ...defined({ asText: innerText(source) }) };
  const part: MediaPart = {
    type,
    source: decoded,
    ...defined({ mimeType: asString(source['media_type']), filename: asString(block['title']) }),
    ...cacheAndExtra(block, mediaKeys),
  };
  return part;
}

function decodeSource(source: JsonObject): MediaSource | undefined {
  const data = asString(source['data']) ?? '';
  switch (asString(source['type']) ?? '') {
    case 'base64':
      return { type: 'base64', data };
    case 'text':
      return { type: 'text', text: data };
    case 'url':
      return { type: 'url', url: asString(source['url']) ?? '' };
    case 'file':
      return { type: 'file-id', fileId: asString(source['file_id']) ?? '', owner: protocol };
    default:
      return undefined;
  }
}

/** A document made of blocks; its text is what other protocols can be told of it. */
function innerText(source: JsonObject): string | undefined {
  if (source['type'] !== 'content') return undefined;
  if (typeof source['content'] === 'string') return source['content'];
  return asObjects(source['content'])
    .map((block) => asString(block['text']) ?? '')
    .join('\n');
}

function searchResultText(block: JsonObject): string {
  const texts = asObjects(block['content']).map((inner) => asString(inner['text']) ?? '');
  return [asString(block['title']) ?? '', asString(block['source']) ?? '', '', ...texts].join('\n').trim();
}

function decodeThinking(block: JsonObject, model: string): Part {
  const text = asString(block['thinking']) ?? '';
  const signature = asText(block['signature']);
  if (signature === undefined) return { type: 'reasoning', text };
  if (isEnvelope(signature)) return { type: 'reasoning', text, envelope: signature };
  const origin = { protocol, model } as const;
  return { type: 'reasoning', text, opaque: { kind: 'signature', value: signature, origin }, origin };
}

function decodeRedacted(block: JsonObject, model: string): Part {
  const value = asString(block['data']) ?? '';
  if (isEnvelope(value)) return { type: 'reasoning', text: '', envelope: value };
  const origin = { protocol, model } as const;
  return { type: 'reasoning', text: '', opaque: { kind: 'redacted', value, origin }, origin };
}

const toolUseKeys = new Set(['type', 'id', 'name', 'input', 'cache_control']);

function decodeToolUse(block: JsonObject): Part {
  return {
    type: 'tool-call',
    id: asString(block['id']) ?? '',
    name: asString(block['name']) ?? '',
    argumentsText: JSON.stringify(block['input'] ?? {}),
    ...cacheAndExtra(block, toolUseKeys),
  };
}

const toolResultKeys = new Set(['type', 'tool_use_id', 'content', 'is_error', 'cache_control']);

function decodeToolResult(block: JsonObject, model: string): ToolResultPart {
  const inner = block['content'];
  const parts =
    typeof inner === 'string'
      ? [{ type: 'text', text: inner } as const]
      : (asArray(inner) ?? []).flatMap((item) => asResultPart(asObject(item), model));
  return {
    type: 'tool-result',
    callId: asString(block['tool_use_id']) ?? '',
    parts,
    isError: block['is_error'] === true,
    ...cacheAndExtra(block, toolResultKeys),
  };
}

function asResultPart(block: JsonObject | undefined, model: string): ToolResultPart['parts'] {
  if (block === undefined) return [];
  const part = decodeBlock(block, model);
  const fits =
    part.type === 'text' || part.type === 'image' || part.type === 'document' || part.type === 'unknown';
  return fits ? [part] : [unknown(block)];
}

/** The cache mark and what else stands in the block; a mark with fields of its own stays as it was written. */
export function cacheAndExtra(
  block: JsonObject,
  known: ReadonlySet<string>,
): { readonly cache?: CacheMark; readonly extra?: JsonObject } {
  const control = asObject(block['cache_control']);
  const cache: CacheMark | undefined =
    control === undefined ? undefined : defined({ ttl: asString(control['ttl']) as CacheTtl | undefined });
  const isPlain =
    control !== undefined && Object.keys(control).every((key) => key === 'type' || key === 'ttl');
  const rest = withoutKeys(block, known);
  const extra = control === undefined || isPlain ? rest : { ...rest, cache_control: control };
  return defined({ cache, extra });
}
