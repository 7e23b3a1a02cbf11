import { createConnection, type Socket } from 'node:net';
import { createFrameCounter } from './frame-count.ts';
import { createMessageReader, isEventStream, isKeptAlive, statusOf } from './http-framing.ts';
import type { Address } from './load-job.ts';

interface ExchangeOutcome {
  readonly frames: number;
  /** Null when the answer was a complete 200. */
  readonly failure: string | null;
}

interface ExchangeEvents {
  onFirstByte?(): void;
  onDone(outcome: ExchangeOutcome): void;
}

/** All sockets of this process read into one buffer: nothing outlives the read callback. */
const READ_BUFFER = Buffer.allocUnsafe(256 * 1024);

/** One client socket: one exchange after the other, each with preformatted request bytes. */
export class LoadConnection {
  isReusable = true;
  #socket: Socket;
  #events: ExchangeEvents | null = null;
  #frames = 0;
  #status = 0;
  #hasBody = false;
  #errorText = '';

  constructor(address: Address) {
    let isStream = false;
    let counter = createFrameCounter();
    const reader = createMessageReader('response', {
      onHead: (head) => {
        this.#status = statusOf(head);
        isStream = isEventStream(head);
        if (isStream) counter = createFrameCounter();
        if (!isKeptAlive(head)) this.isReusable = false;
      },
      onBody: (view) => {
        if (!this.#hasBody) {
          this.#hasBody = true;
          this.#events?.onFirstByte?.();
        }
        if (isStream) this.#frames += counter.count(view);
        if (this.#status !== 200 && this.#errorText.length < 200) this.#errorText += view.toString('utf8');
      },
      onEnd: () =>
        this.#finish(this.#status === 200 ? null : `${this.#status} ${this.#errorText.slice(0, 200)}`),
    });
    const read = (length: number): boolean => {
      try {
        reader.push(READ_BUFFER.subarray(0, length));
      } catch (error) {
        this.destroy(error instanceof Error ? error.message : 'unreadable answer');
      }
      return true;
    };
    this.#socket = createConnection({
      host: address.host,
      port: address.port,
      noDelay: true,
      onread: { buffer: READ_BUFFER, callback: read },
    });
    this.#socket.on('error', (error) => this.destroy(error.message));
    this.#socket.on('close', () => {
      this.isReusable = false;
      reader.close();
      this.#finish('connection closed early');
    });
  }

  exchange(request: Buffer, events: ExchangeEvents): void {
    this.#events = events;
    this.#frames = 0;
    this.#status = 0;
    this.#hasBody = false;
    this.#errorText = '';
    this.#socket.write(request);
  }

  /** Stops reading, so that the kernel's window fills up and the sender must wait. */
  stall(): void {
    this.#socket.pause();
  }

  destroy(failure: string): void {
    this.isReusable = false;
    this.#socket.destroy();
    this.#finish(failure);
  }

  #finish(failure: string | null): void {
    const events = this.#events;
    this.#events = null;
    events?.onDone({ frames: this.#frames, failure });
  }
}
