import type { UpstreamTranslation } from '../wire-protocol.ts';
import type { CanonicalEvent } from './events.ts';

/** The text of one block on its way to the client: what may go out of what came, and the rest when it is over. */
export interface TextRewriter {
  push(text: string): string;
  finish(): string;
}

/** An upstream whose texts are rewritten, each block by itself; everything else of the answer stays as it is. */
export function rewritingTexts(
  upstream: UpstreamTranslation,
  createRewriter: () => TextRewriter,
): UpstreamTranslation {
  return {
    ...upstream,
    createDecoder(request) {
      const decoder = upstream.createDecoder(request);
      const rewrite = createRewriting(createRewriter);
      return {
        push: (eventName, data) => decoder.push(eventName, data).flatMap(rewrite),
        finish: () => decoder.finish().flatMap(rewrite),
      };
    },
    decodeUnary: (body, request) =>
      upstream.decodeUnary(body, request).flatMap(createRewriting(createRewriter)),
  };
}

/** The same for events that are decoded already. */
export function createRewriting(
  createRewriter: () => TextRewriter,
): (event: CanonicalEvent) => readonly CanonicalEvent[] {
  const open = new Map<number, TextRewriter>();
  const end = (index: number): readonly CanonicalEvent[] => {
    const text = open.get(index)?.finish() ?? '';
    open.delete(index);
    return text === '' ? [] : [{ type: 'text-delta', index, text }];
  };
  return (event) => {
    if (event.type === 'text-delta') {
      const rewriter = open.get(event.index) ?? createRewriter();
      open.set(event.index, rewriter);
      const text = rewriter.push(event.text);
      return text === '' ? [] : [{ ...event, text }];
    }
    if (event.type === 'text-end') return [...end(event.index), event];
    if (event.type !== 'stop' && event.type !== 'end') return [event];
    return [...[...open.keys()].flatMap(end), event];
  };
}

/** The whole text, read as JSON, where it is one string: a word that a schema held the model to. */
export function unquoted(): TextRewriter {
  let whole = '';
  return {
    push(text) {
      whole += text;
      return '';
    },
    finish() {
      try {
        const value = JSON.parse(whole) as unknown;
        return typeof value === 'string' ? value : whole;
      } catch {
        return whole;
      }
    },
  };
}
