import { asObject } from '../canonical/read-json.ts';
import type { TokenLogprob } from '../canonical/events.ts';
import type { Citation, JsonObject } from '../canonical/request.ts';
import { encodeLogprobs } from '../openai-logprobs.ts';
import type { ItemPlace, Written } from './encode-events.ts';

/** One message item while it is written: parts of text or refusal, each opened and closed in turn. */
export interface OpenMessage {
  readonly outputIndex: number;
  readonly opening: string;
  startText(): string;
  addText(text: string, tokens?: readonly TokenLogprob[]): string;
  cite(citation: Citation): string;
  addRefusal(text: string): string;
  endPart(): string;
  finish(status: 'completed' | 'incomplete'): Written;
}

interface OpenPart {
  readonly kind: 'output_text' | 'refusal';
  readonly contentIndex: number;
  readonly pieces: string[];
  readonly citations: Citation[];
  readonly tokens: TokenLogprob[];
}

export function openMessage(place: ItemPlace): OpenMessage {
  const { outputIndex, id } = place;
  const content: JsonObject[] = [];
  let part: OpenPart | undefined;
  const item = (status: string, parts: readonly JsonObject[]): JsonObject => ({
    id,
    type: 'message',
    status,
    role: 'assistant',
    content: parts,
  });
  const emit = (type: string, contentIndex: number, fields: JsonObject): string =>
    place.emit(`response.${type}`, {
      item_id: id,
      output_index: outputIndex,
      content_index: contentIndex,
      ...fields,
    });
  const close = (): string => {
    const open = part;
    if (open === undefined) return '';
    part = undefined;
    const annotations = encodeAnnotations(open);
    const whole = wholePart(open, annotations);
    content.push(whole);
    return closingEvents(open, whole, annotations, emit);
  };
  const open = (kind: OpenPart['kind']): { readonly now: OpenPart; readonly out: string } => {
    if (part?.kind === kind) return { now: part, out: '' };
    const before = close();
    const now: OpenPart = { kind, contentIndex: content.length, pieces: [], citations: [], tokens: [] };
    part = now;
    return { now, out: before + emit('content_part.added', now.contentIndex, { part: wholePart(now, []) }) };
  };
  return {
    outputIndex,
    opening: place.emit('response.output_item.added', {
      output_index: outputIndex,
      item: item('in_progress', []),
    }),
    startText: () => close() + open('output_text').out,
    addText(text, tokens = []) {
      const { now, out } = open('output_text');
      now.pieces.push(text);
      now.tokens.push(...tokens);
      const logprobs = encodeLogprobs(tokens);
      return out + emit('output_text.delta', now.contentIndex, { delta: text, logprobs });
    },
    cite(citation) {
      const { now, out } = open('output_text');
      now.citations.push(citation);
      return out;
    },
    addRefusal(text) {
      const { now, out } = open('refusal');
      now.pieces.push(text);
      return out + emit('refusal.delta', now.contentIndex, { delta: text });
    },
    endPart: close,
    finish(status) {
      const text = close();
      return { text, item: item(status, content) };
    },
  };
}

function wholePart(part: OpenPart, annotations: readonly JsonObject[]): JsonObject {
  const text = part.pieces.join('');
  return part.kind === 'refusal'
    ? { type: 'refusal', refusal: text }
    : { type: 'output_text', text, annotations, logprobs: encodeLogprobs(part.tokens) };
}

type Emit = (type: string, contentIndex: number, fields: JsonObject) => string;

/** Annotations come when the end of the text that they span is known. */
function closingEvents(
  part: OpenPart,
  whole: JsonObject,
  annotations: readonly JsonObject[],
  emit: Emit,
): string {
  const { contentIndex } = part;
  const added = annotations
    .map((annotation, index) =>
      emit('output_text.annotation.added', contentIndex, { annotation_index: index, annotation }),
    )
    .join('');
  const done =
    part.kind === 'refusal'
      ? emit('refusal.done', contentIndex, { refusal: whole['refusal'] ?? '' })
      : emit('output_text.done', contentIndex, {
          text: whole['text'] ?? '',
          logprobs: whole['logprobs'] ?? [],
        });
  return added + done + emit('content_part.done', contentIndex, { part: whole });
}

const ownAnnotations = new Set(['url_citation', 'file_citation', 'container_file_citation', 'file_path']);

/** A citation of this protocol goes as it came; of any other, a web address with the span it belongs to. */
function encodeAnnotations(part: OpenPart): readonly JsonObject[] {
  const length = part.pieces.reduce((sum, piece) => sum + piece.length, 0);
  return part.citations.flatMap((citation): JsonObject[] => {
    const raw = asObject(citation.raw);
    const type = raw?.['type'];
    const isOwn = typeof type === 'string' && ownAnnotations.has(type) && raw?.['url_citation'] === undefined;
    if (raw !== undefined && isOwn) return [raw];
    if (citation.url === undefined) return [];
    return [
      {
        type: 'url_citation',
        start_index: citation.start ?? 0,
        end_index: citation.end ?? length,
        title: citation.title ?? '',
        url: citation.url,
      },
    ];
  });
}
