import type { ServerResponse } from 'node:http';
import { setImmediate as yieldToEvents } from 'node:timers/promises';
import type { Channel, Reply } from '../faults/index.ts';
import type { WireRefusal } from '../engine/simulated-call.ts';

export interface ChannelOptions {
  readonly response: ServerResponse;
  readonly refuseConnections: (ms: number) => void;
  readonly onReset: () => void;
  /** Headers that every answer of this exchange carries; asked late, so that limits are counted. */
  readonly commonHeaders: () => Readonly<Record<string, string>>;
}

export interface ResponseChannel extends Channel {
  isClosed(): boolean;
  writeHead(status: number, headers: Readonly<Record<string, string>>): void;
  /** Waits while the client does not read. */
  write(bytes: string | Buffer): Promise<void>;
  end(): Promise<void>;
}

export function createChannel(options: ChannelOptions): ResponseChannel {
  const { response } = options;
  const { closed, pause } = watchClosing(response);

  const write = async (bytes: string | Buffer): Promise<void> => {
    if (response.closed || response.write(bytes)) return;
    await pause((wake) => {
      response.once('drain', wake);
      return () => response.off('drain', wake);
    });
  };

  const end = async (): Promise<void> => {
    if (response.closed) return;
    response.end();
    await closed;
  };

  const reset = async (): Promise<void> => {
    // What was written must be on its way before the reset overtakes it.
    await yieldToEvents();
    options.onReset();
    response.socket?.resetAndDestroy();
  };

  const writeHead = (status: number, headers: Readonly<Record<string, string>>): void => {
    if (response.closed || response.headersSent) return;
    response.writeHead(status, { ...options.commonHeaders(), ...headers });
    response.flushHeaders();
  };

  const send = async (reply: Reply): Promise<void> => {
    const length = String(reply.contentLength ?? reply.bytes.length);
    writeHead(reply.status, { ...reply.headers, 'content-length': length });
    if (reply.bytes.length > 0) await write(reply.bytes);
    if (reply.ending === 'stall') await closed;
    else if (reply.ending === 'reset') await reset();
    else await end();
  };

  return {
    reset,
    writeHead,
    write,
    end,
    send,
    isClosed: () => response.closed,
    async writeRaw(text) {
      const { socket } = response;
      if (socket === null || socket.destroyed) return;
      await new Promise<void>((resolve) => {
        socket.write(text, () => {
          resolve();
        });
      });
    },
    wait: (ms) =>
      pause((wake) => {
        const timer = setTimeout(wake, ms);
        return () => {
          clearTimeout(timer);
        };
      }),
    untilClosed: () => closed,
    refuseConnections: options.refuseConnections,
    async refuse(refusal: WireRefusal) {
      const bytes = Buffer.from(JSON.stringify(refusal.body));
      const headers = { 'content-type': 'application/json', ...refusal.headers };
      await send({ status: refusal.status, headers, bytes });
    },
  };
}

interface Closing {
  readonly closed: Promise<void>;
  /** Until what was armed happens, or the client goes. */
  readonly pause: (arm: (wake: () => void) => () => void) => Promise<void>;
}

/** Long streams wait often, so nothing may pile up on one promise: who waits is woken by hand. */
function watchClosing(response: ServerResponse): Closing {
  const sleepers = new Set<() => void>();
  const closed = new Promise<void>((resolve) => {
    const close = (): void => {
      resolve();
      for (const wake of sleepers) wake();
    };
    if (response.closed) close();
    else response.once('close', close);
  });
  const pause: Closing['pause'] = (arm) =>
    new Promise((resolve) => {
      const wake = (): void => {
        sleepers.delete(wake);
        disarm();
        resolve();
      };
      const disarm = arm(wake);
      sleepers.add(wake);
      if (response.closed) wake();
    });
  return { closed, pause };
}
