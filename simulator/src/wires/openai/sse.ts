import type { StreamFrame } from '../../engine/exchange.ts';
import type { Json } from '../../engine/simulated-call.ts';

/** One event of a stream without event names. */
export function dataFrame(data: Json, isToken: boolean): StreamFrame {
  return { text: `data: ${JSON.stringify(data)}\n\n`, isToken };
}

/** One event with its name, as Responses sends it. */
export function namedFrame(name: string, data: Json, isToken: boolean): StreamFrame {
  return { text: `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`, isToken };
}

/** The mark after the last event of such a stream. */
export const doneFrame: StreamFrame = { text: 'data: [DONE]\n\n', isToken: false };
