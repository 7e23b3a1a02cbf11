import { RelayError } from '../../domain/errors.ts';
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
  JsonObject,
  Part,
  ReasoningPart,
  TextPart,
  Tool,
  ToolResultPart,
  Turn,
} from '../canonical/request.ts';
import { decodeContent, protocol } from './decode-content.ts';
import { decodeTypedCall, decodeTypedResult } from './typed-tools.ts';
import { readSteps } from './hosted-tools.ts';
import { decodeTools, flatName } from './decode-tools.ts';

/** Input items to leading system text and turns. Items the model wrote, one after the other, are one turn. */
interface Conversation {
  readonly system: readonly TextPart[];
  readonly turns: readonly Turn[];
  /** Tools that an item offers. */
  readonly tools: readonly Tool[];
  readonly hasCompaction: boolean;
  /** Settings that an item changed from its place on; the last such item. */
  readonly configuration?: JsonObject;
}

export function decodeInput(body: JsonObject, model: string): Conversation {
  const draft: Draft = { model, system: [], turns: [], tools: [], hasCompaction: false };
  const instructions = asText(body['instructions']);
  if (instructions !== undefined) draft.system.push({ type: 'text', text: instructions });
  const { input } = body;
  if (typeof input === 'string') return { ...draft, turns: [{ role: 'user', parts: decodeContent(input) }] };
  const items = asArray(input);
  if (items === undefined) throw invalid('input', 'The field "input" must be a string or a list of items.');
  for (const [index, item] of items.entries()) {
    const object = asObject(item);
    if (object === undefined) throw invalid(`input[${index}]`, 'An input item must be an object.');
    addItem(draft, object, index);
  }
  return draft;
}

interface Draft {
  readonly model: string;
  readonly system: TextPart[];
  readonly turns: { readonly role: Turn['role']; readonly parts: Part[] }[];
  readonly tools: Tool[];
  hasCompaction: boolean;
  configuration?: JsonObject;
}

function invalid(param: string, message: string): RelayError {
  return new RelayError('invalid_request', { param, message });
}

function addItem(draft: Draft, item: JsonObject, index: number): void {
  const type = asText(item['type']) ?? (item['role'] === undefined ? 'item_reference' : 'message');
  switch (type) {
    case 'message':
      return addMessage(draft, item, index);
    case 'function_call':
    case 'custom_tool_call':
      return addPart(draft, 'assistant', decodeCall(item, type === 'custom_tool_call'));
    case 'function_call_output':
    case 'custom_tool_call_output':
      return addPart(draft, 'tool', decodeOutput(item, type === 'custom_tool_call_output'));
    case 'reasoning':
      return addPart(draft, 'assistant', decodeReasoning(item, draft.model));
    case 'additional_tools':
      draft.tools.push(...decodeTools(item['tools']));
      return undefined;
    case 'item_reference':
      throw invalid(
        `input[${index}]`,
        'An item reference needs the provider that stored the item. Send the item itself; clients that refer to items do so with "store": false.',
      );
    case 'compaction': {
      const envelope = asText(item['encrypted_content']);
      if (envelope !== undefined && isEnvelope(envelope)) {
        draft.turns.push({ role: 'user', parts: [{ type: 'unknown', protocol, data: item, envelope }] });
        return undefined;
      }
      draft.hasCompaction = true;
      break;
    }
    case 'compaction_trigger':
      return undefined;
    case 'configuration_update':
      draft.configuration = item;
      return undefined;
    default:
      break;
  }
  const call = decodeTypedCall(item);
  if (call !== undefined) return addPart(draft, 'assistant', call);
  const result = decodeTypedResult(item);
  if (result === undefined)
    return addPart(draft, 'assistant', { type: 'unknown', protocol, data: item, ...toldSteps(item) });
  // Tools that a search found are offered from here on.
  draft.tools.push(...decodeTools(item['tools']).map(asFound));
  return addPart(draft, 'tool', result);
}

/** The item itself tells this protocol's own provider of it. */
function asFound(tool: Tool): Tool {
  return tool.type === 'function' ? { ...tool, extra: { ...tool.extra, found: true } } : tool;
}

/** What a provider's own tool did is told to the models of others in words. */
function toldSteps(item: JsonObject): { readonly asText?: string } {
  const steps = readSteps(item);
  return steps.length === 0 ? {} : { asText: stepsAsText(steps) };
}

function addPart(draft: Draft, role: 'assistant' | 'tool', part: Part): void {
  const last = draft.turns.at(-1);
  if (last?.role === role) last.parts.push(part);
  else draft.turns.push({ role, parts: [part] });
}

const roles = ['user', 'assistant', 'system', 'developer'] as const;
const messageKeys = new Set(['type', 'role', 'content']);

function addMessage(draft: Draft, item: JsonObject, index: number): void {
  const role = roles.find((known) => known === item['role']);
  if (role === undefined) {
    throw invalid(`input[${index}].role`, 'A message needs a role that Responses knows.');
  }
  const parts = decodeContent(item['content']);
  const own = withoutKeys(item, messageKeys) ?? {};
  if (role === 'assistant') {
    for (const part of markFirst(parts, own)) addPart(draft, 'assistant', part);
    return;
  }
  const isText = parts.every((part) => part.type === 'text');
  const isLeading = draft.turns.length === 0 && (role === 'system' || role === 'developer');
  if (isLeading && isText) {
    draft.system.push(...markFirst(parts, { ...own, role }).filter((part) => part.type === 'text'));
  } else draft.turns.push({ role, parts: [...markFirst(parts, own)] });
}

/** The fields of a message lie with its first text: a turn may hold several messages. */
function markFirst(parts: readonly Part[], message: JsonObject): readonly Part[] {
  const [first, ...rest] = parts;
  if (first?.type !== 'text') return parts;
  return [{ ...first, extra: { ...first.extra, message } }, ...rest];
}

const callKeys = new Set(['type', 'call_id', 'name', 'namespace', 'arguments', 'input']);

function decodeCall(item: JsonObject, isCustom: boolean): Part {
  const local = asString(item['name']) ?? '';
  const namespace = asText(item['namespace']);
  const argumentsText = isCustom
    ? JSON.stringify({ input: asString(item['input']) ?? '' })
    : (asString(item['arguments']) ?? JSON.stringify(item['arguments'] ?? {}));
  const extra = {
    ...defined({ item: withoutKeys(item, callKeys) }),
    ...(isCustom ? { custom: true } : {}),
    ...(namespace === undefined ? {} : { namespace, local }),
  };
  return {
    type: 'tool-call',
    id: asString(item['call_id']) ?? '',
    name: flatName(namespace, local),
    argumentsText,
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

const outputKeys = new Set(['type', 'call_id', 'output']);

function decodeOutput(item: JsonObject, isCustom: boolean): ToolResultPart {
  const parts = decodeContent(item['output']).flatMap((part) => {
    const fits = part.type !== 'reasoning' && part.type !== 'tool-call' && part.type !== 'tool-result';
    return fits && part.type !== 'refusal' ? [part] : [];
  });
  const extra = {
    ...defined({ item: withoutKeys(item, outputKeys) }),
    ...(isCustom ? { custom: true } : {}),
    ...(typeof item['output'] === 'string' ? {} : { isList: true }),
  };
  return {
    type: 'tool-result',
    callId: asString(item['call_id']) ?? '',
    parts,
    isError: false,
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

/** `encrypted_content` is the provider's own, or what another provider gave, in an envelope. */
function decodeReasoning(item: JsonObject, model: string): ReasoningPart {
  const sealed = asText(item['encrypted_content']);
  const text = reasoningText(item);
  if (sealed !== undefined && isEnvelope(sealed)) return { type: 'reasoning', text, envelope: sealed };
  const origin = { protocol, model } as const;
  const extra = withoutKeys(item, new Set(['type', 'encrypted_content']));
  const opaque = sealed === undefined ? undefined : ({ kind: 'encrypted', value: sealed, origin } as const);
  return { type: 'reasoning', text, origin, ...defined({ opaque, extra }) };
}

/** Raw text and summaries, each a paragraph. */
function reasoningText(item: JsonObject): string {
  return [...asObjects(item['summary']), ...asObjects(item['content'])]
    .map((part) => asString(part['text']) ?? '')
    .filter((text) => text !== '')
    .join('\n\n');
}
