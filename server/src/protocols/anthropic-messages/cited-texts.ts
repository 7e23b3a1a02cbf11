import type { Citation, TextPart } from '../canonical/request.ts';

/** A stretch of a text and the citations that rest on it. */
interface Stretch {
  readonly text: string;
  readonly citations: readonly Citation[];
}

/**
 * Citations of this protocol have no offsets: what they stand on is their block. A text whose sources point into it is
 * therefore cut into blocks at their spans. No block is of white space alone, which would be refused when it comes back.
 */
export function cutAtCitations({ text, citations = [] }: TextPart): readonly Stretch[] {
  const spans = spansOf(text, citations);
  if (spans === undefined) return [{ text, citations }];
  const stretches: Stretch[] = [];
  let at = 0;
  for (const [index, span] of spans.entries()) {
    const next = spans[index + 1]?.start ?? text.length;
    const end = text.slice(span.end, next).trim() === '' ? next : span.end;
    const before = text.slice(at, span.start);
    const isBlank = before.trim() === '';
    if (!isBlank) stretches.push({ text: before, citations: [] });
    stretches.push({ text: text.slice(isBlank ? at : span.start, end), citations: span.citations });
    at = end;
  }
  if (at < text.length) stretches.push({ text: text.slice(at), citations: [] });
  return stretches;
}

interface Span {
  readonly start: number;
  readonly end: number;
  readonly citations: readonly Citation[];
}

/** In order, those that overlap as one; `undefined` where a citation does not say what it stands on. */
function spansOf(text: string, citations: readonly Citation[]): readonly Span[] | undefined {
  const spans: Span[] = [];
  const placed = citations.flatMap((citation) => {
    const { start, end } = citation;
    const isPlaced = start !== undefined && end !== undefined && start >= 0 && start < end;
    return isPlaced && end <= text.length ? [{ start, end, citation }] : [];
  });
  if (placed.length === 0 || placed.length < citations.length) return undefined;
  for (const { start, end, citation } of placed.toSorted((one, other) => one.start - other.start)) {
    const last = spans.at(-1);
    if (last === undefined || start >= last.end) spans.push({ start, end, citations: [citation] });
    else {
      spans[spans.length - 1] = {
        start: last.start,
        end: Math.max(last.end, end),
        citations: [...last.citations, citation],
      };
    }
  }
  return spans;
}
