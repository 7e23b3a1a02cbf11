import type { Span } from '../platform/json-scan.ts';
import type { RequestScan } from './request-scan.ts';
import type { Envelope } from './wire-protocol.ts';

/** Keys under which providers take inline media. Only there does a string count as media: text elsewhere costs as text. */
export const inlineMediaKeys: readonly string[] = ['data', 'url', 'image_url', 'file_data'];
export const mediaTypeKeys: readonly string[] = ['media_type', 'mimeType', 'mime_type'];

/**
 * An upper estimate of prompt tokens from the scan alone: text by its bytes, media by formulas of their own, since a
 * picture costs by its size in pixels and not by the length of its base64.
 */
const asciiBytesPerToken = 3;
const otherBytesPerToken = 1.5;
const tokensPerImage = 2600;
/** Documents cost about a page of text and a picture each; 3,000 tokens per 100 KB is above what was seen. */
const documentTokensPerKb = 30;
const audioTokensPerKb = 3;
const videoTokensPerKb = 5;
const smallestDocument = 3000;
/** A document, recording or stored conversation that the request only refers to. */
export const referredTokens = 20_000;

export interface MediaParts {
  readonly images: number;
  readonly documents: number;
  readonly audio: number;
}

/** What makes providers add to the prompt by themselves. */
export interface PromptAdditions {
  /** Tools or an output schema: instructions of some hundred tokens that the body does not show. */
  readonly hasInstructions: boolean;
  /** Hosted tools, which feed what they find into the prompt. */
  readonly hostedTools: number;
}

const baseTokens = 64;
const instructionTokens = 700;

type MediaKind = 'image' | 'document' | 'audio' | 'video';

export function estimateInput(request: RequestScan, parts: MediaParts, additions: PromptAdditions): number {
  const { body, scan } = request;
  let mediaBytes = 0;
  let inlineTokens = 0;
  const inline: Record<MediaKind, number> = { image: 0, document: 0, audio: 0, video: 0 };
  const places = scan.longStrings.length === 0 ? noPlaces : mediaPlaces(request);
  for (const span of scan.longStrings) {
    const kind = places.has(span.start) ? sniff(body, span) : undefined;
    if (kind === undefined) continue;
    mediaBytes += span.end - span.start;
    inline[kind]++;
    inlineTokens += inlineCost(kind, span);
  }
  const ascii = body.length - scan.nonAsciiBytes - mediaBytes;
  const text = Math.ceil(ascii / asciiBytesPerToken + scan.nonAsciiBytes / otherBytesPerToken);
  const images = Math.max(parts.images, inline.image) * tokensPerImage;
  const referred =
    Math.max(0, parts.documents - inline.document - inline.video) + Math.max(0, parts.audio - inline.audio);
  const added =
    baseTokens +
    (additions.hasInstructions ? instructionTokens : 0) +
    Math.min(additions.hostedTools, 2) * referredTokens;
  return text + images + inlineTokens + referred * referredTokens + added;
}

const noPlaces: ReadonlySet<number> = new Set();

/** Where strings start that a provider reads as media: under a media key, and not declared to be text beside it. */
function mediaPlaces(request: RequestScan): ReadonlySet<number> {
  const { marks, body } = request;
  const places = new Set<number>();
  for (const [index, mark] of marks.entries()) {
    if (!inlineMediaKeys.includes(mark.key)) continue;
    const isText = marks
      .slice(Math.max(0, index - 2), index + 3)
      .some(
        (near) =>
          near.depth === mark.depth &&
          mediaTypeKeys.includes(near.key) &&
          body.toString('latin1', near.start, near.start + 6) === '"text/',
      );
    if (!isText) places.add(mark.start + 1);
  }
  return places;
}

/** Images are counted, not measured. */
function inlineCost(kind: MediaKind, span: Span): number {
  const kilobytes = ((span.end - span.start) * 0.75) / 1024;
  if (kind === 'image') return 0;
  if (kind === 'document') return Math.max(smallestDocument, Math.ceil(kilobytes * documentTokensPerKb));
  return Math.ceil(kilobytes * (kind === 'audio' ? audioTokensPerKb : videoTokensPerKb));
}

/** First bytes of the formats providers take, in base64. */
const signatures: readonly (readonly [string, MediaKind])[] = [
  ['/9j/', 'image'],
  ['iVBORw0KGgo', 'image'],
  ['R0lGOD', 'image'],
  ['Qk0', 'image'],
  ['JVBERi', 'document'],
  ['UEsDB', 'document'],
  ['SUQz', 'audio'],
  ['//uQ', 'audio'],
  ['//vQ', 'audio'],
  ['T2dnUw', 'audio'],
  ['ZkxhQw', 'audio'],
  ['GkXfo', 'video'],
];

/** What a long string holds; `undefined` for text, and for signatures and the like, which cost as text does. */
function sniff(body: Buffer, span: Span): MediaKind | undefined {
  const head = body.toString('latin1', span.start, Math.min(span.end, span.start + 160));
  const dataUrl = /^data:([a-z]+)\/[^,]{1,100};base64,/.exec(head);
  if (dataUrl !== null) return dataUrl[1] === 'text' ? undefined : kindOfType(dataUrl[1] ?? '');
  const known = signatures.find(([start]) => head.startsWith(start));
  if (known !== undefined) return known[1];
  if (head.startsWith('UklGR'))
    return Buffer.from(head.slice(0, 16), 'base64').includes('WEBP') ? 'image' : 'audio';
  return Buffer.from(head.slice(0, 16), 'base64').subarray(4, 8).toString('latin1') === 'ftyp'
    ? 'video'
    : undefined;
}

function kindOfType(type: string): MediaKind {
  return type === 'image' || type === 'audio' || type === 'video' ? type : 'document';
}

const ownTools = new Set(['function', 'custom', 'namespace']);

/** Tools the caller runs itself only add their instructions; the others also add what they find. */
export function promptAdditions(request: RequestScan, features: Envelope['features']): PromptAdditions {
  const hosted = request.marks.filter(
    (mark) =>
      mark.topKey === 'tools' &&
      mark.key === 'type' &&
      mark.depth === 3 &&
      !ownTools.has(request.body.toString('latin1', mark.start + 1, mark.end - 1)),
  ).length;
  const besides = Number(request.has('web_search_options')) + Number(request.has('mcp_servers'));
  return {
    hasInstructions: features.has('tools') || features.has('schema'),
    hostedTools: hosted + besides,
  };
}
