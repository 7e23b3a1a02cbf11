import type { Socket } from 'node:net';

import { latin1Of, smallBytes } from './latin1.ts';

/** Who holds a connection at the moment: exactly one exchange, or nobody while it is idle. */
export interface ConnectionUser {
  /** `view` is only valid during the call and may be overwritten by the user. */
  onBytes(view: Buffer): void;
  onPeerEnd(): void;
  onConnectionError(systemCode: string | undefined): void;
}

/** One socket with listeners that are attached once for its life, not once per exchange. */
export class UpstreamConnection {
  user: ConnectionUser | undefined;
  isReused = false;
  /** `performance.now()` after which an idle connection is not used again. */
  idleDeadlineMs = 0;
  #socket: Socket | undefined;
  #hasPeerEnded = false;

  /** Bound, since it is handed to the socket before this object knows the socket. */
  readonly receive = (view: Buffer): void => {
    if (this.user !== undefined) this.user.onBytes(view);
    // Bytes that nobody asked for could be taken for the next answer.
    else this.destroy();
  };

  attach(socket: Socket, onClosed: (connection: UpstreamConnection) => void): void {
    this.#socket = socket;
    socket.on('end', () => {
      this.#hasPeerEnded = true;
      // An idle socket ends its own side now and closes; it leaves its pool with that.
      this.user?.onPeerEnd();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => this.user?.onConnectionError(error.code));
    socket.on('close', () => {
      this.user?.onConnectionError(undefined);
      onClosed(this);
    });
  }

  get isUsable(): boolean {
    return this.#socket !== undefined && !this.#socket.destroyed && !this.#hasPeerEnded;
  }

  /** True once the kernel has taken every byte written. */
  get isFullyWritten(): boolean {
    return this.#socket?.writableLength === 0;
  }

  /**
   * Head and body leave in one system call. A small request goes as one string: byte for byte the same, without the list of
   * buffers that the runtime otherwise builds for it.
   */
  write(head: string, body: readonly Uint8Array[]): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    let bytes = 0;
    for (const part of body) bytes += part.length;
    if (bytes <= smallBytes) {
      let text = head;
      for (const part of body) text += latin1Of(part);
      socket.write(text, 'latin1');
      return;
    }
    socket.cork();
    socket.write(head, 'latin1');
    for (const part of body) if (part.length > 0) socket.write(part);
    socket.uncork();
  }

  pause(): void {
    this.#socket?.pause();
  }

  resume(): void {
    this.#socket?.resume();
  }

  destroy(): void {
    this.#socket?.destroy();
  }
}
