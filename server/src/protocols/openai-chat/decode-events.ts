import { choicesOf, createChoiceDecoder, decodeChoices } from '../canonical/choices.ts';
import type { CanonicalEvent, StopReason, TokenLogprob, UpstreamErrorEvent } from '../canonical/events.ts';
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
import type { CanonicalRequest, Citation, Json, JsonObject } from '../canonical/request.ts';
import { settleStop } from '../canonical/stop.ts';
import { decodeLogprobs } from '../openai-logprobs.ts';
import { openAiUsage } from '../openai-usage.ts';
import type { EventDecoder } from '../wire-protocol.ts';
import { AnswerCalls } from './answer-calls.ts';
import { errorCode, findUsage, legacyCall } from './answer-fields.ts';
import { decodeAnnotations, thinkingText } from './decode-parts.ts';
import { maxNameLength } from './encode-context.ts';
import { dialectNamed } from '../shared/openai-dialects/index.ts';
import { ReasoningDetails } from './reasoning-details.ts';
import { decodeSources } from './search-sources.ts';
import { ThinkTags } from './think-tags.ts';
import { wordTable } from '../canonical/word-table.ts';

/** Upstream half: the chunks of a Chat Completions answer to canonical events. */
export function createDecoder(request: CanonicalRequest): EventDecoder {
  return choicesOf(request) > 1
    ? createChoiceDecoder({ listKey: 'choices', createDecoder: () => decoderOfOne(request) })
    : decoderOfOne(request);
}

function decoderOfOne(request: CanonicalRequest): EventDecoder {
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
  return choicesOf(request) > 1
    ? decodeChoices(body, 'choices', (own) => decodeOne(own, request))
    : decodeOne(body, request);
}

function decodeOne(body: JsonObject, request: CanonicalRequest): readonly CanonicalEvent[] {
  const state = new AnswerState(request);
  const choices = asObjects(body['choices']).map((choice) => ({ ...choice, delta: choice['message'] ?? {} }));
  const events = state.accept({ ...body, choices });
  // A whole answer is complete by itself; some servers leave its finish reason empty.
  return [...events, ...state.finish(choices.length > 0)];
}

const unreadable = 'The upstream sent a chunk that is not JSON.';

const stopReasons = wordTable<StopReason>({
  stop: 'end',
  length: 'length',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
  content_filter: 'filter',
});

type Events = readonly CanonicalEvent[];
const none: Events = [];
/** Reasoning kept in case it turns out to be the whole answer. */
const maxKeptReasoning = 256 * 1024;

class AnswerState {
  readonly #calls: AnswerCalls;
  readonly #model: string;
  readonly #details = new ReasoningDetails();
  /** Where the server writes its reasoning into the text. */
  readonly #tags: ThinkTags | undefined;
  #id = '';
  #hasStarted = false;
  #hasEnded = false;
  #nextIndex = 0;
  #open: { readonly kind: 'text' | 'reasoning'; readonly index: number } | undefined;
  #refusalIndex: number | undefined;
  #hasText = false;
  #reasoning = '';
  /** Of the text in the chunk at hand. */
  #logprobs: readonly TokenLogprob[] = [];
  #reason: StopReason | undefined;
  #sources: readonly Citation[] = [];

  constructor(request: CanonicalRequest) {
    this.#model = request.model;
    this.#tags = dialectNamed(request.dialect).thinksInText ? new ThinkTags() : undefined;
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
      this.#logprobs = decodeLogprobs(asObject(choice['logprobs'])?.['content']);
      this.#delta(asObject(choice['delta']) ?? {}, events);
      const reason = asText(choice['finish_reason']);
      if (reason !== undefined) this.#reason = stopReasons[reason] ?? 'other';
    }
    this.#sources = decodeSources(chunk) ?? this.#sources;
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
    this.#addDetails(asObjects(delta['reasoning_details']), events);
    const content = delta['content'];
    if (typeof content === 'string') this.#addContent(content, events);
    else if (Array.isArray(content)) this.#addContentParts(content, events);
    const refusal = asText(delta['refusal']);
    if (refusal !== undefined) this.#addRefusal(refusal, events);
    for (const citation of decodeAnnotations(delta['annotations'])) {
      this.#sources = [];
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

  /** Signed reasoning may come without a word of text. */
  #addDetails(details: readonly JsonObject[], events: CanonicalEvent[]): void {
    if (details.length === 0) return;
    this.#details.add(details);
    this.#openBlock('reasoning', events);
  }

  #addContent(content: string, events: CanonicalEvent[]): void {
    const { reasoning, text } = this.#tags?.push(content) ?? { reasoning: '', text: content };
    this.#addReasoning(reasoning, events);
    this.#addText(text, events);
  }

  #addText(text: string, events: CanonicalEvent[]): void {
    if (text === '') return;
    this.#hasText = true;
    this.#reasoning = '';
    const logprobs = this.#logprobs;
    this.#logprobs = [];
    const told = logprobs.length === 0 ? {} : { logprobs };
    events.push({ type: 'text-delta', index: this.#openBlock('text', events), text, ...told });
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
    if (block.kind === 'text') events.push({ type: 'text-end', index });
    else
      events.push({ type: 'reasoning-end', index, ...defined({ opaque: this.#details.take(this.#model) }) });
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
    this.#tellRest(events);
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

  /** What was held back, and the sources of an answer whose text does not say where it cites them. */
  #tellRest(events: CanonicalEvent[]): void {
    const rest = this.#tags?.finish();
    if (rest !== undefined) {
      this.#addReasoning(rest.reasoning, events);
      this.#addText(rest.text, events);
    }
    if (!this.#hasText) return;
    for (const citation of this.#sources) {
      events.push({ type: 'text-citation', index: this.#openBlock('text', events), citation });
    }
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
