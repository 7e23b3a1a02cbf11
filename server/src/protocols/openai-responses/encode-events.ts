import type { RelayError } from '../../domain/errors.ts';
import type { Usage } from '../../domain/usage.ts';
import type { CanonicalEvent, StopReason } from '../canonical/events.ts';
import { hashHex } from '../canonical/hash.ts';
import type { CanonicalRequest, Json, JsonObject } from '../canonical/request.ts';
import { asString } from '../canonical/read-json.ts';
import { settleStop } from '../canonical/stop.ts';
import { openAiError } from '../openai-errors.ts';
import type { EventEncoder } from '../wire-protocol.ts';
import { encodeResponseFailed } from './errors.ts';
import { createStepWriter } from './hosted-tools.ts';
import { createToolForms, type ToolForm } from './decode-tools.ts';
import { openCall, type OpenCall } from './write-call.ts';
import { openMessage, type OpenMessage } from './write-message.ts';
import { openReasoning, type OpenReasoning } from './write-reasoning.ts';
import { endingOf, responseId, responseObject, type ResponseHead } from './response-object.ts';
import { wordTable } from '../canonical/word-table.ts';

/**
 * Client half: canonical events as the events of a response. Items open in the order of their blocks; texts that follow
 * each other are one message, which stays open until something else comes. A unary answer is the last event's response.
 */
export function createEncoder(request: CanonicalRequest): EventEncoder {
  const writer = new ResponseWriter(request);
  return {
    push: (event) => writer.push(event),
    encodeError: (error, callId) => writer.encodeError(error, callId),
  };
}

/** Where an item stands, and how its writers tell of it. */
export interface ItemPlace {
  readonly outputIndex: number;
  readonly id: string;
  emit(type: string, fields: JsonObject): string;
}

type Start = Extract<CanonicalEvent, { type: 'start' }>;
type OpenItem = { readonly outputIndex: number; finish(status: 'completed' | 'incomplete'): Written };
/** The events that end an item, and the item as the response repeats it. */
export interface Written {
  readonly text: string;
  readonly item: JsonObject;
}

/** States that clients are told of between the two ends of an item. */
const progressOf = wordTable<readonly string[]>({
  web_search_call: ['in_progress', 'searching', 'completed'],
  code_interpreter_call: ['in_progress', 'interpreting', 'completed'],
});

export class ResponseWriter {
  readonly #request: CanonicalRequest;
  readonly #formOf: (name: string) => ToolForm;
  readonly #calls = new Map<number, OpenCall>();
  readonly #output: Json[] = [];
  readonly #steps = createStepWriter();
  #head: ResponseHead = { id: '', model: '', createdAtSeconds: 0 };
  #hasStarted = false;
  #protocol: Start['protocol'];
  #sequence = 0;
  #message: OpenMessage | undefined;
  #reasoning: OpenReasoning | undefined;
  #hasRefusal = false;
  #hasCalls = false;
  #usage: Usage | undefined;
  #stop: StopReason = 'other';
  #final: JsonObject = {};

  constructor(request: CanonicalRequest) {
    this.#request = request;
    this.#formOf = createToolForms(request);
  }

  push(event: CanonicalEvent): string {
    switch (event.type) {
      case 'start':
        return this.#start(event);
      case 'text-start':
        return this.#openMessage((message) => message.startText());
      case 'text-delta':
        return event.text === ''
          ? ''
          : this.#openMessage((message) => message.addText(event.text, event.logprobs));
      case 'text-citation':
        return this.#openMessage((message) => message.cite(event.citation));
      case 'text-end':
        return this.#message?.endPart() ?? '';
      case 'refusal-delta':
        this.#hasRefusal = true;
        return this.#openMessage((message) => message.addRefusal(event.text));
      case 'reasoning-start':
        return this.#openReasoning(() => '');
      case 'reasoning-delta':
        return event.text === '' ? '' : this.#openReasoning((item) => item.add(event.text));
      case 'reasoning-end':
        return (
          this.#openReasoning((item) => item.seal(event.opaque, event.envelope)) +
          this.#closeReasoning('completed')
        );
      case 'tool-call-start':
        return this.#openCall(event);
      case 'tool-call-delta':
        return this.#calls.get(event.index)?.add(event.argumentsText) ?? '';
      case 'tool-call-end':
        return this.#closeCall(event.index);
      case 'unknown-block':
        return this.#wholeItems(event);
      case 'usage':
        this.#usage = event.usage;
        return '';
      case 'stop':
        this.#stop = event.reason;
        return '';
      case 'end':
        return this.#end();
      case 'ping':
      case 'error':
        break;
    }
    return '';
  }

  /** The response of the terminal event. */
  response(): JsonObject {
    return this.#final;
  }

  encodeError(error: RelayError, callId: string): Buffer {
    const known = this.#hasStarted ? this.#head.id : callId;
    return encodeResponseFailed(openAiError(error), {
      responseId: responseId(known),
      sequence: this.#sequence,
    });
  }

  #emit(type: string, fields: JsonObject): string {
    const data = JSON.stringify({ type, sequence_number: this.#sequence, ...fields });
    this.#sequence += 1;
    return `event: ${type}\ndata: ${data}\n\n`;
  }

  #start(event?: Start): string {
    if (this.#hasStarted) return '';
    this.#hasStarted = true;
    this.#protocol = event?.protocol;
    this.#head = {
      id: event?.id ?? '',
      model: event?.model ?? '',
      createdAtSeconds: event?.createdAtSeconds ?? 0,
    };
    const response = responseObject(this.#head, { status: 'in_progress', output: [] }, this.#request);
    return this.#emit('response.created', { response }) + this.#emit('response.in_progress', { response });
  }

  #place(prefix: string): ItemPlace {
    const outputIndex = this.#output.length;
    this.#output.push(null);
    return {
      outputIndex,
      id: `${prefix}_${hashHex(`${this.#head.id}/${outputIndex}`)}`,
      emit: (type, fields) => this.#emit(type, fields),
    };
  }

  #finish(open: OpenItem, status: 'completed' | 'incomplete'): string {
    const { text, item } = open.finish(status);
    this.#output[open.outputIndex] = item;
    return text + this.#emit('response.output_item.done', { output_index: open.outputIndex, item });
  }

  #openMessage(write: (message: OpenMessage) => string): string {
    let out = this.#start() + this.#closeReasoning('completed');
    if (this.#message === undefined) {
      this.#message = openMessage(this.#place('msg'));
      out += this.#message.opening;
    }
    return out + write(this.#message);
  }

  #closeMessage(status: 'completed' | 'incomplete'): string {
    const open = this.#message;
    this.#message = undefined;
    return open === undefined ? '' : this.#finish(open, status);
  }

  #openReasoning(write: (item: OpenReasoning) => string): string {
    let out = this.#start() + this.#closeMessage('completed');
    if (this.#reasoning === undefined) {
      const origin = { protocol: this.#protocol ?? 'openai-responses', model: this.#head.model } as const;
      this.#reasoning = openReasoning(this.#place('rs'), origin);
      out += this.#reasoning.opening;
    }
    return out + write(this.#reasoning);
  }

  #closeReasoning(status: 'completed' | 'incomplete'): string {
    const open = this.#reasoning;
    this.#reasoning = undefined;
    return open === undefined ? '' : this.#finish(open, status);
  }

  #openCall({ index, id, name, envelope }: Extract<CanonicalEvent, { type: 'tool-call-start' }>): string {
    this.#hasCalls = true;
    const before = this.#start() + this.#closeMessage('completed') + this.#closeReasoning('completed');
    const carried = envelope === undefined ? '' : this.#carriedSignature(envelope);
    const form = this.#formOf(name);
    const prefix = form.typed?.idPrefix ?? (form.isCustom ? 'ctc' : 'fc');
    const call = openCall(this.#place(prefix), id, form);
    this.#calls.set(index, call);
    return before + carried + call.opening;
  }

  /** A call has no place for a signature: it stands in a reasoning item of its own before it. */
  #carriedSignature(envelope: string): string {
    const sealed = this.#openReasoning((item) => item.seal(undefined, envelope));
    return sealed + this.#closeReasoning('completed');
  }

  #closeCall(index: number): string {
    const call = this.#calls.get(index);
    this.#calls.delete(index);
    return call === undefined ? '' : this.#finish(call, 'completed');
  }

  /** Items that only this protocol knows come whole; of another's, what its tool did. */
  #wholeItems({ protocol, data, steps = [] }: Extract<CanonicalEvent, { type: 'unknown-block' }>): string {
    const items = protocol === 'openai-responses' ? [data as JsonObject] : this.#steps.write(steps);
    return items.map((item) => this.#wholeItem(item)).join('');
  }

  #wholeItem(item: JsonObject): string {
    const before = this.#start() + this.#closeMessage('completed') + this.#closeReasoning('completed');
    const outputIndex = this.#output.length;
    this.#output.push(item);
    const place = { output_index: outputIndex, item_id: item['id'] ?? '' };
    const type = asString(item['type']) ?? '';
    let out = before + this.#emit('response.output_item.added', { output_index: outputIndex, item });
    for (const state of progressOf[type] ?? []) out += this.#emit(`response.${type}.${state}`, place);
    return out + this.#emit('response.output_item.done', { output_index: outputIndex, item });
  }

  #end(): string {
    const ending = endingOf(settleStop(this.#stop, this.#hasCalls), this.#hasRefusal);
    const cut = ending.status === 'incomplete' ? 'incomplete' : 'completed';
    let out = this.#start() + this.#closeReasoning(cut) + this.#closeMessage(cut);
    for (const index of this.#calls.keys()) out += this.#closeCall(index);
    for (const item of this.#steps.finish()) out += this.#wholeItem(item);
    const usage = this.#usage === undefined ? {} : { usage: this.#usage };
    const state = { ...ending, output: this.#output, ...usage };
    this.#final = responseObject(this.#head, state, this.#request);
    return out + this.#emit(`response.${ending.status}`, { response: this.#final });
  }
}
