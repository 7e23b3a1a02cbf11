import type { StreamForm } from '../wire-protocol.ts';

/** Without `alt=sse` a Gemini stream is one JSON array, written element by element; between elements space is free. */
export const arrayForm: StreamForm = {
  keepAlive: Buffer.from('\n'),
  streamContentType: 'application/json; charset=UTF-8',
};

export function isArrayStream(query: string): boolean {
  return !/(^|[?&])(\$|%24)?alt=sse(&|$)/i.test(query);
}
