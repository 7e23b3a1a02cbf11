import { asArray, asNumber, asObject, asObjects, asString, asText, defined } from '../canonical/read-json.ts';
import type { CanonicalRequest, Citation, JsonObject } from '../canonical/request.ts';

/**
 * Sources of an answer. They may come before its last words and are told in bytes of the whole text; readers count in
 * UTF-16 units. The text is kept only where a tool of the provider was offered, since nothing else is grounded.
 */
export interface Grounding {
  add(text: string): void;
  /** A new text begins: spans are told from there. */
  begin(): void;
  read(metadata: JsonObject | undefined): readonly Citation[];
}

export function createGrounding(request: CanonicalRequest): Grounding {
  const isKept = request.tools.some((tool) => tool.type === 'hosted');
  const pieces: string[] = [];
  let units = 0;
  let begun = 0;
  return {
    add(text) {
      if (!isKept) return;
      pieces.push(text);
      units += text.length;
    },
    begin() {
      begun = units;
    },
    read(metadata) {
      const chunks = asObjects(metadata?.['groundingChunks']);
      const supports = asObjects(metadata?.['groundingSupports']);
      if (supports.length === 0) return [];
      const bytes = isKept ? Buffer.from(pieces.join('')) : undefined;
      return supports.flatMap((support) => citationsOf(support, chunks, { bytes, begun }));
    },
  };
}

function citationsOf(
  support: JsonObject,
  chunks: readonly JsonObject[],
  { bytes, begun }: { readonly bytes: Buffer | undefined; readonly begun: number },
): readonly Citation[] {
  const segment = asObject(support['segment']) ?? {};
  const start = bytes === undefined ? -1 : unitsAt(bytes, asNumber(segment['startIndex']) ?? 0) - begun;
  const end = bytes === undefined ? -1 : unitsAt(bytes, asNumber(segment['endIndex']) ?? 0) - begun;
  // What lies before this text is over already; its source is told without a span.
  const span = start < 0 ? {} : { start, end };
  const indices = asArray(support['groundingChunkIndices']) ?? [];
  return indices.flatMap((index): Citation[] => {
    const chunk = chunks[asNumber(index) ?? -1];
    if (chunk === undefined) return [];
    const source = asObject(chunk['web']) ?? asObject(chunk['retrievedContext']) ?? {};
    return [
      {
        raw: { segment, chunk },
        ...span,
        ...defined({
          url: asText(source['uri']),
          title: asText(source['title']),
          citedText: asString(segment['text']),
        }),
      },
    ];
  });
}

function unitsAt(bytes: Buffer, position: number): number {
  return bytes.toString('utf8', 0, Math.min(position, bytes.length)).length;
}
