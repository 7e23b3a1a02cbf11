import type { EventDecoder } from '../wire-protocol.ts';
import type { CanonicalEvent, TokenLogprob } from './events.ts';
import { asNumber, asObjects, parseObject } from './read-json.ts';
import type { CanonicalRequest, JsonObject } from './request.ts';

/** Several answers to one request: taken apart where the upstream tells them, and put together for the client. */
export function choicesOf(request: CanonicalRequest): number {
  return Math.max(1, request.sampling.choices ?? 1);
}

/** The events of one answer, as if it were the only one. */
export function eventsOfChoice(events: readonly CanonicalEvent[], choice: number): readonly CanonicalEvent[] {
  return events.filter((event) => shared.has(event.type) || (event.choice ?? 0) === choice);
}

const shared: ReadonlySet<CanonicalEvent['type']> = new Set(['start', 'usage', 'ping', 'error', 'end']);

export function tokenLogprobs(events: readonly CanonicalEvent[]): readonly TokenLogprob[] {
  return events.flatMap((event) => (event.type === 'text-delta' ? (event.logprobs ?? []) : []));
}

/** Block indexes of different answers never meet. */
const indexesPerChoice = 4096;

function tagged(event: CanonicalEvent, choice: number): CanonicalEvent {
  if (choice === 0 || shared.has(event.type)) return event;
  return 'index' in event
    ? { ...event, choice, index: choice * indexesPerChoice + event.index }
    : { ...event, choice };
}

interface SplitOptions {
  /** Where a payload lists its answers. */
  readonly listKey: string;
  readonly createDecoder: () => EventDecoder;
}

/** One decoder for each answer; what the payload says of all goes to the first. */
export function createChoiceDecoder({ listKey, createDecoder }: SplitOptions): EventDecoder {
  const decoders = new Map<number, EventDecoder>();
  let hasStarted = false;
  let hasEnded = false;
  const gather = (read: (decoder: EventDecoder) => readonly CanonicalEvent[]): readonly CanonicalEvent[] => {
    const events: CanonicalEvent[] = [];
    for (const [choice, decoder] of decoders) take(events, read(decoder), choice);
    return events;
  };
  const take = (into: CanonicalEvent[], events: readonly CanonicalEvent[], choice: number): void => {
    for (const event of events) {
      if (event.type === 'end' || hasEnded) continue;
      if (event.type === 'start' && hasStarted) continue;
      hasStarted ||= event.type === 'start';
      hasEnded = event.type === 'error';
      into.push(tagged(event, choice));
    }
  };
  const decoderOf = (choice: number): EventDecoder => {
    const known = decoders.get(choice) ?? createDecoder();
    decoders.set(choice, known);
    return known;
  };
  const closed = (events: readonly CanonicalEvent[]): readonly CanonicalEvent[] => {
    if (hasEnded || !events.some((event) => event.type === 'stop')) return events;
    hasEnded = true;
    return [...events, { type: 'end' }];
  };
  return {
    push(eventName, data) {
      const payload = parseObject(data);
      if (payload === undefined) {
        decoderOf(0);
        return closed(gather((decoder) => decoder.push(eventName, data)));
      }
      const events: CanonicalEvent[] = [];
      for (const [choice, own] of splitChoices(payload, listKey)) {
        take(events, decoderOf(choice).push(eventName, JSON.stringify(own)), choice);
      }
      return events;
    },
    finish() {
      decoderOf(0);
      return closed(gather((decoder) => decoder.finish()));
    },
  };
}

/** A whole body as if each of its answers had come alone. */
export function decodeChoices(
  body: JsonObject,
  listKey: string,
  decode: (own: JsonObject) => readonly CanonicalEvent[],
): readonly CanonicalEvent[] {
  const parts = splitChoices(body, listKey).map(([choice, own]) => ({ choice, events: decode(own) }));
  const failed = parts.find(({ events }) => events.some((event) => event.type === 'error'));
  if (failed !== undefined) return failed.events;
  const said = parts.flatMap(({ choice, events }, position) =>
    events
      .filter((event) => event.type !== 'end' && (position === 0 || !shared.has(event.type)))
      .map((event) => tagged(event, choice)),
  );
  return [...said, { type: 'end' }];
}

/** The payload once for each answer in it, that answer alone and in the first place. */
function splitChoices(payload: JsonObject, listKey: string): readonly (readonly [number, JsonObject])[] {
  const list = asObjects(payload[listKey]);
  if (list.length === 0) return [[0, payload]];
  const { usage: _usage, usageMetadata: _metadata, ...rest } = payload;
  return list.map((item, position) => {
    const choice = Math.min(asNumber(item['index']) ?? position, maxChoices);
    const common = position === 0 ? payload : rest;
    return [choice, { ...common, [listKey]: [{ ...item, index: 0 }] }];
  });
}

const maxChoices = 127;
