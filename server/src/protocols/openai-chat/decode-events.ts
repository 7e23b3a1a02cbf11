import type { CanonicalEvent, StopReason, UpstreamErrorEvent } from '../canonical/events.ts';
import { createNameRestorer } from '../canonical/names.ts';
import {
  asNumber,
  asObject,
  asObjects,
  asString,
  asText,
  defined,
  parseObject,
} from '../canonical/read-json.ts';
import type { CanonicalRequest, Json, JsonObject } from '../canonical/request.ts';
import { settleStop } from '../canonical/stop.ts';
import { openAiUsage } from '../openai-usage.ts';
import type { EventDecoder } from '../wire-protocol.ts';
import { AnswerCalls } from './answer-calls.ts';
import { decodeAnnotations, thinkingText } from './decode-parts.ts';
import { argumentsOf } from './decode-messages.ts';
import { maxNameLength } from './encode-context.ts';

/** Upstream half: the chunks of a Chat Completions answer to canonical events. */
export function createDecoder(request: CanonicalRequest): EventDecoder {
  const state = new AnswerState(request);
  return {
    push(_eventName, data) {
      if (data === '[DONE]') return state.finish(true);
      const chunk = parseObject(data);
      return chunk === undefined ? state.failWith('upstream_protocol', unreadable) : state.accept(chunk);
    },
    finish: () => state.finish(false),
  };
}

/** A whole answer is one chunk that holds everything. */
export function decodeUnary(body: JsonObject, request: CanonicalRequest): readonly CanonicalEvent[] {
  const state = new AnswerState(request);
  const choices = asObjects(body['choices']).map((choice) => ({ ...choice, delta: choice['message'] ?? {} }));
  const events = state.accept({ ...body, choices });
  // A whole answer is complete by itself; some servers leave its finish reason empty.
  return [...events, ...state.finish(choices.length > 0)];
}

const unreadable = 'The upstream sent a chunk that is not JSON.';

const stopReasons: Readonly<Record<string, StopReason>> = {
  stop: 'end',
  length: 'length',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
  content_filter: 'filter',
};

type Events = readonly CanonicalEvent[];
const none: Events = [];
/** Reasoning kept in case it turns out to be the whole answer. */
const maxKeptReasoning = 256 * 1024;

class AnswerState {
  readonly #calls: AnswerCalls;
  readonly #model: string;
  #id = '';
  #hasStarted = false;
  #hasEnded = false;
  #nextIndex = 0;
  #open: { readonly kind: 'text' | 'reasoning'; readonly index: number } | undefined;
  #refusalIndex: number | undefined;
  #hasText = false;
  #reasoning = '';
  #reason: StopReason | undefined;

  constructor(request: CanonicalRequest) {
    this.#model = request.model;
    this.#calls = new AnswerCalls(createNameRestorer(request, maxNameLength), () => this.#takeIndex());
  }

  #takeIndex(): number {
    const index = this.#nextIndex;
    this.#nextIndex += 1;
    return index;
  }

  accept(chunk: JsonObject): Events {
    if (this.#hasEnded) return none;
    const error = chunk['error'];
    if (error !== undefined && error !== null) return this.#upstreamError(error);
    const choice = asObjects(chunk['choices']).find((item) => (asNumber(item['index']) ?? 0) === 0);
    const events = this.#hasStarted ? [] : this.#start(chunk, choice !== undefined);
    if (choice !== undefined) {
      this.#delta(asObject(choice['delta']) ?? {}, events);
      const reason = asText(choice['finish_reason']);
      if (reason !== undefined) this.#reason = stopReasons[reason] ?? 'other';
    }
    const usage = findUsage(chunk, choice);
    if (usage !== undefined) events.push({ type: 'usage', usage: openAiUsage(usage, chunk).usage });
    return events;
  }

  /** A first chunk may tell of the prompt's filters alone; the answer begins with the one that names it. */
  #start(chunk: JsonObject, hasChoice: boolean): CanonicalEvent[] {
    const id = asString(chunk['id']) ?? '';
    if (id === '' && !hasChoice) return [];
    this.#hasStarted = true;
    this.#id = id;
    const model = asText(chunk['model']) ?? this.#model;
    const createdAtSeconds = asNumber(chunk['created']);
    return [{ type: 'start', id, model, protocol: 'openai-chat', ...defined({ createdAtSeconds }) }];
  }

  #delta(delta: JsonObject, events: CanonicalEvent[]): void {
    // Servers that write both names write the same text twice.
    const reasoning = asText(delta['reasoning_content']) ?? asText(delta['reasoning']);
    if (reasoning !== undefined) this.#addReasoning(reasoning, events);
    const content = delta['content'];
    if (typeof content === 'string') this.#addText(content, events);
    else if (Array.isArray(content)) this.#addContentParts(content, events);
    const refusal = asText(delta['refusal']);
    if (refusal !== undefined) this.#addRefusal(refusal, events);
    for (const citation of decodeAnnotations(delta['annotations'])) {
      const index = this.#openBlock('text', events);
      events.push({ type: 'text-citation', index, citation });
    }
    const calls = asObjects(delta['tool_calls']);
    const legacy = legacyCall(delta);
    if (calls.length === 0 && legacy === undefined) return;
    this.#closeBlock(events);
    for (const call of calls) events.push(...this.#calls.accept(call, this.#id));
    if (legacy !== undefined) events.push(...this.#calls.acceptLegacy(legacy, this.#id));
  }

  #addContentParts(parts: readonly Json[], events: CanonicalEvent[]): void {
    for (const part of asObjects(parts)) {
      if (part['type'] === 'thinking') this.#addReasoning(thinkingText(part), events);
      else this.#addText(asString(part['text']) ?? '', events);
    }
  }

  #addText(text: string, events: CanonicalEvent[]): void {
    if (text === '') return;
    this.#hasText = true;
    this.#reasoning = '';
    events.push({ type: 'text-delta', index: this.#openBlock('text', events), text });
  }

  #addReasoning(text: string, events: CanonicalEvent[]): void {
    if (text === '') return;
    if (!this.#hasText && this.#reasoning.length < maxKeptReasoning) this.#reasoning += text;
    events.push({ type: 'reasoning-delta', index: this.#openBlock('reasoning', events), text });
  }

  #addRefusal(text: string, events: CanonicalEvent[]): void {
    this.#closeBlock(events);
    this.#refusalIndex ??= this.#takeIndex();
    events.push({ type: 'refusal-delta', index: this.#refusalIndex, text });
  }

  #openBlock(kind: 'text' | 'reasoning', events: CanonicalEvent[]): number {
    if (this.#open?.kind === kind) return this.#open.index;
    this.#closeBlock(events);
    const index = this.#takeIndex();
    this.#open = { kind, index };
    events.push(kind === 'text' ? { type: 'text-start', index } : { type: 'reasoning-start', index });
    return index;
  }

  #closeBlock(events: CanonicalEvent[]): void {
    const block = this.#open;
    if (block === undefined) return;
    this.#open = undefined;
    const { index } = block;
    events.push(block.kind === 'text' ? { type: 'text-end', index } : { type: 'reasoning-end', index });
  }

  finish(isDone: boolean): Events {
    if (this.#hasEnded) return none;
    if (!isDone && this.#reason === undefined) {
      return this.failWith(
        'upstream_protocol',
        'The upstream ended the stream before its answer was complete.',
      );
    }
    this.#hasEnded = true;
    const events: CanonicalEvent[] = [];
    this.#closeBlock(events);
    const hasCalls = this.#calls.count > 0;
    events.push(...this.#calls.close(this.#id));
    const hasRefusal = this.#refusalIndex !== undefined;
    const reported = this.#reason ?? 'end';
    const settled = settleStop(reported, hasCalls);
    const reason = settled === 'end' && hasRefusal ? 'refusal' : settled;
    if (reason === 'end') this.#tellReasoningAsText(events);
    events.push({ type: 'stop', reason }, { type: 'end' });
    return events;
  }

  /** Servers whose reasoning parser goes astray put the answer there too; a client would see nothing. */
  #tellReasoningAsText(events: CanonicalEvent[]): void {
    if (this.#reasoning === '') return;
    const text = this.#reasoning;
    this.#addText(text, events);
    this.#closeBlock(events);
  }

  failWith(code: UpstreamErrorEvent['code'], message: string): Events {
    if (this.#hasEnded) return none;
    this.#hasEnded = true;
    return [{ type: 'error', error: { code, message } }];
  }

  /** An object, a bare string, or a number in a string, as servers please. */
  #upstreamError(error: Json): Events {
    const object = asObject(error);
    const message = asText(object?.['message']) ?? asText(error) ?? 'The upstream failed.';
    return this.failWith(errorCode(object), message);
  }
}

function errorCode(error: JsonObject | undefined): UpstreamErrorEvent['code'] {
  const said = JSON.stringify([error?.['code'] ?? '', error?.['type'] ?? '']);
  if (/429|rate_limit/.test(said)) return 'upstream_rate_limited';
  if (/503|529|overloaded|slow_down|unavailable/.test(said)) return 'upstream_overloaded';
  if (/content_filter|content_policy/.test(said)) return 'upstream_refused_content';
  return /invalid_request|context_length|\b4(?:00|13|22)\b/.test(said)
    ? 'upstream_rejected_input'
    : 'upstream_failed';
}

/** Where a chunk or an answer holds its usage: at the top, in the choice, or in a field of the server's own. */
function findUsage(body: JsonObject, choice: JsonObject | undefined): JsonObject | undefined {
  return (
    asObject(body['usage']) ?? asObject(choice?.['usage']) ?? asObject(asObject(body['x_groq'])?.['usage'])
  );
}

/** The deprecated single call; servers that fill in every field of the schema send it empty. */
function legacyCall(delta: JsonObject): JsonObject | undefined {
  const call = asObject(delta['function_call']);
  const isEmpty = asText(call?.['name']) === undefined && argumentsOf(call?.['arguments']) === '';
  return isEmpty ? undefined : call;
}
