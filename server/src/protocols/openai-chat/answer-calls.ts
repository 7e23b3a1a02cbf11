import type { CanonicalEvent } from '../canonical/events.ts';
import { synthesizeCallId } from '../canonical/names.ts';
import { asNumber, asObject, asString, asText } from '../canonical/read-json.ts';
import type { JsonObject } from '../canonical/request.ts';
import { argumentsOf } from './decode-messages.ts';

/**
 * Tool calls of one answer, put together from fragments. Servers leave out the index or the id, give every call the
 * same index, repeat the name in each fragment or send it in pieces, or send arguments before it: a call is told to the
 * client when its name is known to be whole, which is when its arguments begin or the answer ends.
 */
interface GrowingCall {
  readonly index: number;
  readonly position: number;
  readonly wireIndex: number | undefined;
  id: string;
  name: string;
  isCustom: boolean;
  /** Arguments that came before the call could be told. */
  waiting: string;
  isTold: boolean;
}

type Events = readonly CanonicalEvent[];
const none: Events = [];

export class AnswerCalls {
  readonly #calls: GrowingCall[] = [];
  readonly #restoreName: (name: string) => string;
  readonly #nextIndex: () => number;

  constructor(restoreName: (name: string) => string, nextIndex: () => number) {
    this.#restoreName = restoreName;
    this.#nextIndex = nextIndex;
  }

  get count(): number {
    return this.#calls.length;
  }

  /** One entry of `delta.tool_calls`. */
  accept(fragment: JsonObject, answerId: string): Events {
    const custom = customOf(fragment);
    const inner = custom ?? asObject(fragment['function']) ?? {};
    const id = asText(fragment['id']);
    const name = asText(inner['name']);
    const before = this.#calls.length;
    const call = this.#find(asNumber(fragment['index']), id, name);
    // A new call means that the names of those before it are whole; told now, they keep their order.
    const earlier = this.#calls.length === before ? none : this.#tellNamed(before, answerId);
    call.isCustom ||= custom !== undefined;
    if (call.id === '' && id !== undefined) call.id = id;
    if (!call.isTold && name !== undefined && call.name !== name) call.name += name;
    const piece =
      custom === undefined ? argumentsOf(inner['arguments']) : escaped(asString(custom['input']) ?? '');
    if (call.isTold) {
      return piece === '' ? none : [{ type: 'tool-call-delta', index: call.index, argumentsText: piece }];
    }
    call.waiting += piece;
    if (call.name === '' || call.waiting === '') return earlier;
    return [...earlier, ...this.#tell(call, answerId)];
  }

  #tellNamed(count: number, answerId: string): Events {
    const named = this.#calls.slice(0, count).filter((call) => call.name !== '');
    return named.flatMap((call) => this.#tell(call, answerId));
  }

  /** The deprecated single call. */
  acceptLegacy(call: JsonObject, answerId: string): Events {
    return this.accept({ index: 0, function: call }, answerId);
  }

  close(answerId: string): Events {
    return this.#calls.flatMap((call): CanonicalEvent[] => {
      const told = this.#tell(call, answerId);
      const closing: CanonicalEvent[] = call.isCustom
        ? [{ type: 'tool-call-delta', index: call.index, argumentsText: '"}' }]
        : [];
      return [...told, ...closing, { type: 'tool-call-end', index: call.index }];
    });
  }

  #tell(call: GrowingCall, answerId: string): Events {
    if (call.isTold) return none;
    call.isTold = true;
    const id = call.id === '' ? synthesizeCallId(answerId, call.position) : call.id;
    const name = this.#restoreName(call.name);
    const start: CanonicalEvent = { type: 'tool-call-start', index: call.index, id, name };
    const waiting = call.isCustom ? `{"input":"${call.waiting}` : call.waiting;
    if (waiting === '') return [start];
    return [start, { type: 'tool-call-delta', index: call.index, argumentsText: waiting }];
  }

  /** A known index with another id and a name of its own is another call: some servers number all of them 0. */
  #find(wireIndex: number | undefined, id: string | undefined, name: string | undefined): GrowingCall {
    const last = this.#calls.at(-1);
    const byIndex = this.#calls.findLast((call) => call.wireIndex === wireIndex);
    const byId = this.#calls.find((call) => call.id === id);
    const known = wireIndex === undefined ? (id === undefined ? last : byId) : byIndex;
    const isOther = known !== undefined && id !== undefined && known.id !== '' && known.id !== id;
    if (known !== undefined && !(isOther && name !== undefined)) return known;
    const position = this.#calls.length;
    const call: GrowingCall = {
      index: this.#nextIndex(),
      position,
      wireIndex,
      id: '',
      name: '',
      isCustom: false,
      waiting: '',
      isTold: false,
    };
    this.#calls.push(call);
    return call;
  }
}

/** Servers that fill in every field of the schema send an empty `custom` beside the function that is meant. */
function customOf(fragment: JsonObject): JsonObject | undefined {
  const isFunction = fragment['type'] !== 'custom' && asObject(fragment['function']) !== undefined;
  return isFunction ? undefined : asObject(fragment['custom']);
}

/** Free text as the inside of a JSON string; pieces joined are the whole's escape. */
function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
