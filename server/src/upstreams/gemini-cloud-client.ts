import type { Carriage } from './carriage.ts';

/**
 * Bodies of clients that wrote for Google's cloud, on their way to Google's own API: it counts a request with instructions
 * and tools only where that is wrapped. Everything else is the same on both.
 */
export const fromCloudClient: Carriage = {
  wrap(body, { model, target }) {
    if (target.isCloudAddress !== true || target.operation !== 'count-tokens') return body;
    const { model: _model, ...request } = JSON.parse(body.toString()) as Readonly<Record<string, unknown>>;
    const isPlain = Object.keys(request).every((name) => name === 'contents');
    return isPlain
      ? body
      : Buffer.from(JSON.stringify({ generateContentRequest: { model: `models/${model}`, ...request } }));
  },
};
