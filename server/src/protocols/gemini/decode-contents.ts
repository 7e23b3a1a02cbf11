import { RelayError } from '../../domain/errors.ts';
import { synthesizeCallId } from '../canonical/names.ts';
import { asArray, asObject, asString } from '../canonical/read-json.ts';
import type { Json, JsonObject, Part, TextPart, Turn } from '../canonical/request.ts';
import { decodePart, partsOf, type CallIds } from './decode-parts.ts';

/**
 * Contents to turns. An absent role is the user's; `function` is an old name of the user turn with responses. Contents of
 * one role in a row are one turn, as they are to the provider.
 */
export function decodeContents(contents: Json | undefined, model: string): readonly Turn[] {
  const context = { model, ids: createCallIds() };
  const turns: { readonly role: Turn['role']; parts: readonly Part[] }[] = [];
  for (const [index, content] of contentList(contents).entries()) {
    const role = roleOf(content, index);
    const parts = partsOf(content['parts']).flatMap((part) => decodePart(part, context));
    const last = turns.at(-1);
    if (last?.role === role) last.parts = [...last.parts, ...parts];
    else turns.push({ role, parts });
  }
  return turns.map(({ role, parts }) => ({ role, parts: joinThoughts(parts) }));
}

function roleOf(content: JsonObject, index: number): Turn['role'] {
  const role = asString(content['role']) ?? 'user';
  if (roles.has(role)) return role === 'model' ? 'assistant' : 'user';
  throw new RelayError('invalid_request', {
    param: `contents[${index}].role`,
    message: 'Please use a valid role: user, model.',
  });
}

const roles = new Set(['user', 'model', 'function']);

function contentList(contents: Json | undefined): readonly JsonObject[] {
  if (typeof contents === 'string') return [{ role: 'user', parts: [{ text: contents }] }];
  const single = asObject(contents);
  const list = single === undefined ? asArray(contents) : [single];
  if (list === undefined) {
    throw new RelayError('invalid_request', { param: 'contents', message: 'contents is not specified' });
  }
  return list.map((content) => asObject(content) ?? {});
}

/** Streams bring a thought in pieces and its signature on the last; clients keep them as they came. */
function joinThoughts(parts: readonly Part[]): readonly Part[] {
  const joined: Part[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    const isNext =
      part.type === 'reasoning' &&
      last?.type === 'reasoning' &&
      last.opaque === undefined &&
      last.text !== '';
    if (isNext) {
      joined[joined.length - 1] = { ...last, ...part, text: last.text + part.text };
    } else joined.push(part);
  }
  return joined;
}

interface OpenCall {
  readonly id: string;
  readonly name: string;
}

/**
 * Ids are optional here: a response without one answers the first open call of its name, or the first at all; where none
 * is open it repeats an answer that was given, in their order.
 */
function createCallIds(): CallIds {
  let open: OpenCall[] = [];
  let answered: readonly OpenCall[] = [];
  let count = 0;
  return {
    call(name, given) {
      const id = given ?? synthesizeCallId(`contents/${name}`, count);
      count += 1;
      answered = [];
      open.push({ id, name });
      return id;
    },
    response(name, given) {
      const byId = open.find((call) => call.id === given);
      const found = given === undefined ? (open.find((call) => call.name === name) ?? open[0]) : byId;
      open = open.filter((call) => call !== found);
      if (found !== undefined) answered = [...answered, found];
      const id = found?.id ?? given;
      if (id !== undefined) return id;
      const repeated = answered.find((call) => call.name === name);
      if (repeated === undefined) return synthesizeCallId(`responses/${name}`, count);
      answered = [...answered.filter((call) => call !== repeated), repeated];
      return repeated.id;
    },
  };
}

export function decodeSystem(instruction: Json | undefined): readonly TextPart[] {
  const content = typeof instruction === 'string' ? { parts: instruction } : asObject(instruction);
  return partsOf(content?.['parts']).flatMap((part): TextPart[] => {
    const text = asString(part['text']);
    return text === undefined || text === '' ? [] : [{ type: 'text', text }];
  });
}
