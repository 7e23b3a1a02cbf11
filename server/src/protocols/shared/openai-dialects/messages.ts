import { asObject } from '../../canonical/read-json.ts';
import type { Json, JsonObject } from '../../canonical/request.ts';

/** The messages of a body, each an object; `undefined` where they are not what the protocol says. */
export function messagesOf(body: JsonObject): readonly JsonObject[] | undefined {
  const messages = body['messages'];
  if (!Array.isArray(messages)) return undefined;
  const objects = (messages as readonly Json[]).map(asObject);
  return objects.every((message) => message !== undefined) ? objects : undefined;
}

/** The body with other messages, or itself where none changed. */
export function withMessages(
  body: JsonObject,
  change: (messages: readonly JsonObject[]) => readonly JsonObject[],
): JsonObject {
  const messages = messagesOf(body);
  if (messages === undefined) return body;
  const changed = change(messages);
  const isSame =
    changed.length === messages.length && changed.every((message, index) => message === messages[index]);
  return isSame ? body : { ...body, messages: changed };
}

/** Changes messages one by one. */
export function mapMessages(body: JsonObject, change: (message: JsonObject) => JsonObject): JsonObject {
  return withMessages(body, (messages) => messages.map(change));
}

export function callsOf(message: JsonObject): readonly JsonObject[] {
  const calls = message['tool_calls'];
  return Array.isArray(calls)
    ? (calls as readonly Json[]).map(asObject).filter((call) => call !== undefined)
    : [];
}

export function isInstruction(message: JsonObject): boolean {
  return message['role'] === 'system' || message['role'] === 'developer';
}

/** Plain text of a content that is a string or a list with text parts. */
export function textOf(content: Json | undefined): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return (content as readonly Json[])
    .map((part) => asObject(part)?.['text'])
    .filter((text) => typeof text === 'string')
    .join('\n\n');
}

/** A content as a list of parts. */
export function partsOf(content: Json | undefined): readonly Json[] {
  if (Array.isArray(content)) return content as readonly Json[];
  return typeof content === 'string' && content !== '' ? [{ type: 'text', text: content }] : [];
}

/** `object` without `field`. */
export function without(object: JsonObject, field: string): JsonObject {
  const { [field]: _left, ...rest } = object;
  return rest;
}
