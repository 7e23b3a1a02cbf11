import type { CanonicalEvent } from './events.ts';

/** Deltas of one block are joined as they come: an answer of many small ones must not cost an object each. */
export function addFolded(events: CanonicalEvent[], event: CanonicalEvent): void {
  const last = events.at(-1);
  if (last === undefined || last.choice !== event.choice) events.push(event);
  else if (event.type === 'text-delta' && last.type === 'text-delta' && last.index === event.index) {
    // Probabilities stay with the text that they came with.
    if (event.logprobs !== undefined || last.logprobs !== undefined) events.push(event);
    else events[events.length - 1] = { ...last, text: last.text + event.text };
  } else if (event.type === 'reasoning-delta' && last.type === event.type && last.index === event.index) {
    events[events.length - 1] = { ...last, text: last.text + event.text };
  } else if (event.type === 'tool-call-delta' && last.type === event.type && last.index === event.index) {
    events[events.length - 1] = { ...last, argumentsText: last.argumentsText + event.argumentsText };
  } else events.push(event);
}
