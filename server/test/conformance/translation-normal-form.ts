import type { Json, JsonObject } from '../../src/protocols/canonical/request.ts';
import type { Side } from './translation-material.ts';

/**
 * One spelling for what a wire lets clients spell in several ways, so that a request can be compared with itself after
 * decoding and encoding. Everything named here has the same meaning to the provider.
 */
export function normalRequest(side: Side, body: JsonObject): JsonObject {
  return sortKeys(normalForms[side.id](body)) as JsonObject;
}

const normalForms: Readonly<Record<Side['id'], (body: JsonObject) => JsonObject>> = {
  'anthropic-messages': normalMessages,
  'openai-chat': normalChat,
  'openai-responses': normalResponses,
};

function normalMessages(body: JsonObject): JsonObject {
  const messages: { role: Json; content: Json[] }[] = [];
  for (const message of list(body['messages'])) {
    const content = blocks(message['content']).flatMap(normalBlock);
    const last = messages.at(-1);
    if (last !== undefined && last.role === message['role']) last.content.push(...content);
    else messages.push({ role: message['role'] ?? null, content });
  }
  const system = blocks(body['system']).flatMap(normalBlock);
  const { system: _system, stream, output_format: format, ...rest } = body;
  return {
    ...rest,
    ...(format === undefined ? {} : { output_config: { format } }),
    messages: messages.filter((message) => message.content.length > 0),
    ...(system.length === 0 ? {} : { system }),
    ...(stream === true ? { stream } : {}),
    ...(body['tools'] === undefined || list(body['tools']).length > 0 ? {} : { tools: [] }),
  };
}

function blocks(content: Json | undefined): readonly JsonObject[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : list(content);
}

function normalBlock(block: JsonObject): readonly JsonObject[] {
  if (block['type'] === 'text' && typeof block['text'] === 'string' && block['text'].trim() === '') return [];
  if (block['type'] !== 'tool_result') return [withoutEmpty(block)];
  const { content, is_error: isError, ...rest } = block;
  const inner = blocks(content).flatMap(normalBlock);
  return [
    {
      ...withoutEmpty(rest),
      ...(inner.length === 0 ? {} : { content: inner }),
      ...(isError === true ? { is_error: true } : {}),
    },
  ];
}

function normalChat(body: JsonObject): JsonObject {
  const {
    stream,
    max_tokens: old,
    max_completion_tokens: limit,
    stop,
    safety_identifier: safe,
    user,
    ...rest
  } = body;
  const options =
    stream === true
      ? { stream_options: { ...(body['stream_options'] as JsonObject), include_usage: true } }
      : {};
  const cap = limit ?? old;
  const person = safe ?? user;
  return {
    ...rest,
    messages: list(body['messages']).map(normalMessage),
    ...(stream === true ? { stream, ...options } : {}),
    ...(cap === undefined || cap === null ? {} : { max_tokens: cap }),
    ...(stop === undefined || stop === null ? {} : { stop: typeof stop === 'string' ? [stop] : stop }),
    ...(person === undefined ? {} : { user: person }),
  };
}

function normalMessage(message: JsonObject): JsonObject {
  const { content, tool_calls: calls, ...rest } = message;
  const parts = blocks(content).filter((part) => part['type'] !== 'text' || part['text'] !== '');
  return {
    ...withoutEmpty(rest),
    content: parts.map((part) => withoutEmpty(part)),
    ...(list(calls).length === 0 ? {} : { tool_calls: calls ?? null }),
  };
}

/** Tools that an item offers stand among the others, and a bare text is a user's message. */
function normalResponses(body: JsonObject): JsonObject {
  const { stream, safety_identifier: safe, user, reasoning, instructions, ...rest } = body;
  const input: readonly JsonObject[] =
    typeof body['input'] === 'string' ? [{ role: 'user', content: body['input'] }] : list(body['input']);
  const offered = input.filter((item) => item['type'] === 'additional_tools');
  const tools = [...list(body['tools']), ...offered.flatMap((item) => list(item['tools']))];
  const person = safe ?? user;
  return {
    ...rest,
    input: input.filter((item) => item['type'] !== 'additional_tools').flatMap(normalItem),
    ...withoutEmpty({ tools, reasoning: withoutEmpty((reasoning ?? {}) as JsonObject) }),
    ...(tools.length === 0 ? { tools: null } : {}),
    ...(instructions === '' ? {} : { instructions: instructions ?? null }),
    ...(stream === true ? { stream } : {}),
    ...(person === undefined ? {} : { user: person }),
  };
}

function normalItem(item: JsonObject): readonly JsonObject[] {
  if (item['role'] === undefined) return [item['type'] === 'reasoning' ? item : withoutEmpty(item)];
  const text = item['role'] === 'assistant' ? 'output_text' : 'input_text';
  const { content: said } = item;
  const parts = typeof said === 'string' ? [{ type: text, text: said }] : list(said);
  if (parts.length === 0) return [];
  const content = parts.map(({ logprobs: _logprobs, ...part }: JsonObject) => withoutEmpty(part));
  return [{ type: 'message', ...withoutEmpty(item), content }];
}

function withoutEmpty(object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).filter(
      ([, value]) => value !== null && !(Array.isArray(value) && value.length === 0),
    ),
  );
}

function list(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly JsonObject[]) : [];
}

function sortKeys(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(
    entries
      .map(([key, inner]): [string, Json] => [key, sortKeys(inner)])
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}
