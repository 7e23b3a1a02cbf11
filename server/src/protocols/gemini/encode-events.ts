import { noUsage, type Usage } from '../../domain/usage.ts';
import { choicesOf } from '../canonical/choices.ts';
import type { CanonicalEvent, StopReason, TokenLogprob } from '../canonical/events.ts';
import type { CanonicalRequest, Citation, Json, JsonObject, Opaque } from '../canonical/request.ts';
import { defined } from '../canonical/read-json.ts';
import { settleStop } from '../canonical/stop.ts';
import type { EventEncoder } from '../wire-protocol.ts';
import {
  callPart,
  finishReason,
  groundingOf,
  showsThoughts,
  signaturePart,
  type CitedText,
} from './encode-answer-parts.ts';
import { encodeLogprobs } from './logprobs.ts';
import { encodeUsage } from './encode-usage.ts';
import { encodeGeminiArrayError, encodeGeminiStreamError } from './errors.ts';
import { queriesOf, writeSteps } from './hosted-tools.ts';
import { writeSignature } from './thought-signatures.ts';

/**
 * Client half: canonical events as Gemini chunks, each a whole response with the parts that are new. Calls go out when
 * they are whole; the last chunk has the finish reason and the usage. As events, or as the elements of one array.
 */
export function createEncoder(request: CanonicalRequest): EventEncoder {
  const stream: WrittenStream = { isArray: request.extra['alt'] === 'json', hasWritten: false };
  const candidates = Array.from(
    { length: choicesOf(request) },
    (_, choice) => new CandidateEncoder(request, { choice, stream }),
  );
  return {
    push(event) {
      if (event.type === 'end') return finishAll(candidates, stream);
      if (event.type === 'start') for (const candidate of candidates) candidate.push(event);
      else if (event.type === 'usage') candidates.at(-1)?.push(event);
      else return candidates[event.choice ?? 0]?.push(event) ?? '';
      return '';
    },
    encodeError: (error) =>
      stream.isArray ? encodeGeminiArrayError(error, stream.hasWritten) : encodeGeminiStreamError(error),
  };
}

/** The usage stands in the last chunk of all. */
function finishAll(candidates: readonly CandidateEncoder[], stream: WrittenStream): string {
  const last = candidates.length - 1;
  const chunks = candidates.map((candidate, index) => candidate.finish(index === last));
  return chunks.join('') + (stream.isArray ? ']' : '');
}

/** What the candidates of one answer share. */
interface WrittenStream {
  readonly isArray: boolean;
  hasWritten: boolean;
}

interface OpenCall {
  readonly id: string;
  readonly name: string;
  readonly pieces: string[];
  readonly held: Held;
}

/** A signature and its envelope, which may come with either end of a call. */
interface Held {
  readonly opaque?: Opaque;
  readonly envelope?: string;
}

class CandidateEncoder {
  readonly #choice: number;
  readonly #stream: WrittenStream;
  readonly #showsThoughts: boolean;
  readonly #requestModel: string;
  readonly #calls = new Map<number, OpenCall>();
  readonly #thoughts = new Set<number>();
  readonly #cited: CitedText[] = [];
  readonly #queries: string[] = [];
  #hasCalls = false;
  #tail = '';
  #usage: Usage = noUsage;
  #stop: StopReason = 'other';
  #citations: Citation[] = [];
  #bytes = 0;
  #blockStart = 0;
  /** Words of the open text, kept where sources may point into them. */
  #blockText: string[] | undefined;

  constructor(request: CanonicalRequest, place: { readonly choice: number; readonly stream: WrittenStream }) {
    this.#choice = place.choice;
    this.#stream = place.stream;
    this.#showsThoughts = showsThoughts(request);
    this.#requestModel = request.model;
    if (request.tools.some((tool) => tool.type === 'hosted')) this.#blockText = [];
  }

  push(event: CanonicalEvent): string {
    switch (event.type) {
      case 'start':
        this.#start(event);
        return '';
      case 'text-start':
        this.#blockStart = this.#bytes;
        if (this.#blockText !== undefined) this.#blockText = [];
        return '';
      case 'text-delta':
        return this.#text(event.text, event.logprobs);
      case 'refusal-delta':
        return this.#text(event.text);
      case 'text-citation':
        this.#citations.push(event.citation);
        return '';
      case 'text-end':
        this.#closeText();
        return '';
      case 'reasoning-delta':
        return this.#thought(event.index, event.text);
      case 'reasoning-end':
        return this.#endThought(event);
      case 'tool-call-start':
        this.#openCall(event);
        return '';
      case 'tool-call-delta':
        this.#calls.get(event.index)?.pieces.push(event.argumentsText);
        return '';
      case 'tool-call-end':
        return this.#closeCall(event.index, event);
      case 'unknown-block':
        return this.#whole(event);
      case 'usage':
        this.#usage = event.usage;
        return '';
      case 'stop':
        this.#stop = event.reason;
        return '';
      case 'end':
      case 'reasoning-start':
      case 'ping':
      case 'error':
        break;
    }
    return '';
  }

  #start({ id, model }: Extract<CanonicalEvent, { type: 'start' }>): void {
    if (this.#tail !== '') return;
    const served = model === '' ? this.#requestModel : model;
    this.#tail = tailOf(served, id);
  }

  #text(text: string, tokens: readonly TokenLogprob[] = []): string {
    if (text === '') return '';
    this.#bytes += Buffer.byteLength(text);
    this.#blockText?.push(text);
    const part = `{"text":${JSON.stringify(text)}}`;
    if (tokens.length === 0) return this.#part(part);
    return this.#part(part, `,${JSON.stringify(encodeLogprobs(tokens)).slice(1, -1)}`);
  }

  #closeText(): void {
    if (this.#citations.length === 0) return;
    this.#cited.push({
      citations: this.#citations,
      startBytes: this.#blockStart,
      endBytes: this.#bytes,
      ...defined({ text: this.#blockText?.join('') }),
    });
    this.#citations = [];
  }

  #thought(index: number, text: string): string {
    if (text === '') return '';
    this.#thoughts.add(index);
    return this.#showsThoughts ? this.#part(`{"text":${JSON.stringify(text)},"thought":true}`) : '';
  }

  /** The signature ends its thought: the provider's own, or an envelope in which the thought can go back to its origin. */
  #endThought({ index, opaque, envelope }: Extract<CanonicalEvent, { type: 'reasoning-end' }>): string {
    const hasText = this.#thoughts.delete(index);
    const signature = writeSignature(defined({ opaque, envelope }));
    if (signature === undefined) return '';
    if (opaque !== undefined) {
      const isHidden = !this.#showsThoughts && (hasText || opaque.kind !== 'thought-signature');
      return isHidden ? '' : this.#part(JSON.stringify(signaturePart(opaque, signature, hasText)));
    }
    if (!hasText || !this.#showsThoughts) return '';
    return this.#part(JSON.stringify({ text: '', thought: true, thoughtSignature: signature }));
  }

  /** A part of this protocol, or what another provider's tool did; searches are told with the sources. */
  #whole({ protocol, data, steps = [] }: Extract<CanonicalEvent, { type: 'unknown-block' }>): string {
    this.#queries.push(...queriesOf(steps));
    if (protocol === 'gemini') return data === null ? '' : this.#part(JSON.stringify(data));
    return writeSteps(steps)
      .map((part) => this.#part(JSON.stringify(part)))
      .join('');
  }

  #openCall({ index, id, name, ...held }: Extract<CanonicalEvent, { type: 'tool-call-start' }>): void {
    this.#hasCalls = true;
    this.#calls.set(index, { id, name, pieces: [], held });
  }

  #closeCall(index: number, end: Held): string {
    const call = this.#calls.get(index);
    if (call === undefined) return '';
    this.#calls.delete(index);
    const { id, name, pieces, held } = call;
    const { opaque = held.opaque, envelope = held.envelope } = end;
    const whole = { id, name, argumentsText: pieces.join(''), ...defined({ opaque, envelope }) };
    return this.#part(JSON.stringify(callPart(whole)));
  }

  /** A chunk with one part; both are JSON already written. */
  #part(part: string, beside = ''): string {
    return this.#chunk(`"content":{"parts":[${part}],"role":"model"},"index":${this.#choice}${beside}`, '');
  }

  #chunk(candidate: string, usage: string): string {
    if (this.#tail === '') this.#tail = tailOf(this.#requestModel, '');
    const chunk = `{"candidates":[{${candidate}}],${usage}${this.#tail}}`;
    const stream = this.#stream;
    if (!stream.isArray) return `data: ${chunk}\r\n\r\n`;
    const opening = stream.hasWritten ? ',\r\n' : '[';
    stream.hasWritten = true;
    return opening + chunk;
  }

  finish(isLast: boolean): string {
    const open = [...this.#calls.keys()].map((index) => this.#closeCall(index, {})).join('');
    this.#closeText();
    const last: { readonly [key: string]: Json } = {
      finishReason: finishReason(settleStop(this.#stop, this.#hasCalls)),
      index: this.#choice,
      ...groundingOf(this.#cited, this.#queries),
    };
    const usage = isLast ? `"usageMetadata":${JSON.stringify(encodeUsage(this.#usage))},` : '';
    return open + this.#chunk(JSON.stringify(last).slice(1, -1), usage);
  }
}

/** What stands in every chunk, without its braces. */
function tailOf(modelVersion: string, responseId: string): string {
  const fields: JsonObject = { modelVersion, ...(responseId === '' ? {} : { responseId }) };
  return JSON.stringify(fields).slice(1, -1);
}
