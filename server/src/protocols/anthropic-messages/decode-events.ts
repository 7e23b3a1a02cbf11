import type { CanonicalEvent, StopReason, UpstreamErrorEvent } from '../canonical/events.ts';
import { createNameRestorer } from '../canonical/names.ts';
import { asObject, asObjects, asString, asText, parseObject } from '../canonical/read-json.ts';
import type { CanonicalRequest, JsonObject } from '../canonical/request.ts';
import { settleStop } from '../canonical/stop.ts';
import type { Shape } from '../json-shape.ts';
import type { EventDecoder } from '../wire-protocol.ts';
import { handlerOf, homeOfDelta, type AnswerContext, type OpenBlock } from './answer-blocks.ts';
import { maxNameLength } from './encode-blocks.ts';
import { undoStructuredOutput } from './undo-structured-output.ts';
import { anthropicUsage, mergeReports } from './meter.ts';
import { wordTable } from '../canonical/word-table.ts';

/** Upstream half: the events of an Anthropic Messages answer to canonical ones. */
export function createDecoder(request: CanonicalRequest): EventDecoder {
  const state = new AnswerState(request);
  const undo = undoStructuredOutput(request);
  return {
    push(_eventName, data) {
      const event = parseObject(data);
      return undo(
        event === undefined ? state.failWith('upstream_protocol', unreadable) : state.accept(event),
      );
    },
    finish: () => undo(state.finish()),
  };
}

export function decodeUnary(body: JsonObject, request: CanonicalRequest): readonly CanonicalEvent[] {
  const state = new AnswerState(request);
  const undo = undoStructuredOutput(request);
  if (body['type'] === 'error') return undo(state.accept(body));
  const { content, stop_reason, stop_sequence, usage, ...message } = body;
  const events = [
    { type: 'message_start', message: { ...message, usage: usage ?? {} } },
    ...asObjects(content).flatMap((content_block, index) => [
      { type: 'content_block_start', index, content_block },
      { type: 'content_block_stop', index },
    ]),
    {
      type: 'message_delta',
      delta: { stop_reason: stop_reason ?? null, stop_sequence: stop_sequence ?? null },
    },
    { type: 'message_stop' },
  ];
  return undo(events.flatMap((event) => state.accept(event)));
}

const unreadable = 'The upstream sent an event that is not JSON.';

const stopReasons = wordTable<StopReason>({
  end_turn: 'end',
  max_tokens: 'length',
  stop_sequence: 'stop-sequence',
  tool_use: 'tool-calls',
  pause_turn: 'pause',
  refusal: 'refusal',
  model_context_window_exceeded: 'context-full',
});

const errorCodes = wordTable<UpstreamErrorEvent['code']>({
  overloaded_error: 'upstream_overloaded',
  rate_limit_error: 'upstream_rate_limited',
  invalid_request_error: 'upstream_rejected_input',
  request_too_large: 'upstream_rejected_input',
});

type Events = readonly CanonicalEvent[];
const none: Events = [];

class AnswerState {
  #context: AnswerContext;
  #hasStarted = false;
  #hasEnded = false;
  #hasCalls = false;
  #nextIndex = 0;
  #open: OpenBlock | undefined;
  #usage: Shape = {};
  #stop: { readonly reason: StopReason; readonly sequence?: string } | undefined;

  constructor(request: CanonicalRequest) {
    this.#context = {
      origin: { protocol: 'anthropic-messages', model: request.model },
      restoreName: createNameRestorer(request, maxNameLength),
    };
  }

  accept(event: JsonObject): Events {
    if (this.#hasEnded) return none;
    switch (asString(event['type']) ?? '') {
      case 'content_block_delta':
        return this.#delta(asObject(event['delta']) ?? {});
      case 'message_start':
        return this.#start(asObject(event['message']) ?? {});
      case 'content_block_start':
        return this.#openBlock(asObject(event['content_block']) ?? {});
      case 'content_block_stop':
        return this.#closeBlock();
      case 'message_delta':
        return this.#messageDelta(event);
      case 'message_stop':
        return this.#end();
      case 'ping':
        return [{ type: 'ping' }];
      case 'error':
        return this.#upstreamError(asObject(event['error']) ?? {});
      default:
        return none;
    }
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

  #upstreamError(error: JsonObject): Events {
    const type = asString(error['type']) ?? '';
    return this.failWith(errorCodes[type] ?? 'upstream_failed', asString(error['message']) ?? type);
  }

  /** A second start is a fault of some servers and means nothing. */
  #start(message: JsonObject): Events {
    if (this.#hasStarted) return none;
    this.#hasStarted = true;
    const model = asText(message['model']) ?? this.#context.origin.model;
    const origin = { protocol: 'anthropic-messages', model } as const;
    this.#context = { ...this.#context, origin };
    const start: CanonicalEvent = {
      type: 'start',
      id: asString(message['id']) ?? '',
      model,
      protocol: origin.protocol,
    };
    return [start, ...this.#mergeUsage(asObject(message['usage']))];
  }

  #mergeUsage(usage: JsonObject | undefined): Events {
    if (usage === undefined || Object.keys(usage).length === 0) return none;
    this.#usage = mergeReports(this.#usage, usage);
    return [{ type: 'usage', usage: anthropicUsage(this.#usage).usage }];
  }

  #openBlock(start: JsonObject): Events {
    const before = this.#closeBlock();
    const type = asString(start['type']) ?? '';
    const block: OpenBlock = { index: this.#nextIndex, type, start, pieces: [] };
    this.#nextIndex += 1;
    this.#open = block;
    if (type === 'tool_use') this.#hasCalls = true;
    return [...before, ...handlerOf(type).start(block, this.#context)];
  }

  /** A doubled stop finds nothing open and does nothing: a client would run the tool twice. */
  #closeBlock(): Events {
    const block = this.#open;
    if (block === undefined) return none;
    this.#open = undefined;
    return handlerOf(block.type).stop(block, this.#context);
  }

  #delta(delta: JsonObject): Events {
    const type = asString(delta['type']) ?? '';
    const block = this.#open;
    if (block !== undefined) {
      const { deltas } = handlerOf(block.type);
      const handle = Object.hasOwn(deltas, type) ? deltas[type] : undefined;
      if (handle !== undefined) return handle(block, delta);
    }
    const home = homeOfDelta[type];
    if (home === undefined || block?.type === home) return none;
    const opened = this.#openBlock({ type: home });
    return [...opened, ...this.#delta(delta)];
  }

  #messageDelta(event: JsonObject): Events {
    const delta = asObject(event['delta']) ?? {};
    const reason = asText(delta['stop_reason']);
    if (reason !== undefined) {
      const sequence = asText(delta['stop_sequence']);
      this.#stop = {
        reason: stopReasons[reason] ?? 'other',
        ...(sequence === undefined ? {} : { sequence }),
      };
    }
    return [...this.#closeBlock(), ...this.#mergeUsage(asObject(event['usage']))];
  }

  #end(): Events {
    const closed = this.#closeBlock();
    this.#hasEnded = true;
    const { reason, ...sequence } = this.#stop ?? { reason: 'other' as const };
    const settled = settleStop(reason, this.#hasCalls);
    return [...closed, { type: 'stop', reason: settled, ...sequence }, { type: 'end' }];
  }
}
