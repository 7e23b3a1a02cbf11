import { asObject, asObjects, asString, asText, defined, withoutKeys } from '../canonical/read-json.ts';
import type {
  Json,
  JsonObject,
  MediaPart,
  MediaSource,
  Part,
  ToolResultPart,
  UnknownPart,
} from '../canonical/request.ts';
import { readSignature } from './thought-signatures.ts';

/** Parts of one content to canonical parts. A signature on a text follows it as reasoning without words. */
const protocol = 'gemini';

/** Where the ids of calls without one come from, and which call a response without one belongs to. */
export interface CallIds {
  call(name: string, id: string | undefined): string;
  response(name: string, id: string | undefined): string;
}

export interface PartContext {
  readonly model: string;
  readonly ids: CallIds;
}

export function decodePart(part: JsonObject, context: PartContext): readonly Part[] {
  const signature = asText(part['thoughtSignature']);
  const call = asObject(part['functionCall']);
  if (call !== undefined) return [decodeCall(call, signature, context)];
  const response = asObject(part['functionResponse']);
  if (response !== undefined) return [decodeResponse(response, context)];
  const media = decodeMedia(part);
  if (media !== undefined) return [media];
  const text = asString(part['text']);
  if (text === undefined && signature === undefined) return [unknown(part)];
  if (isUnknown(part)) return [unknown(part)];
  if (part['thought'] === true) return [decodeThought(text ?? '', signature, context)];
  const said: readonly Part[] = text === undefined || text === '' ? [] : [decodeText(part, text)];
  return signature === undefined ? said : [...said, decodeThought('', signature, context)];
}

const unknownKeys = ['executableCode', 'codeExecutionResult', 'toolCall', 'toolResponse'];

function isUnknown(part: JsonObject): boolean {
  return unknownKeys.some((key) => part[key] !== undefined);
}

const textKeys = new Set(['text', 'thought', 'thoughtSignature']);

function decodeText(part: JsonObject, text: string): Part {
  return { type: 'text', text, ...defined({ extra: withoutKeys(part, textKeys) }) };
}

function decodeThought(text: string, signature: string | undefined, { model }: PartContext): Part {
  if (signature === undefined) return { type: 'reasoning', text, origin: { protocol, model } };
  return { type: 'reasoning', text, ...readSignature(signature, model) };
}

function decodeCall(call: JsonObject, signature: string | undefined, context: PartContext): Part {
  const name = asString(call['name']) ?? '';
  const { opaque, envelope } = signature === undefined ? {} : readSignature(signature, context.model);
  return {
    type: 'tool-call',
    id: context.ids.call(name, asText(call['id'])),
    name,
    argumentsText: JSON.stringify(call['args'] ?? {}),
    ...defined({ opaque, envelope }),
  };
}

const responseKeys = new Set(['id', 'name', 'parts']);

function decodeResponse(response: JsonObject, context: PartContext): ToolResultPart {
  const name = asString(response['name']) ?? '';
  const body = asObject(response['response']) ?? {};
  const keys = Object.keys(body);
  const isError = keys.length === 1 && keys[0] === 'error';
  const isPlain = keys.length === 1 && (isError || keys[0] === 'output' || keys[0] === 'result');
  const said = isPlain ? (body[keys[0] ?? ''] ?? null) : body;
  const text = typeof said === 'string' ? said : JSON.stringify(said);
  const media = asObjects(response['parts']).map((part) => decodeMedia(part) ?? unknown(part));
  return {
    type: 'tool-result',
    callId: context.ids.response(name, asText(response['id'])),
    name,
    parts: [...(text === '' ? [] : [{ type: 'text', text } as const]), ...media],
    isError,
    ...defined({ extra: withoutKeys(response, responseKeys) }),
  };
}

/** Code that the provider ran is plain to read for any other model. */
function unknown(part: JsonObject): UnknownPart {
  const code = asString(asObject(part['executableCode'])?.['code']);
  const output = asObject(part['codeExecutionResult']);
  const ran = output === undefined ? undefined : `Output:\n${asString(output['output']) ?? ''}`;
  const asText = code === undefined ? ran : `Code:\n${code}`;
  return { type: 'unknown', protocol, data: part, ...defined({ asText }) };
}

const mediaKeys = new Set(['inlineData', 'fileData']);

/** This provider also takes the letters of addresses, which its Python client writes; nobody else does. */
function plainBase64(data: string): string {
  return data.replaceAll('-', '+').replaceAll('_', '/');
}

function decodeMedia(part: JsonObject): MediaPart | undefined {
  const inline = asObject(part['inlineData']);
  const file = asObject(part['fileData']);
  const holder = inline ?? file;
  if (holder === undefined) return undefined;
  const uri = asString(file?.['fileUri']) ?? '';
  const mimeType = asText(holder['mimeType']);
  const source: MediaSource =
    inline === undefined
      ? fileSource(uri)
      : { type: 'base64', data: plainBase64(asString(inline['data']) ?? '') };
  return {
    type: mediaType(mimeType, uri),
    source,
    ...defined({
      mimeType,
      filename: asText(holder['displayName']),
      extra: withoutKeys(part, mediaKeys),
    }),
  };
}

const uploaded = /^(?:gs:|files\/|https:\/\/generativelanguage\.googleapis\.com\/)/;

function fileSource(uri: string): MediaSource {
  return uploaded.test(uri) ? { type: 'file-id', fileId: uri, owner: protocol } : { type: 'url', url: uri };
}

const imageAddress = /\.(?:png|jpe?g|gif|webp)(?:[?#]|$)/i;
const videoAddress = /^https?:\/\/(?:www\.|m\.)?(?:youtube\.com|youtu\.be)\//;

function mediaType(mimeType: string | undefined, uri: string): MediaPart['type'] {
  const [kind] = (mimeType ?? '').split('/');
  if (kind === 'image' || kind === 'audio' || kind === 'video') return kind;
  if (videoAddress.test(uri)) return 'video';
  return mimeType === undefined && imageAddress.test(uri) ? 'image' : 'document';
}

/** A list of parts as a body has it; a lone part or a string is what some clients write. */
export function partsOf(parts: Json | undefined): readonly JsonObject[] {
  if (typeof parts === 'string') return [{ text: parts }];
  const single = asObject(parts);
  return single === undefined ? asObjects(parts) : [single];
}
