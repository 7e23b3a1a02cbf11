import type { CanonicalEvent, TokenLogprob } from './events.ts';

/**
 * Ends an answer at the first stop sequence in its text, for upstreams that cannot do it or take fewer sequences. What
 * might be the beginning of one is held back until it is known not to be, so a match is found however the text is cut
 * into deltas. Only text that the client reads counts: not reasoning, not the arguments of calls.
 */
export interface StopFilter {
  /** What of the event goes on to the client: as it came, cut short, or nothing. */
  push(event: CanonicalEvent): readonly CanonicalEvent[];
  /** All answers are over, at least one of them by a match: what the upstream still sends is for nobody. */
  readonly isDone: boolean;
}

export function createStopFilter(stops: readonly string[], choices: number): StopFilter {
  const kept = stops.filter((stop) => stop !== '');
  if (kept.length === 0) return { push: (event) => [event], isDone: false };
  const answers = new Map<number, AnswerCut>();
  let over = 0;
  let hasCut = false;
  return {
    push(event) {
      if (event.type === 'start' || event.type === 'usage' || event.type === 'error') return [event];
      if (event.type === 'ping' || event.type === 'end') return [event];
      const choice = event.choice ?? 0;
      let answer = answers.get(choice);
      if (answer === undefined) {
        answer = new AnswerCut(kept);
        answers.set(choice, answer);
      }
      if (answer.isOver) return [];
      const out = answer.push(event);
      if (!answer.isOver) return out;
      over += 1;
      hasCut ||= event.type !== 'stop';
      return event.choice === undefined ? out : out.map((item) => ({ ...item, choice }));
    },
    get isDone() {
      return hasCut && over >= choices;
    },
  };
}

type TextDelta = Extract<CanonicalEvent, { type: 'text-delta' }>;

/** One answer up to its end. */
class AnswerCut {
  isOver = false;
  readonly #stops: readonly string[];
  readonly #longestPrefix: number;
  readonly #openCalls = new Set<number>();
  #held = '';
  #heldTokens: TokenLogprob[] = [];

  constructor(stops: readonly string[]) {
    this.#stops = stops;
    this.#longestPrefix = Math.max(...stops.map((stop) => stop.length)) - 1;
  }

  push(event: CanonicalEvent): readonly CanonicalEvent[] {
    if (event.type === 'text-delta') return this.#text(event);
    if (event.type === 'text-end') return [...this.#release(event.index, event.choice), event];
    if (event.type === 'tool-call-start') this.#openCalls.add(event.index);
    if (event.type === 'tool-call-end') this.#openCalls.delete(event.index);
    if (event.type === 'stop') this.isOver = true;
    return [event];
  }

  #text(event: TextDelta): readonly CanonicalEvent[] {
    const text = this.#held + event.text;
    const tokens = [...this.#heldTokens, ...(event.logprobs ?? [])];
    const match = firstMatch(text, this.#stops);
    if (match !== undefined)
      return this.#cut(event, { text: text.slice(0, match.start), tokens }, match.stop);
    const held = this.#heldLength(text);
    const passed = text.slice(0, text.length - held);
    const { within, beyond } = splitTokens(tokens, passed.length);
    this.#held = text.slice(passed.length);
    this.#heldTokens = beyond;
    return passed === '' ? [] : [deltaOf(event, passed, within)];
  }

  /** The longest end of the text with which a stop sequence begins. */
  #heldLength(text: string): number {
    for (let length = Math.min(this.#longestPrefix, text.length); length > 0; length -= 1) {
      const end = text.slice(text.length - length);
      if (this.#stops.some((stop) => stop.length > length && stop.startsWith(end))) return length;
    }
    return 0;
  }

  #release(index: number, choice: number | undefined): readonly CanonicalEvent[] {
    if (this.#held === '') return [];
    const text = this.#held;
    const tokens = this.#heldTokens;
    this.#held = '';
    this.#heldTokens = [];
    const place = choice === undefined ? { index } : { index, choice };
    return [deltaOf({ type: 'text-delta', text, ...place }, text, tokens)];
  }

  #cut(
    event: TextDelta,
    kept: { readonly text: string; readonly tokens: readonly TokenLogprob[] },
    sequence: string,
  ): readonly CanonicalEvent[] {
    this.isOver = true;
    const { within } = splitTokens(kept.tokens, kept.text.length);
    const calls = [...this.#openCalls].map((index) => ({ type: 'tool-call-end', index }) as const);
    return [
      ...(kept.text === '' ? [] : [deltaOf(event, kept.text, within)]),
      { type: 'text-end', index: event.index },
      ...calls,
      { type: 'stop', reason: 'stop-sequence', sequence },
    ];
  }
}

/** The sequence that is complete first, whatever the cut into deltas; of those that end together the longest. */
function firstMatch(
  text: string,
  stops: readonly string[],
): { readonly start: number; readonly stop: string } | undefined {
  let found: { start: number; stop: string } | undefined;
  for (const stop of stops) {
    const start = text.indexOf(stop);
    if (start === -1) continue;
    const end = start + stop.length;
    const foundEnd = found === undefined ? Infinity : found.start + found.stop.length;
    if (end < foundEnd || (end === foundEnd && start < (found?.start ?? 0))) found = { start, stop };
  }
  return found;
}

/** Tokens that end within the first `length` characters, and the others. */
function splitTokens(
  tokens: readonly TokenLogprob[],
  length: number,
): { readonly within: TokenLogprob[]; readonly beyond: TokenLogprob[] } {
  let end = 0;
  const first = tokens.findIndex(({ token }) => {
    end += token.length;
    return end > length;
  });
  return first === -1
    ? { within: [...tokens], beyond: [] }
    : { within: tokens.slice(0, first), beyond: tokens.slice(first) };
}

function deltaOf(event: TextDelta, text: string, tokens: readonly TokenLogprob[]): CanonicalEvent {
  const { logprobs: _logprobs, ...rest } = event;
  return tokens.length === 0 ? { ...rest, text } : { ...rest, text, logprobs: tokens };
}
