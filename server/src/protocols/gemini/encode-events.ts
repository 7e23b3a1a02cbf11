import type { RelayError } from '../../domain/errors.ts';
import { noUsage, type Usage } from '../../domain/usage.ts';
import type { CanonicalEvent, StopReason } from '../canonical/events.ts';
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
import { encodeUsage } from './encode-usage.ts';
import { encodeGeminiArrayError, encodeGeminiStreamError } from './errors.ts';
import { writeSignature } from './thought-signatures.ts';

/**
 * Client half: canonical events as Gemini chunks, each a whole response with the parts that are new. Calls go out when
 * they are whole; the last chunk has the finish reason and the usage. As events, or as the elements of one array.
 */
export function createEncoder(request: CanonicalRequest): EventEncoder {
  const state = new ResponseEncoder(request);
  return { push: (event) => state.push(event), encodeError: (error) => state.encodeError(error) };
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

class ResponseEncoder {
  readonly #isArray: boolean;
  readonly #showsThoughts: boolean;
  readonly #requestModel: string;
  readonly #calls = new Map<number, OpenCall>();
  readonly #thoughts = new Set<number>();
  readonly #cited: CitedText[] = [];
  #hasWritten = false;
  #hasCalls = false;
  #tail = '';
  #usage: Usage = noUsage;
  #stop: StopReason = 'other';
  #citations: Citation[] = [];
  #bytes = 0;
  #blockStart = 0;

  constructor(request: CanonicalRequest) {
    this.#isArray = request.extra['alt'] === 'json';
    this.#showsThoughts = showsThoughts(request);
    this.#requestModel = request.model;
  }

  push(event: CanonicalEvent): string {
    switch (event.type) {
      case 'start':
        this.#start(event);
        return '';
      case 'text-start':
        this.#blockStart = this.#bytes;
        return '';
      case 'text-delta':
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
        return event.protocol === 'gemini' ? this.#part(JSON.stringify(event.data)) : '';
      case 'usage':
        this.#usage = event.usage;
        return '';
      case 'stop':
        this.#stop = event.reason;
        return '';
      case 'end':
        return this.#end();
      case 'reasoning-start':
      case 'ping':
      case 'error':
        break;
    }
    return '';
  }

  /** Our own error as the last element of what was begun. */
  encodeError(error: RelayError): Buffer {
    return this.#isArray ? encodeGeminiArrayError(error, this.#hasWritten) : encodeGeminiStreamError(error);
  }

  #start({ id, model }: Extract<CanonicalEvent, { type: 'start' }>): void {
    if (this.#tail !== '') return;
    const served = model === '' ? this.#requestModel : model;
    this.#tail = tailOf(served, id);
  }

  #text(text: string): string {
    if (text === '') return '';
    this.#bytes += Buffer.byteLength(text);
    return this.#part(`{"text":${JSON.stringify(text)}}`);
  }

  #closeText(): void {
    if (this.#citations.length === 0) return;
    this.#cited.push({ citations: this.#citations, startBytes: this.#blockStart, endBytes: this.#bytes });
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

  /** A chunk with one part, which is JSON already written. */
  #part(part: string): string {
    return this.#chunk(`"content":{"parts":[${part}],"role":"model"},"index":0`, '');
  }

  #chunk(candidate: string, usage: string): string {
    if (this.#tail === '') this.#tail = tailOf(this.#requestModel, '');
    const chunk = `{"candidates":[{${candidate}}],${usage}${this.#tail}}`;
    if (!this.#isArray) return `data: ${chunk}\r\n\r\n`;
    const opening = this.#hasWritten ? ',\r\n' : '[';
    this.#hasWritten = true;
    return opening + chunk;
  }

  #end(): string {
    const open = [...this.#calls.keys()].map((index) => this.#closeCall(index, {})).join('');
    this.#closeText();
    const last: { readonly [key: string]: Json } = {
      finishReason: finishReason(settleStop(this.#stop, this.#hasCalls)),
      index: 0,
      ...groundingOf(this.#cited),
    };
    const usage = `"usageMetadata":${JSON.stringify(encodeUsage(this.#usage))},`;
    return open + this.#chunk(JSON.stringify(last).slice(1, -1), usage) + (this.#isArray ? ']' : '');
  }
}

/** What stands in every chunk, without its braces. */
function tailOf(modelVersion: string, responseId: string): string {
  const fields: JsonObject = { modelVersion, ...(responseId === '' ? {} : { responseId }) };
  return JSON.stringify(fields).slice(1, -1);
}
