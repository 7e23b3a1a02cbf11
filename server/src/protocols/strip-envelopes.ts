import type { Span } from '../platform/json-scan.ts';
import { cutItems, elementsOf, memberOf, membersOf, stringAt } from '../platform/json-spans.ts';
import { envelopeBytes, isEnvelope, type Seals } from './canonical/envelope.ts';
import type { LossCode } from './canonical/losses.ts';
import type { Splice } from './wire-protocol.ts';

/**
 * Envelopes of ours are for upstreams of other protocols. A client that goes on with a provider's own model still sends
 * them along; the provider would refuse the whole request for them, so they are cut out of the bytes and nothing else is.
 */
export interface StrippedBody {
  readonly splices: readonly Splice[];
  readonly losses: readonly LossCode[];
}

export type StripEnvelopes = (body: Buffer, seals: Seals) => StrippedBody;

type SpliceElement = (element: Span) => 'cut' | readonly Splice[];

const nothing: StrippedBody = { splices: [], losses: [] };

export function hasEnvelopes(body: Buffer): boolean {
  return body.includes(envelopeBytes);
}

/** Splices for the lists at a path of the body. `spliceElement` says what becomes of an element that holds a mark. */
export function stripLists(
  body: Buffer,
  path: readonly [outer: string, inner?: string],
  spliceElement: SpliceElement,
  marks: readonly Buffer[] = [envelopeBytes],
): StrippedBody {
  if (!hasEnvelopes(body)) return nothing;
  const [outerKey, innerKey] = path;
  const outer = memberOf(body, { start: body.indexOf(0x7b), end: body.length }, outerKey);
  if (outer === undefined) return nothing;
  if (innerKey === undefined)
    return { splices: stripList(body, outer, spliceElement, marks).splices, losses: [] };
  const holders = elementsOf(body, outer);
  const splices: Splice[] = [];
  const emptied = new Set<number>();
  for (const [at, holder] of holders.entries()) {
    const inner = memberOf(body, holder, innerKey);
    if (inner === undefined || !holdsMark(body, inner, marks)) continue;
    const stripped = stripList(body, inner, spliceElement, marks);
    if (stripped.isEmptied) emptied.add(at);
    else splices.push(...stripped.splices);
  }
  return { splices: [...splices, ...cutAll(holders, emptied)], losses: [] };
}

function stripList(
  body: Buffer,
  list: Span,
  spliceElement: SpliceElement,
  marks: readonly Buffer[],
): { readonly splices: readonly Splice[]; readonly isEmptied: boolean } {
  const elements = elementsOf(body, list);
  const cut = new Set<number>();
  const splices: Splice[] = [];
  for (const [at, element] of elements.entries()) {
    if (!holdsMark(body, element, marks)) continue;
    const change = spliceElement(element);
    if (change === 'cut') cut.add(at);
    else splices.push(...change);
  }
  return { splices: [...splices, ...cutAll(elements, cut)], isEmptied: cut.size === elements.length };
}

function cutAll(items: readonly Span[], cut: ReadonlySet<number>): readonly Splice[] {
  return cut.size === 0
    ? []
    : cutItems(items, (at) => cut.has(at)).map((span) => ({ ...span, bytes: empty }));
}

const empty = Buffer.alloc(0);

function holdsMark(body: Buffer, { start, end }: Span, marks: readonly Buffer[]): boolean {
  const bytes = body.subarray(start, end);
  return marks.some((mark) => bytes.includes(mark));
}

/** Whether the member of this name is one of our envelopes. */
export function isEnvelopeAt(body: Buffer, holder: Span, key: string): boolean {
  const text = stringAt(body, memberOf(body, holder, key));
  return text !== undefined && isEnvelope(text);
}

export function typeAt(body: Buffer, holder: Span): string | undefined {
  return stringAt(body, memberOf(body, holder, 'type'));
}

/** Cuts some members out of an object. */
export function cutMembers(body: Buffer, holder: Span, keys: ReadonlySet<string>): readonly Splice[] {
  const members = membersOf(body, holder);
  const whole = members.map(({ keyStart, end }) => ({ start: keyStart, end }));
  return cutItems(whole, (at) => keys.has(members[at]?.key ?? '')).map((span) => ({ ...span, bytes: empty }));
}
