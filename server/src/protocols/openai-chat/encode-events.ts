import { noUsage, type Usage } from '../../domain/usage.ts';
import { choicesOf } from '../canonical/choices.ts';
import type { CanonicalEvent, StopReason, TokenLogprob } from '../canonical/events.ts';
import { asObject, asString, parseObject } from '../canonical/read-json.ts';
import type { CanonicalRequest, Citation, JsonObject } from '../canonical/request.ts';
import { servedTier } from '../canonical/tiers.ts';
import { settleStop } from '../canonical/stop.ts';
import { encodeLogprobs } from '../openai-logprobs.ts';
import { openAiTiers } from '../openai-tiers.ts';
import { encodeOpenAiUsage } from '../openai-usage-report.ts';
import type { EventEncoder } from '../wire-protocol.ts';
import { encodeCallSignature, encodeReasoningDetail } from './call-signature.ts';
import { customToolNames } from './decode-tools.ts';

/**
 * Client half: canonical events as Chat Completions chunks. The first chunk names the role; a call's id and name stand
 * in its first fragment only, and calls count by themselves from 0. Blocks that this wire has no word for vanish.
 */
export function createEncoder(request: CanonicalRequest): EventEncoder {
  const answers = Array.from(
    { length: choicesOf(request) },
    (_, choice) => new ChunkEncoder(request, choice),
  );
  return {
    push(event) {
      if (event.type === 'start') return answers.map((answer) => answer.push(event)).join('');
      if (event.type === 'end')
        return answers.map((answer) => answer.finish()).join('') + (answers[0]?.close() ?? '');
      return answers[event.choice ?? 0]?.push(event) ?? '';
    },
  };
}

interface OpenCall {
  readonly position: number;
  /** Set for a free-text tool, whose input can only be read off the whole arguments. */
  readonly custom?: { readonly id: string; readonly name: string; readonly pieces: string[] };
}

/** The chunks of one answer; those of several come side by side in one stream. */
class ChunkEncoder {
  readonly #request: CanonicalRequest;
  readonly #isLegacy: boolean;
  readonly #custom: ReadonlySet<string>;
  readonly #calls = new Map<number, OpenCall>();
  #head = '';
  #tail = '';
  #usage: Usage = noUsage;
  #stop: StopReason = 'other';
  #hasRefusal = false;
  /** Length of the text so far, and where its latest block began: what a citation of a whole block spans. */
  #textLength = 0;
  #blockStart = 0;
  #citations: Citation[] = [];
  #details = 0;
  readonly #choice: number;

  constructor(request: CanonicalRequest, choice: number) {
    this.#request = request;
    this.#choice = choice;
    this.#isLegacy = request.extra['functions'] !== undefined;
    this.#custom = customToolNames(request);
  }

  push(event: CanonicalEvent): string {
    switch (event.type) {
      case 'start':
        return this.#head === '' ? this.#start(event.id, event.model, event.createdAtSeconds) : '';
      case 'text-start':
        this.#blockStart = this.#textLength;
        return '';
      case 'text-delta':
        return this.#text(event.text, event.logprobs);
      case 'text-citation':
        this.#citations.push(event.citation);
        return '';
      case 'text-end':
        return this.#annotations();
      case 'reasoning-delta':
        return this.#reasoning(event.text);
      case 'refusal-delta':
        this.#hasRefusal = true;
        return this.#chunk(`{"refusal":${JSON.stringify(event.text)}}`);
      case 'tool-call-start':
        return this.#openCall(event);
      case 'tool-call-delta':
        return this.#callDelta(event.index, event.argumentsText);
      case 'tool-call-end':
        return this.#closeCall(event.index);
      case 'usage':
        this.#usage = event.usage;
        return '';
      case 'stop':
        this.#stop = event.reason;
        return '';
      case 'reasoning-end':
        return this.#reasoningDetail(event);
      case 'reasoning-start':
      case 'unknown-block':
      case 'ping':
      case 'error':
      case 'end':
        break;
    }
    return '';
  }

  #start(id: string, model: string, createdAtSeconds = 0): string {
    const head = {
      id: completionId(id),
      object: 'chat.completion.chunk',
      created: createdAtSeconds,
      model: model === '' ? this.#request.model : model,
    };
    this.#head = `data: ${JSON.stringify(head).slice(0, -1)},"choices":[`;
    this.#tail = this.#request.includeUsage ? '],"usage":null}\n\n' : ']}\n\n';
    return this.#chunk('{"role":"assistant","content":""}');
  }

  /** One chunk with `delta`, which is JSON already written, as all of it is. */
  #chunk(delta: string, finishReason = 'null', logprobs = 'null'): string {
    const started = this.#head === '' ? this.#start('', '') : '';
    const choice = `{"index":${this.#choice},"delta":${delta},"logprobs":${logprobs},"finish_reason":${finishReason}}`;
    return started + this.#head + choice + this.#tail;
  }

  #text(text: string, tokens: readonly TokenLogprob[] | undefined): string {
    if (text === '') return '';
    this.#textLength += text.length;
    const logprobs = tokens === undefined ? 'null' : JSON.stringify(choiceLogprobs(tokens));

    return this.#chunk(`{"content":${JSON.stringify(text)}}`, 'null', logprobs);
  }

  #reasoning(text: string): string {
    if (text === '' || this.#request.reasoning?.show === 'none') return '';
    return this.#chunk(`{"reasoning_content":${JSON.stringify(text)}}`);
  }

  #reasoningDetail(event: Extract<CanonicalEvent, { type: 'reasoning-end' }>): string {
    const detail = encodeReasoningDetail(event, this.#request.reasoning?.show !== 'none');
    if (detail === undefined) return '';
    const index = this.#details;
    this.#details += 1;
    return this.#chunk(JSON.stringify({ reasoning_details: [{ ...detail, index }] }));
  }

  /** Citations of a block whose end is now known. */
  #annotations(): string {
    const annotations = encodeAnnotations(this.#citations, this.#blockStart, this.#textLength);
    this.#citations = [];
    return annotations.length === 0 ? '' : this.#chunk(JSON.stringify({ annotations }));
  }

  #openCall(event: Extract<CanonicalEvent, { type: 'tool-call-start' }>): string {
    const { index, id, name } = event;
    const position = this.#calls.size;
    if (this.#isLegacy) {
      this.#calls.set(index, { position });
      return position > 0 ? '' : this.#chunk(JSON.stringify({ function_call: { name, arguments: '' } }));
    }
    if (this.#custom.has(name)) {
      this.#calls.set(index, { position, custom: { id, name, pieces: [] } });
      return '';
    }
    this.#calls.set(index, { position });
    const signature = encodeCallSignature(event);
    const call = { index: position, id, type: 'function', function: { name, arguments: '' }, ...signature };
    return this.#chunk(JSON.stringify({ tool_calls: [call] }));
  }

  #callDelta(index: number, argumentsText: string): string {
    const call = this.#calls.get(index);
    if (call === undefined || argumentsText === '') return '';
    if (call.custom !== undefined) {
      call.custom.pieces.push(argumentsText);
      return '';
    }
    const written = `{"arguments":${JSON.stringify(argumentsText)}}`;
    if (!this.#isLegacy)
      return this.#chunk(`{"tool_calls":[{"index":${call.position},"function":${written}}]}`);
    // The deprecated form has room for one call.
    return call.position > 0 ? '' : this.#chunk(`{"function_call":${written}}`);
  }

  #closeCall(index: number): string {
    const call = this.#calls.get(index);
    if (call?.custom === undefined) return '';
    const { id, name, pieces } = call.custom;
    const custom = { name, input: customInput(pieces.join('')) };
    return this.#chunk(
      JSON.stringify({ tool_calls: [{ index: call.position, id, type: 'custom', custom }] }),
    );
  }

  /** The end of this answer. */
  finish(): string {
    const hasCalls = this.#calls.size > 0;
    const reason = finishReason(settleStop(this.#stop, hasCalls), {
      hasRefusal: this.#hasRefusal,
      hasCalls,
      isLegacy: this.#isLegacy,
    });
    return this.#annotations() + this.#chunk('{}', JSON.stringify(reason));
  }

  /** The end of the stream, which the first answer writes for all. */
  close(): string {
    if (!this.#request.includeUsage) return 'data: [DONE]\n\n';
    const usage = JSON.stringify(encodeOpenAiUsage(this.#usage));
    const tier = encodeTier(this.#usage);
    const told = tier === undefined ? '' : `,"service_tier":${JSON.stringify(tier)}`;
    return `${this.#head}],"usage":${usage}${told}}\n\ndata: [DONE]\n\n`;
  }
}

/** The tier that served the answer, where it is one of this wire. */
export function encodeTier({ serviceTier }: Usage): string | undefined {
  return servedTier(serviceTier, openAiTiers);
}

const finishReasons: Readonly<Record<StopReason, string>> = {
  end: 'stop',
  length: 'length',
  'context-full': 'length',
  'stop-sequence': 'stop',
  'tool-calls': 'tool_calls',
  refusal: 'content_filter',
  filter: 'content_filter',
  pause: 'stop',
  malformed: 'stop',
  other: 'stop',
};

/** A refusal in words is an answer that stopped; one without any was filtered. */
export function finishReason(
  stop: StopReason,
  answer: { readonly hasRefusal: boolean; readonly hasCalls: boolean; readonly isLegacy: boolean },
): string {
  if (stop === 'refusal' && answer.hasRefusal) return 'stop';
  // The calls that came before it went wrong are there to be run.
  if (stop === 'malformed' && answer.hasCalls) return answer.isLegacy ? 'function_call' : 'tool_calls';
  return stop === 'tool-calls' && answer.isLegacy ? 'function_call' : finishReasons[stop];
}

/** `null` where there are none. */
export function choiceLogprobs(tokens: readonly TokenLogprob[]): JsonObject | null {
  return tokens.length === 0 ? null : { content: encodeLogprobs(tokens), refusal: null };
}

export function completionId(id: string): string {
  return id.startsWith('chatcmpl-') ? id : `chatcmpl-${id}`;
}

/** A citation of this protocol goes as it came; of any other, a web address with the block it belongs to. */
export function encodeAnnotations(
  citations: readonly Citation[],
  blockStart: number,
  blockEnd: number,
): readonly JsonObject[] {
  return citations.flatMap((citation): JsonObject[] => {
    const raw = asObject(citation.raw);
    if (raw?.['type'] === 'url_citation' && raw['url_citation'] !== undefined) return [raw];
    if (citation.url === undefined) return [];
    const cited = {
      start_index: blockStart + (citation.start ?? 0),
      end_index: citation.end === undefined ? blockEnd : blockStart + citation.end,
      title: citation.title ?? '',
      url: citation.url,
    };
    return [{ type: 'url_citation', url_citation: cited }];
  });
}

/** The one argument of a free-text tool; the arguments themselves where the model did not keep to its form. */
export function customInput(argumentsText: string): string {
  return asString(parseObject(argumentsText)?.['input']) ?? argumentsText;
}
