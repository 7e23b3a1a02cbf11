import { applySplices, scanJson, type Span } from './json-scan.ts';
import { skipSpace } from './json-scalars.ts';

const comma = 0x2c;
const quote = 0x22;
const colon = 0x3a;

/** New values by name; `undefined` removes the member. */
export type MemberChanges = Readonly<Record<string, unknown>>;

/**
 * Sets, adds and removes top-level members of a JSON object; every other byte stays as it was. New members come first.
 * Throws `JsonSyntaxError` where the body is not a JSON object.
 */
export function changeMembers(body: Buffer, changes: MemberChanges): Buffer {
  const { values } = scanJson(body);
  const splices = [];
  const removed: Span[] = [];
  const added: string[] = [];
  for (const [name, value] of Object.entries(changes)) {
    const span = values.get(name);
    if (value === undefined) {
      if (span !== undefined) removed.push({ start: keyStart(body, span.start), end: span.end });
    } else if (span === undefined) added.push(`${JSON.stringify(name)}:${JSON.stringify(value)}`);
    else splices.push({ ...span, bytes: Buffer.from(JSON.stringify(value)) });
  }
  for (const span of withCommas(body, removed)) splices.push({ ...span, bytes: Buffer.alloc(0) });
  if (added.length > 0) {
    const at = body.indexOf('{') + 1;
    const separator = values.size > removed.length ? ',' : '';
    splices.push({ start: at, end: at, bytes: Buffer.from(added.join(',') + separator) });
  }
  return splices.length === 0 ? body : Buffer.concat(applySplices(body, splices));
}

/** Back over the colon to the opening quote; a name that was asked for holds no quote. */
function keyStart(body: Buffer, valueStart: number): number {
  const end = body.lastIndexOf(quote, body.lastIndexOf(colon, valueStart - 1));
  return body.lastIndexOf(quote, end - 1);
}

/** Joins neighbours, then takes the comma after each run, or the one before it where it is the last. */
function withCommas(body: Buffer, members: readonly Span[]): readonly Span[] {
  const runs: Span[] = [];
  for (const member of members.toSorted((left, right) => left.start - right.start)) {
    const last = runs.at(-1);
    if (last !== undefined && afterComma(body, last.end) === member.start) {
      runs[runs.length - 1] = { start: last.start, end: member.end };
    } else runs.push(member);
  }
  return runs.map(({ start, end }) => {
    const next = afterComma(body, end);
    if (next !== undefined) return { start, end: next };
    const before = commaBefore(body, start);
    return { start: before ?? start, end };
  });
}

/** Where the next member begins. */
function afterComma(body: Buffer, end: number): number | undefined {
  const at = skipSpace(body, end);
  return body[at] === comma ? skipSpace(body, at + 1) : undefined;
}

function commaBefore(body: Buffer, start: number): number | undefined {
  let at = start - 1;
  while (at >= 0 && (body[at] ?? 0) <= 0x20) at -= 1;
  return body[at] === comma ? at : undefined;
}
