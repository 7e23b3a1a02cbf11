/**
 * Some servers write reasoning into the text, between `<think>` and `</think>` at its very start. Marks come cut in any
 * place; what may be the beginning of one is held back until it is told.
 */
export interface SplitText {
  readonly reasoning: string;
  readonly text: string;
}

const opening = '<think>';
const closing = '</think>';
const leadingBlank = /^\s+/;

export class ThinkTags {
  #place: 'start' | 'thinking' | 'after' | 'text' = 'start';
  #held = '';
  #hasThought = false;

  push(piece: string): SplitText {
    if (this.#place === 'text') return { reasoning: '', text: piece };
    this.#held += piece;
    if (this.#place === 'start') {
      const begun = this.#held.replace(leadingBlank, '');
      if (opening.startsWith(begun) && begun.length < opening.length) return { reasoning: '', text: '' };
      if (!begun.startsWith(opening)) return { reasoning: '', text: this.#release('text') };
      this.#place = 'thinking';
      this.#held = begun.slice(opening.length);
    }
    if (this.#place === 'after') return { reasoning: '', text: this.#afterBlank() };
    return this.#think();
  }

  /** What was held back when the answer ended: reasoning if its end mark never came. */
  finish(): SplitText {
    const isThinking = this.#place === 'thinking';
    const rest = this.#release('text');
    return isThinking ? { reasoning: rest, text: '' } : { reasoning: '', text: rest };
  }

  #think(): SplitText {
    if (!this.#hasThought) this.#held = this.#held.replace(leadingBlank, '');
    this.#hasThought ||= this.#held !== '';
    const end = this.#held.indexOf(closing);
    if (end < 0) {
      const safe = this.#held.length - heldBack(this.#held);
      const reasoning = this.#held.slice(0, safe);
      this.#held = this.#held.slice(safe);
      return { reasoning, text: '' };
    }
    const reasoning = this.#held.slice(0, end);
    this.#held = this.#held.slice(end + closing.length);
    this.#place = 'after';
    return { reasoning, text: this.#afterBlank() };
  }

  /** The blank lines between the thinking and the text belong to neither. */
  #afterBlank(): string {
    const text = this.#held.replace(leadingBlank, '');
    this.#held = '';
    if (text !== '') this.#place = 'text';
    return text;
  }

  #release(place: 'text'): string {
    const held = this.#held;
    this.#held = '';
    this.#place = place;
    return held;
  }
}

/** Characters at the end that may be the beginning of the closing mark. */
function heldBack(text: string): number {
  for (let length = Math.min(closing.length - 1, text.length); length > 0; length -= 1) {
    if (closing.startsWith(text.slice(-length))) return length;
  }
  return 0;
}
