import type { CanonicalEvent } from './events.ts';
import { synthesizeCallId } from './names.ts';

interface MendOptions {
  /** Id of the answer where the upstream gives none. */
  readonly answerId: string;
  /** Date of the answer where the upstream gives none, or none that is one. */
  readonly createdAtSeconds: number | undefined;
}

/** Gives every answer and every call what clients demand of them; a call that names no tool is no answer. */
export function createMender(options: MendOptions): (event: CanonicalEvent) => CanonicalEvent {
  return (event) => {
    if (event.type === 'start') return mendStart(event, options);
    if (event.type !== 'tool-call-start') return event;
    if (event.name === '') {
      const message = 'The upstream called a tool without naming it.';
      return { type: 'error', error: { code: 'upstream_protocol', message } };
    }
    return event.id === '' ? { ...event, id: synthesizeCallId(options.answerId, event.index) } : event;
  };
}

function mendStart(
  event: Extract<CanonicalEvent, { type: 'start' }>,
  { answerId, createdAtSeconds }: MendOptions,
): CanonicalEvent {
  const { createdAtSeconds: said, ...rest } = event;
  const date = said !== undefined && isDate(said) ? Math.floor(said) : createdAtSeconds;
  return {
    ...rest,
    id: event.id === '' ? answerId : event.id,
    ...(date === undefined ? {} : { createdAtSeconds: date }),
  };
}

/** Within the first 9,999 years; some servers count in milliseconds, or below zero. */
function isDate(seconds: number): boolean {
  return seconds >= 0 && seconds < 253_402_300_800;
}
