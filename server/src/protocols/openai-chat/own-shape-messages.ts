import { asArray, asObject, asObjects, asString, asText, defined } from '../canonical/read-json.ts';
import type { Json, JsonObject } from '../canonical/request.ts';

/**
 * Items of a Responses input and messages with blocks of Anthropic's, as messages of this protocol. Calls that follow
 * each other are one assistant message; results become messages of their own before what stands beside them.
 */
export function toOwnMessages(items: readonly Json[]): readonly Json[] {
  const messages: Json[] = [];
  for (const item of items) {
    const object = asObject(item);
    if (object === undefined) messages.push(item);
    else addItem(messages, object);
  }
  return messages;
}

function addItem(messages: Json[], item: JsonObject): void {
  switch (asString(item['type'])) {
    case 'function_call':
    case 'custom_tool_call':
      addCall(messages, callOf(item));
      break;
    case 'function_call_output':
    case 'custom_tool_call_output':
      messages.push({
        role: 'tool',
        tool_call_id: item['call_id'] ?? '',
        content: contentOf(item['output']),
      });
      break;
    case 'reasoning':
      addReasoning(messages, item);
      break;
    case undefined:
    case 'message':
      messages.push(...ownMessages(item));
      break;
    default:
      // Kept as a block that nobody else knows: its loss is named.
      messages.push(item['role'] === undefined ? { role: 'assistant', content: [item] } : item);
  }
}

function callOf(item: JsonObject): JsonObject {
  const id = item['call_id'] ?? '';
  const space = asText(item['namespace']);
  const local = asString(item['name']) ?? '';
  const name = space === undefined ? local : `${space}__${local}`;
  if (item['type'] === 'custom_tool_call')
    return { id, type: 'custom', custom: { name, input: item['input'] ?? '' } };
  return { id, type: 'function', function: { name, arguments: item['arguments'] ?? '' } };
}

/** A call belongs to the assistant's message before it, if that is the last. */
function addCall(messages: Json[], call: JsonObject): void {
  const last = asObject(messages.at(-1));
  if (last?.['role'] === 'assistant') {
    messages[messages.length - 1] = { ...last, tool_calls: [...asObjects(last['tool_calls']), call] };
  } else messages.push({ role: 'assistant', content: null, tool_calls: [call] });
}

/** Only words can be told here; what is encrypted belongs to its provider. */
function addReasoning(messages: Json[], item: JsonObject): void {
  const text = asObjects(item['content'])
    .map((part) => asString(part['text']) ?? '')
    .join('');
  if (text !== '') messages.push({ role: 'assistant', content: null, reasoning_content: text });
}

function ownMessages(message: JsonObject): readonly JsonObject[] {
  const { type: _type, id: _id, status: _status, phase: _phase, ...rest } = message;
  const parts = asArray(message['content']);
  if (parts === undefined) return [rest];
  const blocks = asObjects(parts);
  const results = blocks.filter((block) => block['type'] === 'tool_result').map(resultOf);
  const calls = blocks.filter((block) => block['type'] === 'tool_use').map(useOf);
  const content = blocks.flatMap(ownPart);
  const isOnlyResults = content.length === 0 && results.length > 0;
  const said = calls.length === 0 ? { content } : { content: content.length === 0 ? null : content };
  const called = calls.length === 0 ? {} : { tool_calls: [...asObjects(rest['tool_calls']), ...calls] };
  return [...results, ...(isOnlyResults ? [] : [{ ...rest, ...said, ...called }])];
}

function resultOf(block: JsonObject): JsonObject {
  const content = contentOf(block['content']);
  const isError = block['is_error'] === true && typeof content === 'string';
  return {
    role: 'tool',
    tool_call_id: block['tool_use_id'] ?? '',
    content: isError ? `Error: ${content}` : content,
  };
}

function useOf(block: JsonObject): JsonObject {
  const called = { name: block['name'] ?? '', arguments: JSON.stringify(block['input'] ?? {}) };
  return { id: block['id'] ?? '', type: 'function', function: called };
}

function contentOf(output: Json | undefined): Json {
  const parts = asArray(output);
  if (parts !== undefined) return asObjects(parts).flatMap(ownPart);
  return typeof output === 'string' ? output : output === undefined ? '' : JSON.stringify(output);
}

/** A part of the conversation in this protocol's words; calls and results are messages of their own. */
function ownPart(part: JsonObject): readonly JsonObject[] {
  switch (asString(part['type']) ?? '') {
    case 'input_text':
    case 'output_text':
      return [{ ...defined(marksOf(part)), type: 'text', text: part['text'] ?? '' }];
    case 'input_image':
      return [inputImage(part)];
    case 'input_file':
      return [inputFile(part)];
    case 'image':
      return [
        { ...defined(marksOf(part)), type: 'image_url', image_url: { url: addressOf(part['source']) } },
      ];
    case 'document':
      return [documentPart(part)];
    case 'tool_use':
    case 'tool_result':
      return [];
    default:
      return [part];
  }
}

function marksOf(part: JsonObject): { [key: string]: Json | undefined } {
  return {
    cache_control: part['cache_control'],
    prompt_cache_breakpoint: part['prompt_cache_breakpoint'],
  };
}

function inputImage(part: JsonObject): JsonObject {
  const fileId = asText(part['file_id']);
  if (fileId !== undefined) return { type: 'file', file: { file_id: fileId } };
  const url = part['image_url'] ?? '';
  const image = { url: asObject(url)?.['url'] ?? url, ...defined({ detail: part['detail'] }) };
  return { ...defined(marksOf(part)), type: 'image_url', image_url: image };
}

function inputFile(part: JsonObject): JsonObject {
  const { file_id, filename } = part;
  const file = defined({ file_id, filename, file_data: part['file_data'] ?? part['file_url'] });
  return { ...defined(marksOf(part)), type: 'file', file };
}

/** A data URL of what Anthropic writes as a source, or its address. */
function addressOf(value: Json | undefined): string {
  const source = asObject(value);
  if (source?.['type'] !== 'base64') return asString(source?.['url']) ?? '';
  return `data:${asString(source['media_type']) ?? ''};base64,${asString(source['data']) ?? ''}`;
}

function documentPart(part: JsonObject): JsonObject {
  const source = asObject(part['source']);
  const title = asText(part['title']);
  if (source?.['type'] === 'text') {
    const text = asString(source['data']) ?? '';
    return { type: 'text', text: title === undefined ? text : `${title}\n${text}` };
  }
  const file = { file_data: addressOf(source), ...defined({ filename: title }) };
  return { ...defined(marksOf(part)), type: 'file', file };
}
