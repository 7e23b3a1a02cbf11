import type { Citation } from '../canonical/request.ts';

/** The block of a text on the wire: it opens with the first word or source, and again after it was ended. */
export interface TextBlock {
  text(index: number, text: string): string;
  cite(index: number, citation: Citation): string;
  end(index: number): string;
}

/**
 * A streamed text whose sources come right after the words that rest on them. Here a source stands on its block, which
 * has to begin before its words go out, so the last piece waits for the next: when a source points into it, the block is
 * ended there and another begins. Sources that come later than that stand on the block that is open.
 */
export class CitedStream {
  readonly #block: TextBlock;
  #index = -1;
  /** The piece that waits, and where in the text it begins. */
  #held = '';
  #heldAt = 0;
  /** Where the words end that the open block's sources stand on. */
  #citedTo: number | undefined;
  #isOver = false;

  constructor(block: TextBlock) {
    this.#block = block;
  }

  push(index: number, text: string): string {
    const written = this.#index === index ? this.#flush() : this.end(this.#index);
    this.#index = index;
    this.#held = text;
    return written;
  }

  cite(index: number, citation: Citation): string {
    const { start, end } = citation;
    const isHeld = index === this.#index && start !== undefined && end !== undefined && start < end;
    const isWithin = isHeld && start >= this.#heldAt && end <= this.#heldAt + this.#held.length;
    if (!isWithin) return this.#block.cite(index, citation);
    if (this.#citedTo !== undefined && start < this.#citedTo) {
      this.#citedTo = Math.max(this.#citedTo, end);
      return this.#block.cite(index, citation);
    }
    const written = this.#beginAt(start);
    this.#citedTo = end;
    return written + this.#block.cite(index, citation);
  }

  /** Lets go of what waits, whatever comes next. */
  finish(): string {
    return this.end(this.#index);
  }

  /** The text is over, its block not yet. */
  end(index: number): string {
    if (index !== this.#index) return '';
    const written = this.#flush();
    this.#index = -1;
    this.#heldAt = 0;
    this.#isOver = false;
    return written;
  }

  /** Ends the open block before the words at `start`. */
  #beginAt(start: number): string {
    const until = this.#citedTo === undefined ? start : Math.min(start, this.#citedTo);
    let written = this.#write(until - this.#heldAt);
    if (this.#citedTo !== undefined) {
      this.#citedTo = undefined;
      this.#isOver = true;
      written += this.#write(start - this.#heldAt);
    }
    this.#isOver = false;
    return written + this.#block.end(this.#index);
  }

  #flush(): string {
    if (this.#held === '') return '';
    if (this.#citedTo === undefined) return this.#write(this.#held.length);
    const cited = this.#write(this.#citedTo - this.#heldAt);
    this.#citedTo = undefined;
    this.#isOver = true;
    return cited + this.#write(this.#held.length);
  }

  /** Writes so much of what is held. What follows cited words begins a block of its own, unless it is white space. */
  #write(length: number): string {
    const piece = this.#held.slice(0, length);
    this.#held = this.#held.slice(length);
    this.#heldAt += piece.length;
    if (piece === '') return '';
    if (!this.#isOver || piece.trim() === '') return this.#block.text(this.#index, piece);
    this.#isOver = false;
    return this.#block.end(this.#index) + this.#block.text(this.#index, piece);
  }
}
