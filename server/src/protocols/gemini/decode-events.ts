import { choicesOf, createChoiceDecoder, decodeChoices } from '../canonical/choices.ts';
import type { CanonicalEvent, StopReason, TokenLogprob, UpstreamErrorEvent } from '../canonical/events.ts';
import { synthesizeCallId } from '../canonical/names.ts';
import { asNumber, asObject, asObjects, asString, asText, parseObject } from '../canonical/read-json.ts';
import type { CanonicalRequest, Json, JsonObject, Opaque } from '../canonical/request.ts';
import type { HostedStep } from '../canonical/hosted.ts';
import { settleStop } from '../canonical/stop.ts';
import type { EventDecoder } from '../wire-protocol.ts';
import { createFunctionNameRestorer } from './function-names.ts';
import { createGrounding, type Grounding } from './grounding.ts';
import { decodeLogprobs } from './logprobs.ts';
import { createCodeReader, readSearch } from './hosted-tools.ts';
import { geminiUsage, searchQueries } from './meter.ts';
import { wordTable } from '../canonical/word-table.ts';

/** Upstream half: the chunks of a Gemini answer to canonical events. Only the end of the bytes ends the answer. */
export function createDecoder(request: CanonicalRequest): EventDecoder {
  return choicesOf(request) > 1
    ? createChoiceDecoder({ listKey: 'candidates', createDecoder: () => decoderOfOne(request) })
    : decoderOfOne(request);
}

function decoderOfOne(request: CanonicalRequest): EventDecoder {
  const state = new AnswerState(request);
  return {
    push(_eventName, data) {
      const chunk = parseChunk(data);
      return chunk === undefined
        ? state.failWith('upstream_protocol', 'The upstream sent a chunk that is not JSON.')
        : state.accept(chunk);
    },
    finish: () => state.finish(),
  };
}

/** A whole answer is one chunk that holds everything. */
export function decodeUnary(body: JsonObject, request: CanonicalRequest): readonly CanonicalEvent[] {
  return choicesOf(request) > 1
    ? decodeChoices(body, 'candidates', (own) => decodeOne(own, request))
    : decodeOne(body, request);
}

function decodeOne(body: JsonObject, request: CanonicalRequest): readonly CanonicalEvent[] {
  const state = new AnswerState(request);
  return [...state.accept(body), ...state.finish()];
}

/** Errors may come wrapped in an array. */
function parseChunk(data: string): JsonObject | undefined {
  return parseObject(data) ?? parseObject(data.trim().replace(/^\[([^]*)\]$/, '$1'));
}

const stopReasons = wordTable<StopReason>({
  STOP: 'end',
  MAX_TOKENS: 'length',
  CONTINUATION: 'length',
  SAFETY: 'filter',
  RECITATION: 'filter',
  LANGUAGE: 'filter',
  BLOCKLIST: 'filter',
  PROHIBITED_CONTENT: 'filter',
  SPII: 'filter',
  IMAGE_SAFETY: 'filter',
  IMAGE_PROHIBITED_CONTENT: 'filter',
  IMAGE_RECITATION: 'filter',
  MALFORMED_FUNCTION_CALL: 'malformed',
  UNEXPECTED_TOOL_CALL: 'malformed',
  TOO_MANY_TOOL_CALLS: 'malformed',
  MALFORMED_RESPONSE: 'malformed',
});

const errorCodes: Readonly<Record<number, UpstreamErrorEvent['code']>> = {
  400: 'upstream_rejected_input',
  429: 'upstream_rate_limited',
  503: 'upstream_overloaded',
};

type Events = readonly CanonicalEvent[];
const none: Events = [];

class AnswerState {
  readonly #restoreName: (name: string) => string;
  readonly #grounding: Grounding;
  #model: string;
  #id = '';
  #hasStarted = false;
  #hasEnded = false;
  #nextIndex = 0;
  #calls = 0;
  #open: { readonly kind: 'text' | 'reasoning'; readonly index: number } | undefined;
  /** The signature of the open text, told when the text is over. */
  #signature: Opaque | undefined;
  #reason: StopReason | undefined;
  #searches = 0;
  readonly #readCode = createCodeReader();
  /** The latest word on what was searched, told when the answer is over. */
  #search: JsonObject | undefined;
  /** Of the text in the chunk at hand. */
  #logprobs: readonly TokenLogprob[] = [];

  constructor(request: CanonicalRequest) {
    this.#model = request.model;
    this.#restoreName = createFunctionNameRestorer(request);
    this.#grounding = createGrounding(request);
  }

  accept(chunk: JsonObject): Events {
    if (this.#hasEnded) return none;
    const error = asObject(chunk['error']);
    if (error !== undefined) return this.#upstreamError(error);
    const events: CanonicalEvent[] = [];
    if (!this.#hasStarted) this.#start(chunk, events);
    const blocked = asText(asObject(chunk['promptFeedback'])?.['blockReason']);
    if (blocked !== undefined) this.#reason = 'filter';
    const candidate = asObjects(chunk['candidates']).find((item) => (asNumber(item['index']) ?? 0) === 0);
    if (candidate !== undefined) this.#candidate(candidate, events);
    const report = asObject(chunk['usageMetadata']);
    this.#searches = Math.max(this.#searches, searchQueries(chunk));
    if (report !== undefined) {
      events.push({ type: 'usage', usage: geminiUsage(report, this.#searches).usage });
    }
    return events;
  }

  #start(chunk: JsonObject, events: CanonicalEvent[]): void {
    this.#hasStarted = true;
    this.#id = asString(chunk['responseId']) ?? '';
    this.#model = asText(chunk['modelVersion']) ?? this.#model;
    events.push({ type: 'start', id: this.#id, model: this.#model, protocol: 'gemini' });
  }

  #candidate(candidate: JsonObject, events: CanonicalEvent[]): void {
    this.#logprobs = decodeLogprobs(asObject(candidate['logprobsResult']));
    for (const part of asObjects(asObject(candidate['content'])?.['parts'])) this.#part(part, events);
    const metadata = asObject(candidate['groundingMetadata']);
    this.#search = metadata ?? this.#search;
    for (const citation of this.#grounding.read(metadata)) {
      events.push({ type: 'text-citation', index: this.#openBlock('text', events), citation });
    }
    const reason = asText(candidate['finishReason']);
    if (reason !== undefined) this.#reason = stopReasons[reason] ?? 'other';
  }

  #part(part: JsonObject, events: CanonicalEvent[]): void {
    const signature = asText(part['thoughtSignature']);
    const opaque = signature === undefined ? undefined : this.#opaque(signature);
    const call = asObject(part['functionCall']);
    if (call !== undefined) {
      this.#call(call, opaque, events);
      return;
    }
    const text = asString(part['text']);
    if (text === undefined && !isSignatureAlone(part)) {
      this.#unknown(part, events);
      return;
    }
    if (part['thought'] === true) this.#thought(text ?? '', opaque, events);
    else this.#text(text ?? '', opaque, events);
  }

  #opaque(value: string): Opaque {
    return { kind: 'thought-signature', value, origin: { protocol: 'gemini', model: this.#model } };
  }

  #text(text: string, opaque: Opaque | undefined, events: CanonicalEvent[]): void {
    if (text !== '') {
      if (this.#signature !== undefined) this.#closeBlock(events);
      const logprobs = this.#logprobs;
      this.#logprobs = [];
      const told = logprobs.length === 0 ? {} : { logprobs };
      events.push({ type: 'text-delta', index: this.#openBlock('text', events), text, ...told });
      this.#grounding.add(text);
    }
    if (opaque === undefined) return;
    if (this.#open?.kind === 'text') this.#signature = opaque;
    else this.#signatureAlone(opaque, events);
  }

  #thought(text: string, opaque: Opaque | undefined, events: CanonicalEvent[]): void {
    if (text !== '') {
      events.push({ type: 'reasoning-delta', index: this.#openBlock('reasoning', events), text });
    }
    if (opaque === undefined) return;
    if (this.#open?.kind !== 'reasoning') {
      this.#signatureAlone(opaque, events);
      return;
    }
    events.push({ type: 'reasoning-end', index: this.#open.index, opaque });
    this.#open = undefined;
  }

  /** A signature that follows no text of its own kind. */
  #signatureAlone(opaque: Opaque, events: CanonicalEvent[]): void {
    this.#closeBlock(events);
    const index = this.#takeIndex();
    events.push({ type: 'reasoning-start', index }, { type: 'reasoning-end', index, opaque });
  }

  #call(call: JsonObject, opaque: Opaque | undefined, events: CanonicalEvent[]): void {
    this.#closeBlock(events);
    const index = this.#takeIndex();
    const id = asText(call['id']) ?? synthesizeCallId(this.#id, this.#calls);
    this.#calls += 1;
    const name = this.#restoreName(asString(call['name']) ?? '');
    const signed = opaque === undefined ? {} : { opaque };
    events.push(
      { type: 'tool-call-start', index, id, name, ...signed },
      { type: 'tool-call-delta', index, argumentsText: JSON.stringify(call['args'] ?? {}) },
      { type: 'tool-call-end', index, ...signed },
    );
  }

  /** Pictures, code that the provider ran, and tools of its own are kept whole. */
  #unknown(part: Json, events: CanonicalEvent[]): void {
    this.#closeBlock(events);
    const steps = this.#readCode(asObject(part) ?? {});
    this.#tell(part, steps, events);
  }

  #tell(data: Json, steps: readonly HostedStep[], events: CanonicalEvent[]): void {
    const told = steps.length === 0 ? {} : { steps };
    events.push({ type: 'unknown-block', index: this.#takeIndex(), protocol: 'gemini', data, ...told });
  }

  #takeIndex(): number {
    const index = this.#nextIndex;
    this.#nextIndex += 1;
    return index;
  }

  #openBlock(kind: 'text' | 'reasoning', events: CanonicalEvent[]): number {
    if (this.#open?.kind === kind) return this.#open.index;
    this.#closeBlock(events);
    const index = this.#takeIndex();
    this.#open = { kind, index };
    events.push(kind === 'text' ? { type: 'text-start', index } : { type: 'reasoning-start', index });
    if (kind === 'text') this.#grounding.begin();
    return index;
  }

  #closeBlock(events: CanonicalEvent[]): void {
    const block = this.#open;
    if (block === undefined) return;
    this.#open = undefined;
    const { index } = block;
    events.push(block.kind === 'text' ? { type: 'text-end', index } : { type: 'reasoning-end', index });
    const opaque = this.#signature;
    this.#signature = undefined;
    if (opaque !== undefined) this.#signatureAlone(opaque, events);
  }

  finish(): Events {
    if (this.#hasEnded) return none;
    if (this.#reason === undefined) {
      return this.failWith(
        'upstream_protocol',
        'The upstream ended the stream before its answer was complete.',
      );
    }
    this.#hasEnded = true;
    const events: CanonicalEvent[] = [];
    this.#closeBlock(events);
    const searched = readSearch(this.#search, this.#id);
    if (searched.length > 0) this.#tell(null, searched, events);
    const reason = settleStop(this.#reason, this.#calls > 0);
    return [...events, { type: 'stop', reason }, { type: 'end' }];
  }

  failWith(code: UpstreamErrorEvent['code'], message: string): Events {
    if (this.#hasEnded) return none;
    this.#hasEnded = true;
    return [{ type: 'error', error: { code, message } }];
  }

  #upstreamError(error: JsonObject): Events {
    const code = errorCodes[asNumber(error['code']) ?? 0] ?? 'upstream_failed';
    return this.failWith(code, asString(error['message']) ?? asString(error['status']) ?? '');
  }
}

function isSignatureAlone(part: JsonObject): boolean {
  const keys = Object.keys(part);
  return keys.length > 0 && keys.every((key) => key === 'thoughtSignature' || key === 'thought');
}
