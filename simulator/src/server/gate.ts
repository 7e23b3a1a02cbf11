import { createServer } from 'node:net';
import type { AddressInfo, Server as NetServer, Socket } from 'node:net';
import type { Server as HttpServer } from 'node:http';

/**
 * The listening socket, apart from the HTTP server, so that it can be closed for a while (connections are then refused
 * by the kernel) while open exchanges go on.
 */
export interface Gate {
  readonly port: number;
  refuseFor(ms: number): void;
  close(): Promise<void>;
}

const RETRY_MS = 25;

export async function openGate(
  http: HttpServer,
  options: { readonly port: number; readonly host: string },
): Promise<Gate> {
  const sockets = new Set<Socket>();
  let reopening: NodeJS.Timeout | undefined;
  let isClosed = false;

  const listen = async (port: number): Promise<NetServer> => {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      http.emit('connection', socket);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, host: options.host, backlog: 4096 }, resolve);
    });
    return server;
  };

  let listening: NetServer | undefined = await listen(options.port);
  const port = (listening.address() as AddressInfo).port;

  /** While it was free, the port may have become somebody's local port; it is asked for again until it is free. */
  const reopen = async (): Promise<void> => {
    if (isClosed) return;
    try {
      const server = await listen(port);
      if (isClosed) server.close();
      else listening = server;
    } catch {
      reopening = setTimeout(() => void reopen(), RETRY_MS);
    }
  };

  return {
    port,
    refuseFor(ms) {
      if (isClosed) return;
      listening?.close();
      listening = undefined;
      clearTimeout(reopening);
      reopening = setTimeout(() => void reopen(), ms);
    },
    async close() {
      isClosed = true;
      clearTimeout(reopening);
      listening?.close();
      const gone = [...sockets].map(
        (socket) => new Promise<void>((resolve) => void socket.once('close', () => resolve())),
      );
      for (const socket of sockets) socket.destroy();
      await Promise.all(gone);
    },
  };
}
