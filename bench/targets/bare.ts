import { startPinned } from '../processes/pinned-process.ts';
import { freePort, waitUntilListening } from './listening.ts';
import type { Target } from './target.ts';

/** A proxy on node:http that does nothing else: the yardstick for the harness itself, measured when asked for. */
export const bare: Target = {
  name: 'bare',
  isSubject: false,
  prepare: () => Promise.resolve(null),
  version: () => `node:http only, node ${process.version}`,
  async start(upstreamPort) {
    const port = await freePort();
    const program = new URL('./bare-proxy.ts', import.meta.url).pathname;
    const proxy = startPinned(process.execPath, {
      core: 0,
      args: [program, String(port), String(upstreamPort)],
    });
    try {
      await waitUntilListening(proxy, port, 5_000);
    } catch (error) {
      await proxy.stop();
      throw error;
    }
    return { process: proxy, port, headers: { authorization: 'Bearer sk-bench' }, stop: () => proxy.stop() };
  },
};
