import type { CanonicalEvent, StopReason, UpstreamErrorEvent } from '../canonical/events.ts';
import { createNameRestorer } from '../canonical/names.ts';
import { asNumber, asObject, asObjects, asString, asText, parseObject } from '../canonical/read-json.ts';
import type { CanonicalRequest, JsonObject } from '../canonical/request.ts';
import { settleStop } from '../canonical/stop.ts';
import type { EventDecoder } from '../wire-protocol.ts';
import {
  handlers,
  kindOfDelta,
  kindOfStart,
  type AnswerContext,
  type BlockKind,
  type OpenBlock,
} from './answer-blocks.ts';
import { maxNameLength } from './encode-blocks.ts';
import { codeOfException } from './errors.ts';
import { converseUsage } from './meter.ts';
import { wordTable } from '../canonical/word-table.ts';

/** Upstream half: the events of a Converse answer to canonical ones. Usage comes last, after the stop. */
export function createDecoder(request: CanonicalRequest): EventDecoder {
  const state = new AnswerState(request);
  return {
    push(eventName, data) {
      const payload = parseObject(data);
      if (payload === undefined) return state.failWith('upstream_protocol', unreadable);
      return state.accept(eventName ?? '', payload);
    },
    finish: () => state.finish(),
  };
}

export function decodeUnary(body: JsonObject, request: CanonicalRequest): readonly CanonicalEvent[] {
  const state = new AnswerState(request);
  const message = asObject(asObject(body['output'])?.['message']);
  if (message === undefined) return state.failWith('upstream_protocol', unreadable);
  const { stopReason, additionalModelResponseFields, usage, serviceTier } = body;
  return [
    ...state.accept('messageStart', {}),
    ...asObjects(message['content']).flatMap((block, index) => state.acceptBlock(block, index)),
    ...state.accept('messageStop', {
      ...(stopReason === undefined ? {} : { stopReason }),
      ...(additionalModelResponseFields === undefined ? {} : { additionalModelResponseFields }),
    }),
    ...state.accept('metadata', {
      ...(usage === undefined ? {} : { usage }),
      ...(serviceTier === undefined ? {} : { serviceTier }),
    }),
  ];
}

const unreadable = 'The upstream sent an event that is not of its protocol.';

const stopReasons = wordTable<StopReason>({
  end_turn: 'end',
  tool_use: 'tool-calls',
  max_tokens: 'length',
  stop_sequence: 'stop-sequence',
  guardrail_intervened: 'filter',
  content_filtered: 'filter',
  malformed_model_output: 'malformed',
  malformed_tool_use: 'malformed',
  model_context_window_exceeded: 'context-full',
});

type Events = readonly CanonicalEvent[];
const none: Events = [];

class AnswerState {
  readonly #context: AnswerContext;
  #hasStarted = false;
  #hasEnded = false;
  #hasCalls = false;
  #nextIndex = 0;
  #open: { readonly block: OpenBlock; readonly wireIndex: number } | undefined;
  #stop: { readonly reason: StopReason; readonly sequence?: string } | undefined;

  constructor(request: CanonicalRequest) {
    this.#context = {
      origin: { protocol: 'bedrock-converse', model: request.model },
      restoreName: createNameRestorer(request, maxNameLength),
    };
  }

  accept(name: string, payload: JsonObject): Events {
    if (this.#hasEnded) return none;
    const index = asNumber(payload['contentBlockIndex']) ?? 0;
    switch (name) {
      case 'contentBlockDelta':
        return this.#delta(index, asObject(payload['delta']) ?? {});
      case 'messageStart':
        return this.#start();
      case 'contentBlockStart': {
        const start = asObject(payload['start']) ?? {};
        return Object.keys(start).length === 0 ? none : this.#openBlock(index, kindOfStart(start), start);
      }
      case 'contentBlockStop':
        return this.#closeBlock();
      case 'messageStop':
        return this.#messageStop(payload);
      case 'metadata':
        return this.#metadata(payload);
      default:
        return /(exception|error)$/i.test(name) ? this.#exception(name, payload) : none;
    }
  }

  /** A whole block of a unary answer. */
  acceptBlock(block: JsonObject, index: number): Events {
    const cited = asObject(block['citationsContent']);
    if (cited !== undefined) return this.#citedText(cited, index);
    const reasoning = asObject(asObject(block['reasoningContent'])?.['reasoningText']);
    const delta = reasoning === undefined ? block : { reasoningContent: reasoning };
    const kind = kindOfDelta(delta);
    const opened = kind === undefined ? this.#openBlock(index, kindOfStart(block), block) : none;
    const isCall = this.#open?.block.kind === 'call';
    return [
      ...opened,
      ...(kind !== undefined || isCall ? this.#delta(index, delta) : none),
      ...this.#closeBlock(),
    ];
  }

  #citedText(cited: JsonObject, index: number): Events {
    const texts = asObjects(cited['content']).flatMap(({ text }) => (text === undefined ? [] : [{ text }]));
    const citations = asObjects(cited['citations']).map((citation) => ({ citation }));
    const events = [...texts, ...citations].flatMap((delta) => this.#delta(index, delta));
    return [...events, ...this.#closeBlock()];
  }

  finish(): Events {
    if (this.#hasEnded) return none;
    if (this.#stop !== undefined) return this.#end();
    return this.failWith(
      'upstream_protocol',
      'The upstream ended the stream before its answer was complete.',
    );
  }

  failWith(code: UpstreamErrorEvent['code'], message: string): Events {
    if (this.#hasEnded) return none;
    this.#hasEnded = true;
    return [{ type: 'error', error: { code, message } }];
  }

  #exception(name: string, payload: JsonObject): Events {
    return this.failWith(codeOfException(name), asString(payload['message']) ?? name);
  }

  /** The wire tells neither an id nor a model. */
  #start(): Events {
    if (this.#hasStarted) return none;
    this.#hasStarted = true;
    const { protocol, model } = this.#context.origin;
    return [{ type: 'start', id: '', model, protocol }];
  }

  /** The blocks of one message follow each other; a new one ends the last. */
  #openBlock(wireIndex: number, kind: BlockKind, start: JsonObject): Events {
    const before = [...this.#start(), ...this.#closeBlock()];
    const block: OpenBlock = { kind, index: this.#nextIndex, start, pieces: [], sealed: [], deltas: [] };
    this.#nextIndex += 1;
    this.#open = { block, wireIndex };
    if (kind === 'call') this.#hasCalls = true;
    return [...before, ...handlers[kind].start(block, this.#context)];
  }

  #closeBlock(): Events {
    const open = this.#open;
    if (open === undefined) return none;
    this.#open = undefined;
    return handlers[open.block.kind].stop(open.block, this.#context);
  }

  /** Text and reasoning have no start: the first delta is it. One that is empty opens nothing. */
  #delta(wireIndex: number, delta: JsonObject): Events {
    const kind = kindOfDelta(delta);
    const open = this.#open?.wireIndex === wireIndex ? this.#open.block : undefined;
    const isHome = kind === undefined || open?.kind === kind || open?.kind === 'opaque';
    if (open !== undefined && isHome) return handlers[open.kind].delta(open, delta);
    if (kind === undefined || delta['text'] === '') return none;
    const opened = this.#openBlock(wireIndex, kind, {});
    return [...opened, ...this.#delta(wireIndex, delta)];
  }

  #messageStop(payload: JsonObject): Events {
    const reason = asText(payload['stopReason']);
    const sequence = asText(asObject(payload['additionalModelResponseFields'])?.['stop_sequence']);
    this.#stop = {
      reason: stopReasons[reason ?? ''] ?? 'other',
      ...(sequence === undefined ? {} : { sequence }),
    };
    return this.#closeBlock();
  }

  #metadata(payload: JsonObject): Events {
    const report = asObject(payload['usage']);
    const usage: Events =
      report === undefined
        ? none
        : [{ type: 'usage', usage: converseUsage(report, payload['serviceTier']).usage }];
    // It ends the answer, wherever the stop was told.
    return this.#stop === undefined ? usage : [...usage, ...this.#end()];
  }

  #end(): Events {
    const before = [...this.#start(), ...this.#closeBlock()];
    this.#hasEnded = true;
    const { reason, ...sequence } = this.#stop ?? { reason: 'other' as const };
    const settled = settleStop(reason, this.#hasCalls);
    return [...before, { type: 'stop', reason: settled, ...sequence }, { type: 'end' }];
  }
}
