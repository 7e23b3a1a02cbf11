import type { CanonicalEvent } from '../canonical/events.ts';
import type { HostedStep } from '../canonical/hosted.ts';
import { createNameRestorer } from '../canonical/names.ts';
import { asNumber, asObject, asObjects, asString, asText } from '../canonical/read-json.ts';
import type { CanonicalRequest, JsonObject, Origin } from '../canonical/request.ts';
import { decodeLogprobs } from '../openai-logprobs.ts';
import { pieces, type Piece } from './answer-pieces.ts';
import { decodeAnnotation } from './decode-content.ts';
import { readSteps } from './hosted-tools.ts';
import { flatName, maxNameLength } from './decode-tools.ts';

/**
 * The items of one answer, by their place in the output; item ids may change on the way. Whatever an item or a part
 * says when it is done and no delta said before is told then, so that a server without deltas loses nothing.
 */
interface GrowingItem {
  readonly type: string;
  /** Block of a call; messages and reasoning have blocks as they need them. */
  readonly index: number;
  /** Keys of the parts of which something was told. */
  readonly told: Set<string>;
  /** Annotations told, by part. */
  readonly cited: Map<string, number>;
  hasText: boolean;
}

type Events = readonly CanonicalEvent[];
const none: Events = [];

export class AnswerItems {
  origin: Origin = { protocol: 'openai-responses', model: '' };
  hasCalls = false;
  hasRefusal = false;
  readonly #items = new Map<number, GrowingItem>();
  readonly #done = new Set<number>();
  readonly #offered: ReadonlySet<string>;
  readonly #restoreName: (name: string) => string;
  #nextIndex = 0;
  #open: { readonly kind: 'text' | 'reasoning'; readonly index: number; readonly key: string } | undefined;
  #refusalIndex: number | undefined;

  constructor(request: CanonicalRequest) {
    this.#offered = new Set(request.tools.map((tool) => tool.name));
    this.#restoreName = createNameRestorer(request, maxNameLength);
  }

  accept(type: string, event: JsonObject): Events {
    const at = asNumber(event['output_index']) ?? 0;
    if (this.#done.has(at)) return none;
    const events: CanonicalEvent[] = [];
    const item = asObject(event['item']);
    if (type === 'response.output_item.added') {
      if (item !== undefined) this.#add(at, item, events);
    } else if (type === 'response.output_item.done') {
      if (item !== undefined) this.#finish(at, item, events);
    } else this.#piece(type, event, events);
    return events;
  }

  /** The answer is over; what is still open is complete. */
  close(): Events {
    const events: CanonicalEvent[] = [];
    this.#closeBlock(events);
    for (const [at, item] of this.#items) {
      if (!this.#done.has(at)) this.#closeCall(item, events);
    }
    return events;
  }

  #takeIndex(): number {
    const index = this.#nextIndex;
    this.#nextIndex += 1;
    return index;
  }

  #add(at: number, item: JsonObject, events: CanonicalEvent[]): GrowingItem {
    const known = this.#items.get(at);
    if (known !== undefined) return known;
    const type = asString(item['type']) ?? '';
    const isCall = type === 'function_call' || type === 'custom_tool_call';
    if (isCall || type === 'reasoning') this.#closeBlock(events);
    const growing: GrowingItem = {
      type,
      index: isCall ? this.#takeIndex() : -1,
      told: new Set(),
      cited: new Map(),
      hasText: false,
    };
    this.#items.set(at, growing);
    if (isCall) this.#startCall(growing, item, events);
    return growing;
  }

  #startCall({ index, type }: GrowingItem, item: JsonObject, events: CanonicalEvent[]): void {
    this.hasCalls = true;
    const id = asText(item['call_id']) ?? asString(item['id']) ?? '';
    const name = this.#nameOf(asText(item['namespace']), asString(item['name']) ?? '');
    events.push({ type: 'tool-call-start', index, id, name });
    if (type === 'custom_tool_call') {
      events.push({ type: 'tool-call-delta', index, argumentsText: '{"input":"' });
    }
  }

  /** The provider may name a namespace of its own making; the client knows the tools that it offered. */
  #nameOf(namespace: string | undefined, local: string): string {
    const flat = flatName(namespace, local);
    return this.#offered.has(flat) ? flat : this.#restoreName(local);
  }

  #piece(type: string, event: JsonObject, events: CanonicalEvent[]): void {
    const handle = pieces[type];
    if (handle === undefined) return;
    const at = asNumber(event['output_index']) ?? 0;
    const item = this.#items.get(at) ?? this.#add(at, { type: handle.itemType }, events);
    const part = asObject(event['part']);
    const place = asNumber(event[handle.placeField]) ?? 0;
    const key = `${handle.kind}${place}`;
    if (handle.kind === 'annotation') {
      this.#cite(item, `text${place}`, [asObject(event['annotation'])], events);
      return;
    }
    const value = asString(event['delta']) ?? asString(event[handle.doneField]) ?? '';
    if (type.endsWith('.done') && item.told.has(key)) return;
    const logprobs = decodeLogprobs(event['logprobs']);
    if (part === undefined) this.#tell(at, item, { kind: handle.kind, key, value, logprobs }, events);
  }

  #tell(at: number, item: GrowingItem, piece: Piece, events: CanonicalEvent[]): void {
    const { kind, key, value, logprobs = [] } = piece;
    if (value === '') return;
    const isFirst = !item.told.has(key);
    item.told.add(key);
    switch (kind) {
      case 'text':
        events.push({
          type: 'text-delta',
          index: this.#openBlock('text', `${at}/${key}`, events),
          text: value,
          ...(logprobs.length === 0 ? {} : { logprobs }),
        });
        break;
      case 'refusal':
        this.#closeBlock(events);
        this.hasRefusal = true;
        this.#refusalIndex ??= this.#takeIndex();
        events.push({ type: 'refusal-delta', index: this.#refusalIndex, text: value });
        break;
      case 'summary':
      case 'raw': {
        const index = this.#openBlock('reasoning', `${at}`, events);
        // Each summary is a paragraph of its own.
        if (isFirst && item.hasText) events.push({ type: 'reasoning-delta', index, text: '\n\n' });
        item.hasText = true;
        events.push({ type: 'reasoning-delta', index, text: value });
        break;
      }
      case 'arguments':
        events.push({ type: 'tool-call-delta', index: item.index, argumentsText: value });
        break;
      case 'input':
        events.push({ type: 'tool-call-delta', index: item.index, argumentsText: escaped(value) });
        break;
      case 'annotation':
        break;
    }
  }

  #cite(
    item: GrowingItem,
    key: string,
    annotations: readonly (JsonObject | undefined)[],
    events: CanonicalEvent[],
  ): void {
    const open = this.#open;
    if (open?.kind !== 'text') return;
    const citations = annotations.flatMap(decodeAnnotation);
    item.cited.set(key, (item.cited.get(key) ?? 0) + citations.length);
    for (const citation of citations) events.push({ type: 'text-citation', index: open.index, citation });
  }

  #finish(at: number, item: JsonObject, events: CanonicalEvent[]): void {
    const growing = this.#add(at, item, events);
    switch (growing.type) {
      case 'message':
        this.#finishMessage(at, growing, item, events);
        break;
      case 'reasoning':
        this.#finishReasoning(at, growing, item, events);
        break;
      case 'function_call':
        if (!growing.told.has('arguments0')) {
          const value = asString(item['arguments']) ?? '';
          this.#tell(at, growing, { kind: 'arguments', key: 'arguments0', value }, events);
        }
        this.#closeCall(growing, events);
        break;
      case 'custom_tool_call':
        if (!growing.told.has('input0')) {
          const value = asString(item['input']) ?? '';
          this.#tell(at, growing, { kind: 'input', key: 'input0', value }, events);
        }
        this.#closeCall(growing, events);
        break;
      default:
        this.#closeBlock(events);
        events.push({
          type: 'unknown-block',
          index: this.#takeIndex(),
          protocol: 'openai-responses',
          data: item,
          ...stepsOf(item),
        });
    }
    this.#done.add(at);
  }

  #finishMessage(at: number, growing: GrowingItem, item: JsonObject, events: CanonicalEvent[]): void {
    for (const [place, part] of asObjects(item['content']).entries()) {
      const isRefusal = part['type'] === 'refusal';
      const kind = isRefusal ? 'refusal' : 'text';
      const key = `${kind}${place}`;
      const value = asString(part[isRefusal ? 'refusal' : 'text']) ?? '';
      const logprobs = decodeLogprobs(part['logprobs']);
      if (!growing.told.has(key)) this.#tell(at, growing, { kind, key, value, logprobs }, events);
      if (this.#open?.key !== `${at}/${key}`) continue;
      const rest = asObjects(part['annotations']).slice(growing.cited.get(key) ?? 0);
      this.#cite(growing, key, rest, events);
    }
    this.#closeBlock(events);
  }

  #finishReasoning(at: number, growing: GrowingItem, item: JsonObject, events: CanonicalEvent[]): void {
    for (const [kind, field] of reasoningFields) {
      for (const [place, part] of asObjects(item[field]).entries()) {
        const key = `${kind}${place}`;
        const value = asString(part['text']) ?? '';
        if (!growing.told.has(key)) this.#tell(at, growing, { kind, key, value }, events);
      }
    }
    const value = asText(item['encrypted_content']);
    const index = this.#openBlock('reasoning', `${at}`, events);
    this.#open = undefined;
    const opaque =
      value === undefined ? {} : { opaque: { kind: 'encrypted', value, origin: this.origin } as const };
    events.push({ type: 'reasoning-end', index, ...opaque });
  }

  #closeCall(item: GrowingItem, events: CanonicalEvent[]): void {
    const { index, type } = item;
    if (type === 'custom_tool_call') events.push({ type: 'tool-call-delta', index, argumentsText: '"}' });
    if (index >= 0) events.push({ type: 'tool-call-end', index });
  }

  #openBlock(kind: 'text' | 'reasoning', key: string, events: CanonicalEvent[]): number {
    if (this.#open?.kind === kind && this.#open.key === key) return this.#open.index;
    this.#closeBlock(events);
    const index = this.#takeIndex();
    this.#open = { kind, index, key };
    events.push(kind === 'text' ? { type: 'text-start', index } : { type: 'reasoning-start', index });
    return index;
  }

  #closeBlock(events: CanonicalEvent[]): void {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    const { kind, index } = open;
    events.push(kind === 'text' ? { type: 'text-end', index } : { type: 'reasoning-end', index });
  }
}

function stepsOf(item: JsonObject): { readonly steps?: readonly HostedStep[] } {
  const steps = readSteps(item);
  return steps.length === 0 ? {} : { steps };
}

const reasoningFields = [
  ['summary', 'summary'],
  ['raw', 'content'],
] as const;

/** Free text as the inside of a JSON string; pieces joined are the whole's escape. */
function escaped(value: string): string {
  return JSON.stringify(value).slice(1, -1);
}
