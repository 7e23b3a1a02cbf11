import type { Translation } from '../wire-protocol.ts';
import type { CanonicalEvent } from './events.ts';
import { createNameRestorer } from './names.ts';
import { asObjects, asText, parseObject } from './read-json.ts';
import type { CanonicalRequest } from './request.ts';

/**
 * GPT models call a tool that nobody offered, `multi_tool_use.parallel`, with the calls they mean as its argument. Clients
 * know no such tool, so they are given the calls.
 */
const wrapper = 'multi_tool_use.parallel';

type Start = Extract<CanonicalEvent, { type: 'tool-call-start' }>;
type End = Extract<CanonicalEvent, { type: 'tool-call-end' }>;
type Split = (events: readonly CanonicalEvent[]) => readonly CanonicalEvent[];

interface Held {
  readonly start: Start;
  readonly pieces: string[];
}

/** Blocks that stand for no block of the upstream's have indexes above all others. */
const firstIndex = 1_000_000;

/** For the events of one answer, in order. */
function createParallelSplitter(request: CanonicalRequest, maxNameLength: number): Split {
  if (request.tools.length === 0 || request.tools.some(({ name }) => name === wrapper)) {
    return (events) => events;
  }
  const restoreName = createNameRestorer(request, maxNameLength);
  const open = new Map<number, Held>();
  let nextIndex = firstIndex;

  const expand = ({ start, pieces }: Held, end: End): readonly CanonicalEvent[] => {
    const argumentsText = pieces.join('');
    const uses = asObjects(parseObject(argumentsText)?.['tool_uses']);
    const names = uses.map((use) => asText(use['recipient_name'])?.replace(/^functions\./, ''));
    if (uses.length === 0 || names.includes(undefined)) {
      return [start, { type: 'tool-call-delta', index: start.index, argumentsText }, end];
    }
    return uses.flatMap((use, position): readonly CanonicalEvent[] => {
      const name = restoreName(names[position] ?? '');
      const written = JSON.stringify(use['parameters'] ?? {});
      const isFirst = position === 0;
      const index = isFirst ? start.index : nextIndex++;
      return [
        isFirst
          ? { ...start, name }
          : { type: 'tool-call-start', index, id: `${start.id}_${position}`, name },
        { type: 'tool-call-delta', index, argumentsText: written },
        isFirst ? end : { type: 'tool-call-end', index },
      ];
    });
  };

  const splitOne = (event: CanonicalEvent): readonly CanonicalEvent[] => {
    if (event.type === 'tool-call-start' && event.name === wrapper && event.choice === undefined) {
      open.set(event.index, { start: event, pieces: [] });
      return [];
    }
    if (event.type !== 'tool-call-delta' && event.type !== 'tool-call-end') return [event];
    const held = event.choice === undefined ? open.get(event.index) : undefined;
    if (held === undefined) return [event];
    if (event.type === 'tool-call-delta') {
      held.pieces.push(event.argumentsText);
      return [];
    }
    open.delete(event.index);
    return expand(held, event);
  };
  return (events) =>
    open.size === 0 && !events.some((event) => event.type === 'tool-call-start' && event.name === wrapper)
      ? events
      : events.flatMap(splitOne);
}

/** Both halves of a protocol, whose answers hold the calls that were meant. */
export function splittingParallel(plain: Translation, maxNameLength: number): Translation {
  return {
    ...plain,
    createDecoder(request) {
      const decoder = plain.createDecoder(request);
      const split = createParallelSplitter(request, maxNameLength);
      return {
        push: (name, data) => split(decoder.push(name, data)),
        finish: () => split(decoder.finish()),
      };
    },
    decodeUnary: (body, request) =>
      createParallelSplitter(request, maxNameLength)(plain.decodeUnary(body, request)),
  };
}
