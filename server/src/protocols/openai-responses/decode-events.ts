import type { CanonicalEvent, StopReason, UpstreamErrorEvent } from '../canonical/events.ts';
import {
  asNumber,
  asObject,
  asObjects,
  asString,
  asText,
  defined,
  parseObject,
} from '../canonical/read-json.ts';
import type { CanonicalRequest, JsonObject } from '../canonical/request.ts';
import { settleStop } from '../canonical/stop.ts';
import { responseUsage } from './meter.ts';
import type { EventDecoder } from '../wire-protocol.ts';
import { AnswerItems } from './answer-items.ts';
import { wordTable } from '../canonical/word-table.ts';

/** Upstream half: the events of a response to canonical ones. Items are told apart by their place in the output. */
export function createDecoder(request: CanonicalRequest): EventDecoder {
  const state = new AnswerState(request);
  return {
    push(eventName, data) {
      if (data === '' || data === '[DONE]') return [];
      const event = parseObject(data);
      if (event === undefined)
        return state.failWith('upstream_protocol', 'The upstream sent an event that is not JSON.');
      return state.accept(asText(event['type']) ?? eventName ?? '', event);
    },
    finish: () =>
      state.failWith('upstream_protocol', 'The upstream ended the stream before its answer was complete.'),
  };
}

/** A whole response is its own terminal event, with every item still to be told. */
export function decodeUnary(body: JsonObject, request: CanonicalRequest): readonly CanonicalEvent[] {
  const state = new AnswerState(request);
  const isResponse = Array.isArray(body['output']) || body['status'] === 'failed';
  if (!isResponse) return state.accept('error', body);
  return state.accept(`response.${asText(body['status']) ?? 'completed'}`, { response: body });
}

type Events = readonly CanonicalEvent[];

class AnswerState {
  readonly #model: string;
  readonly #items: AnswerItems;
  #hasStarted = false;
  #hasEnded = false;

  constructor(request: CanonicalRequest) {
    this.#model = request.model;
    this.#items = new AnswerItems(request);
  }

  accept(type: string, event: JsonObject): Events {
    if (this.#hasEnded) return [];
    const response = asObject(event['response']) ?? {};
    switch (type) {
      case 'response.created':
      case 'response.queued':
      case 'response.in_progress':
        return this.#start(response);
      case 'response.completed':
      case 'response.incomplete':
        return this.#end(response);
      case 'response.failed':
      case 'response.cancelled':
        return this.#failed(response);
      case 'error':
        return this.#errorEvent(event);
      default:
        break;
    }
    if (asObject(event['error']) !== undefined) return this.#errorEvent(event);
    return [...this.#start({}), ...this.#items.accept(type, event)];
  }

  /** A stream that begins without its first event still has a start. */
  #start(response: JsonObject): CanonicalEvent[] {
    if (this.#hasStarted) return [];
    this.#hasStarted = true;
    const id = asString(response['id']) ?? '';
    const model = asText(response['model']) ?? this.#model;
    this.#items.origin = { protocol: 'openai-responses', model };
    const createdAtSeconds = asNumber(response['created_at']);
    return [{ type: 'start', id, model, protocol: 'openai-responses', ...defined({ createdAtSeconds }) }];
  }

  #end(response: JsonObject): Events {
    const events = this.#start(response);
    for (const [index, item] of asObjects(response['output']).entries()) {
      events.push(...this.#items.accept('response.output_item.done', { output_index: index, item }));
    }
    events.push(...this.#items.close());
    this.#hasEnded = true;
    const usage = responseUsage(response)?.usage;
    if (usage !== undefined) events.push({ type: 'usage', usage });
    const reason = settleStop(stopOf(response), this.#items.hasCalls);
    const isRefusal = reason === 'end' && this.#items.hasRefusal;
    events.push({ type: 'stop', reason: isRefusal ? 'refusal' : reason }, { type: 'end' });
    return events;
  }

  /** A response that failed may still have cost something. */
  #failed(response: JsonObject): Events {
    const events = this.#start(response);
    const usage = responseUsage(response)?.usage;
    if (usage !== undefined) events.push({ type: 'usage', usage });
    return [...events, ...this.#errorEvent(response)];
  }

  /** The fields of an error stand in the event itself, or in an object below it. */
  #errorEvent(event: JsonObject): Events {
    const error = asObject(event['error']) ?? event;
    const message = asText(error['message']) ?? 'The upstream failed.';
    return this.failWith(errorCode(error), message);
  }

  failWith(code: UpstreamErrorEvent['code'], message: string): Events {
    if (this.#hasEnded) return [];
    this.#hasEnded = true;
    return [{ type: 'error', error: { code, message } }];
  }
}

const incompleteReasons = wordTable<StopReason>({
  max_output_tokens: 'length',
  content_filter: 'filter',
});

function stopOf(response: JsonObject): StopReason {
  if (response['status'] !== 'incomplete') return 'end';
  const reason = asText(asObject(response['incomplete_details'])?.['reason']) ?? '';
  return incompleteReasons[reason] ?? 'other';
}

function errorCode(error: JsonObject): UpstreamErrorEvent['code'] {
  const said = JSON.stringify([error['code'] ?? '', error['type'] ?? '']);
  if (/429|rate_limit/.test(said)) return 'upstream_rate_limited';
  if (/503|529|overloaded|slow_down|unavailable/.test(said)) return 'upstream_overloaded';
  if (/content_filter|content_policy|invalid_prompt|cyber_policy|image_content/.test(said))
    return 'upstream_refused_content';
  return /invalid_request|context_length|invalid_image|\b4(?:00|13|22)\b/.test(said)
    ? 'upstream_rejected_input'
    : 'upstream_failed';
}
