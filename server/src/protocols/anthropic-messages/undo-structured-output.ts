import type { CanonicalEvent } from '../canonical/events.ts';
import { synthesizeCallId } from '../canonical/names.ts';
import type { CanonicalRequest } from '../canonical/request.ts';
import { unwrapped } from '../canonical/object-root.ts';
import { createRewriting } from '../canonical/rewrite-text.ts';
import { jsonToolName, planStructuredOutput } from './structured-output.ts';

/** Gives the client the answer it asked for, where the encoder had to ask the model in another way. */
type Undo = (events: readonly CanonicalEvent[]) => readonly CanonicalEvent[];

export function undoStructuredOutput(request: CanonicalRequest): Undo {
  const plan = planStructuredOutput(request);
  if (plan.kind === 'json-tool') {
    const told = callToText();
    if (plan.schema === request.output?.schema) return told;
    const inner = createRewriting(unwrapped);
    return (events) => told(events).flatMap(inner);
  }
  return plan.kind === 'call-by-format' ? textToCall(plan.tool.name) : (events) => events;
}

/** The forced tool's arguments are the answer's text. */
function callToText(): Undo {
  const indexes = new Set<number>();
  let otherCalls = 0;
  const undo = (event: CanonicalEvent): CanonicalEvent => {
    if (event.type === 'tool-call-start') {
      if (event.name !== jsonToolName) {
        otherCalls += 1;
        return event;
      }
      indexes.add(event.index);
      return { type: 'text-start', index: event.index };
    }
    if (event.type === 'tool-call-delta' && indexes.has(event.index)) {
      return { type: 'text-delta', index: event.index, text: event.argumentsText };
    }
    if (event.type === 'tool-call-end' && indexes.has(event.index)) {
      return { type: 'text-end', index: event.index };
    }
    if (event.type !== 'stop' || event.reason !== 'tool-calls' || otherCalls > 0) return event;
    return { type: 'stop', reason: 'end' };
  };
  return (events) => events.map(undo);
}

/** The text written by the tool's schema is that tool's call. */
function textToCall(name: string): Undo {
  let id = '';
  let calls = 0;
  const undo = (event: CanonicalEvent): CanonicalEvent | undefined => {
    if (event.type === 'start') id = event.id;
    if (event.type === 'text-start') {
      calls += 1;
      return { type: 'tool-call-start', index: event.index, id: synthesizeCallId(id, calls), name };
    }
    if (event.type === 'text-delta') {
      return { type: 'tool-call-delta', index: event.index, argumentsText: event.text };
    }
    if (event.type === 'text-end') return { type: 'tool-call-end', index: event.index };
    if (event.type === 'text-citation') return undefined;
    if (event.type !== 'stop' || event.reason !== 'end' || calls === 0) return event;
    return { type: 'stop', reason: 'tool-calls' };
  };
  return (events) => events.map(undo).filter((event) => event !== undefined);
}
