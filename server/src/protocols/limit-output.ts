import { scanJson, type Span } from '../platform/json-scan.ts';
import type { Splice } from './wire-protocol.ts';

/**
 * Splices that lower a request's output limit, for a wallet that covers less than was asked for. Rare, so the body is scanned
 * once more rather than carrying spans through every call.
 */
export function limitTopLevel(body: Buffer, names: readonly string[], tokens: number): readonly Splice[] {
  const { values } = scanJson(body);
  const spans = names.flatMap((name) => values.get(name) ?? []);
  if (spans.length > 0) return spans.map((span) => replace(span, tokens));
  return [insertFirst(body, 0, `"${names[0] ?? ''}":${tokens}`)];
}

const configKeys = ['generationConfig', 'generation_config'];
const limitKeys: ReadonlySet<string> = new Set(['maxOutputTokens', 'max_output_tokens']);

/** The same where the limit stands inside the generation config. */
export function limitGenerationConfig(body: Buffer, tokens: number): readonly Splice[] {
  const { values, marks } = scanJson(body, limitKeys);
  const inside = marks.filter(({ topKey, depth }) => configKeys.includes(topKey) && depth === 2);
  if (inside.length > 0)
    return inside.map(({ start }) => replace({ start, end: endOfNumber(body, start) }, tokens));
  const config = configKeys.map((key) => values.get(key)).find((span) => span !== undefined);
  if (config === undefined) return [insertFirst(body, 0, `"generationConfig":{"maxOutputTokens":${tokens}}`)];
  return [insertFirst(body, config.start, `"maxOutputTokens":${tokens}`)];
}

function replace(span: Span, tokens: number): Splice {
  return { ...span, bytes: Buffer.from(String(tokens)) };
}

/** Puts a member first into the object that begins at or after `from`. */
function insertFirst(body: Buffer, from: number, member: string): Splice {
  const at = body.indexOf('{', from) + 1;
  const isEmpty = /^\s*\}/.test(body.toString('latin1', at, at + 64));
  return { start: at, end: at, bytes: Buffer.from(isEmpty ? member : `${member},`) };
}

function endOfNumber(body: Buffer, start: number): number {
  let end = start;
  while (end < body.length && /[\d.eE+-]/.test(String.fromCharCode(body[end] ?? 0))) end += 1;
  return end;
}
