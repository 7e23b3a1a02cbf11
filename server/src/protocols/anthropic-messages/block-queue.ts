import type { JsonObject } from '../canonical/request.ts';

/**
 * Content blocks in the order in which they began, one open on the wire at a time. The first goes out as it comes;
 * blocks that begin before it ends (parallel calls of a protocol that interleaves them) wait, and follow whole or live.
 */
interface QueuedBlock {
  readonly key: number;
  readonly start: JsonObject;
  /** Deltas that came while another block was open. */
  readonly waiting: string[];
  isEnded: boolean;
}

export class BlockQueue {
  readonly #queue: QueuedBlock[] = [];
  #nextIndex = 0;
  /** Index on the wire of the block at the head of the queue. */
  #liveIndex = -1;

  has(key: number): boolean {
    return this.#queue.some((block) => block.key === key);
  }

  open(key: number, start: JsonObject): string {
    const block: QueuedBlock = { key, start, waiting: [], isEnded: false };
    this.#queue.push(block);
    return this.#queue.length === 1 ? this.#goLive(block) : '';
  }

  /** `delta` is JSON already written. */
  delta(key: number, delta: string): string {
    const head = this.#queue[0];
    if (head?.key === key) return this.#deltaFrame(delta);
    this.#queue.find((block) => block.key === key)?.waiting.push(delta);
    return '';
  }

  end(key: number): string {
    const block = this.#queue.find((queued) => queued.key === key);
    if (block === undefined) return '';
    block.isEnded = true;
    return block === this.#queue[0] ? this.#advance() : '';
  }

  endAll(): string {
    for (const block of this.#queue) block.isEnded = true;
    return this.#queue.length === 0 ? '' : this.#advance();
  }

  /** Closes the head and lets those behind it out, as far as they have ended too. */
  #advance(): string {
    let written = '';
    while (this.#queue[0]?.isEnded === true) {
      written += `event: content_block_stop\ndata: {"type":"content_block_stop","index":${this.#liveIndex}}\n\n`;
      this.#queue.shift();
      const next = this.#queue[0];
      if (next !== undefined) written += this.#goLive(next);
    }
    return written;
  }

  #goLive(block: QueuedBlock): string {
    this.#liveIndex = this.#nextIndex;
    this.#nextIndex += 1;
    const start = { type: 'content_block_start', index: this.#liveIndex, content_block: block.start };
    const opened = `event: content_block_start\ndata: ${JSON.stringify(start)}\n\n`;
    return opened + block.waiting.map((delta) => this.#deltaFrame(delta)).join('');
  }

  #deltaFrame(delta: string): string {
    return `event: content_block_delta\ndata: {"type":"content_block_delta","index":${this.#liveIndex},"delta":${delta}}\n\n`;
  }
}
