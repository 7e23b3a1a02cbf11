import { createServer, connect, type AddressInfo } from 'node:net';
import type { PinnedProcess } from '../processes/pinned-process.ts';

/** A port that was free a moment ago, for programs that cannot choose one and tell. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const finish = (isOpen: boolean): void => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.on('connect', () => finish(true));
    socket.on('error', () => finish(false));
  });
}

export async function waitUntilListening(
  process: PinnedProcess,
  port: number,
  timeoutMs: number,
): Promise<void> {
  const giveUpAt = Date.now() + timeoutMs;
  while (!(await accepts(port))) {
    if (process.child.exitCode !== null) throw new Error(`ended at once: ${process.errorText()}`);
    if (Date.now() > giveUpAt) throw new Error(`not listening after ${timeoutMs} ms: ${process.errorText()}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
