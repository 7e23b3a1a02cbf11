import { noUsage, type Usage } from '../../domain/usage.ts';
import type { CanonicalEvent, StopReason } from '../canonical/events.ts';
import { encodeCallId } from '../canonical/names.ts';
import { asObject } from '../canonical/read-json.ts';
import type { CanonicalRequest, Citation, Json, JsonObject, Origin } from '../canonical/request.ts';
import { settleStop } from '../canonical/stop.ts';
import type { EventEncoder } from '../wire-protocol.ts';
import { CitedStream } from './cited-stream.ts';
import { BlockQueue } from './block-queue.ts';
import { foreignContent, writeSteps } from './hosted-tools.ts';
import { encodeUsage } from './encode-usage.ts';

/**
 * Client half: canonical events as an Anthropic Messages stream. Blocks open only when they have something to say, one
 * at a time, each closed once; the start of the message waits one event, for the usage that may come with it.
 */
export function createEncoder(request: CanonicalRequest): EventEncoder {
  const state = new MessageEncoder(request);
  return { push: (event) => state.push(event) };
}

type UnknownBlock = Extract<CanonicalEvent, { type: 'unknown-block' }>;
type StartEvent = Extract<CanonicalEvent, { type: 'start' }>;

/** `refusal-delta` has no start and end of its own; it shares one text block that stays open to the stop. */
const refusalKey = -1;

class MessageEncoder {
  readonly #request: CanonicalRequest;
  readonly #blocks = new BlockQueue();
  /** Where a tool may find sources, which stand on blocks of their own. */
  readonly #cited: CitedStream | undefined;
  #waiting: StartEvent | undefined;
  #origin: Origin | undefined;
  #hasStarted = false;
  #hasCalls = false;
  #usage: Usage = noUsage;
  /** Blocks that stand for no block of the upstream's have keys below all others. */
  #hostedKey = -1_000_000;
  /** True once a block other than thinking has opened. */
  #hasSpoken = false;
  /** Hidden reasoning that came after that, until something follows it. */
  #held: readonly (() => string)[] = [];
  #stop: { readonly reason: StopReason; readonly sequence?: string } = { reason: 'other' };

  constructor(request: CanonicalRequest) {
    this.#request = request;
    if (!request.tools.some((tool) => tool.type === 'hosted')) return;
    this.#cited = new CitedStream({
      text: (index, text) => this.#text(index, text),
      cite: (index, citation) => this.#citation(index, citation),
      end: (index) => this.#blocks.end(index),
    });
  }

  push(event: CanonicalEvent): string {
    if (event.type === 'start') {
      this.#waiting ??= this.#hasStarted ? undefined : event;
      return '';
    }
    if (event.type === 'usage') this.#usage = event.usage;
    if (event.type === 'error') return this.#cited?.finish() ?? '';
    return this.#startMessage() + this.#body(event);
  }

  #startMessage(): string {
    if (this.#hasStarted) return '';
    this.#hasStarted = true;
    const start = this.#waiting;
    const model = start === undefined || start.model === '' ? this.#request.model : start.model;
    if (start?.protocol !== undefined) this.#origin = { protocol: start.protocol, model };
    const message = {
      id: messageId(start?.id ?? ''),
      type: 'message',
      role: 'assistant',
      model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: encodeUsage(this.#usage),
    };
    return frame('message_start', { message });
  }

  #body(event: Exclude<CanonicalEvent, { type: 'start' | 'error' }>): string {
    const blocks = this.#blocks;
    switch (event.type) {
      case 'text-start':
      case 'reasoning-start':
      case 'usage':
        return '';
      case 'text-delta':
        if (event.text === '') return '';
        return this.#cited?.push(event.index, event.text) ?? this.#text(event.index, event.text);
      case 'text-citation':
        return this.#cited?.cite(event.index, event.citation) ?? this.#citation(event.index, event.citation);
      case 'text-end':
        return (this.#cited?.end(event.index) ?? '') + blocks.end(event.index);
      case 'reasoning-delta':
        return this.#reasoning(event.index, event.text);
      case 'reasoning-end':
        return this.#endReasoning(event);
      case 'refusal-delta':
        return event.text === '' ? '' : this.#text(refusalKey, event.text);
      case 'tool-call-start':
        return this.#openCall(event);
      case 'tool-call-delta':
        return event.argumentsText === ''
          ? ''
          : blocks.delta(
              event.index,
              `{"type":"input_json_delta","partial_json":${quote(event.argumentsText)}}`,
            );
      case 'tool-call-end':
        return blocks.end(event.index);
      case 'unknown-block':
        return this.#hostedBlocks(event);
      case 'stop':
        this.#stop = event;
        return (this.#cited?.finish() ?? '') + blocks.endAll();
      case 'ping':
        return frame('ping', {});
      case 'end':
        break;
    }
    return this.#end();
  }

  /** A foreign signature on a call stands in a block of its own before it. */
  #openCall({ index, id, name, envelope }: Extract<CanonicalEvent, { type: 'tool-call-start' }>): string {
    this.#hasCalls = true;
    const carried = this.#hiddenReasoning(refusalKey - 1 - index, envelope);
    const call = { type: 'tool_use', id: encodeCallId(id, 'toolu_', 64), name, input: {} };
    return carried + this.#open(index, call);
  }

  #text(index: number, text: string): string {
    const opened = this.#blocks.has(index) ? '' : this.#open(index, { type: 'text', text: '' });
    return opened + this.#blocks.delta(index, `{"type":"text_delta","text":${quote(text)}}`);
  }

  /** Own citations come before the text they belong to, foreign ones after it. */
  #citation(index: number, citation: Citation): string {
    const encoded = encodeCitation(citation);
    if (encoded === undefined) return '';
    const opened = this.#blocks.has(index) ? '' : this.#open(index, { type: 'text', text: '' });
    return opened + this.#blocks.delta(index, JSON.stringify({ type: 'citations_delta', citation: encoded }));
  }

  #reasoning(index: number, text: string): string {
    if (text === '' || !this.#showsReasoning()) return '';
    const opened = this.#blocks.has(index) ? '' : this.#openThinking(index);
    return opened + this.#blocks.delta(index, `{"type":"thinking_delta","thinking":${quote(text)}}`);
  }

  #showsReasoning(): boolean {
    const reasoning = this.#request.reasoning;
    const isOwn = this.#origin?.protocol === 'anthropic-messages';
    return isOwn || (reasoning?.style !== 'off' && reasoning?.show !== 'none');
  }

  #openThinking(index: number): string {
    return this.#open(index, { type: 'thinking', thinking: '', signature: '' });
  }

  /** The signature comes right before the end of its block: the provider's own, or an envelope of another origin. */
  #endReasoning({ index, opaque, envelope }: Extract<CanonicalEvent, { type: 'reasoning-end' }>): string {
    const own = opaque?.origin.protocol === 'anthropic-messages' ? opaque : undefined;
    if (own?.kind === 'redacted') {
      return this.#open(index, { type: 'redacted_thinking', data: own.value }) + this.#blocks.end(index);
    }
    const isOpen = this.#blocks.has(index);
    if (!isOpen && own === undefined)
      return opaque === undefined ? '' : this.#hiddenReasoning(index, envelope);
    const signature = own?.value ?? envelope;
    const opened = isOpen ? '' : this.#openThinking(index);
    const signed =
      signature === undefined
        ? ''
        : this.#blocks.delta(index, `{"type":"signature_delta","signature":${quote(signature)}}`);
    return opened + signed + this.#blocks.end(index);
  }

  /**
   * Reasoning without words, of another provider: a client that asked to think carries it back. It is never the last of
   * what is said: clients take the last block for the answer (Claude Code 2.1.330 then prints nothing, 2026-11), and the
   * signature at the end of a text is one its provider can do without.
   */
  #hiddenReasoning(index: number, envelope: string | undefined): string {
    if (envelope === undefined || !asksThinking(this.#request)) return '';
    const block = { type: 'redacted_thinking', data: envelope };
    const write = (): string => this.#blocks.open(index, block) + this.#blocks.end(index);
    if (!this.#hasSpoken) return write();
    this.#held = [...this.#held, write];
    return '';
  }

  #open(key: number, block: JsonObject): string {
    const held = this.#held.map((write) => write());
    this.#held = [];
    this.#hasSpoken ||= !isThinking(block);
    return held.join('') + this.#blocks.open(key, block);
  }

  /** Steps of another provider's tool are told as if this provider's own had taken them. */
  #hostedBlocks({ index, protocol, data, steps = [] }: UnknownBlock): string {
    if (protocol === 'anthropic-messages') return this.#unknown(index, data);
    return writeSteps(steps)
      .map((block) => {
        this.#hostedKey -= 1;
        return this.#unknown(this.#hostedKey, block);
      })
      .join('');
  }

  /** The input of a hosted tool use is streamed like any other, as clients expect it. */
  #unknown(index: number, data: Json): string {
    const block = asObject(data) ?? {};
    const input = asObject(block['input']);
    if (input === undefined) return this.#open(index, block) + this.#blocks.end(index);
    const opened = this.#open(index, { ...block, input: {} });
    const delta = { type: 'input_json_delta', partial_json: JSON.stringify(input) };
    return opened + this.#blocks.delta(index, JSON.stringify(delta)) + this.#blocks.end(index);
  }

  #end(): string {
    const { reason, sequence } = this.#stop;
    const delta = {
      stop_reason: encodeStopReason(settleStop(reason, this.#hasCalls), this.#request),
      stop_sequence: sequence ?? null,
    };
    const usage = encodeUsage(this.#usage);
    return this.#blocks.endAll() + frame('message_delta', { delta, usage }) + frame('message_stop', {});
  }
}

const stopReasons: Readonly<Record<StopReason, string>> = {
  end: 'end_turn',
  length: 'max_tokens',
  'context-full': 'model_context_window_exceeded',
  'stop-sequence': 'stop_sequence',
  'tool-calls': 'tool_use',
  refusal: 'refusal',
  filter: 'refusal',
  pause: 'pause_turn',
  malformed: 'end_turn',
  other: 'end_turn',
};

/** Clients of the first version know of no other limit than that of the output. */
const fullContextSince = '2026-10-21';

export function encodeStopReason(reason: StopReason, { version = '' }: CanonicalRequest): string {
  const isUnknown = reason === 'context-full' && version < fullContextSince;
  return stopReasons[isUnknown ? 'length' : reason];
}

export function messageId(id: string): string {
  return id.startsWith('msg_') ? id : `msg_${id.replaceAll(/[^A-Za-z0-9_-]/g, '_')}`;
}

/**
 * A citation of this protocol goes as it came. Of any other only a web address can be said; the encrypted index that
 * the provider puts there cannot be made, so it is empty.
 */
export function encodeCitation(citation: Citation): Json | undefined {
  const type = asObject(citation.raw)?.['type'];
  if (typeof type === 'string' && type.endsWith('_location')) return citation.raw;
  if (citation.url === undefined) return undefined;
  return {
    type: 'web_search_result_location',
    url: citation.url,
    title: citation.title ?? null,
    cited_text: citation.citedText ?? '',
    encrypted_index: foreignContent,
  };
}

function quote(text: string): string {
  return JSON.stringify(text);
}

function frame(event: string, fields: JsonObject): string {
  return `event: ${event}\ndata: ${JSON.stringify({ type: event, ...fields })}\n\n`;
}

export function isThinking({ type }: JsonObject): boolean {
  return type === 'thinking' || type === 'redacted_thinking';
}

export function asksThinking({ reasoning }: CanonicalRequest): boolean {
  return reasoning !== undefined && reasoning.style !== 'off';
}
