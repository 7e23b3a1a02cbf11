import type { Target } from './target.ts';

/** No relay at all: shows what load and upstream can do on their one core. */
export const direct: Target = {
  name: 'direct',
  isSubject: false,
  prepare: () => Promise.resolve(null),
  version: () => 'no relay',
  start: (upstreamPort) =>
    Promise.resolve({
      process: null,
      port: upstreamPort,
      headers: { authorization: 'Bearer sk-bench' },
      stop: () => Promise.resolve(),
    }),
};
