import type { Mark } from '../platform/json-scan.ts';
import { inlineMediaKeys, mediaTypeKeys, type MediaParts } from './input-estimate.ts';
import { asShape } from './json-shape.ts';
import type { RequestScan } from './request-scan.ts';
import type { Splice } from './wire-protocol.ts';

/** What the OpenAI wires have in common when a request is read. */
export const singleFields: ReadonlySet<string> = new Set([
  'model',
  'stream',
  'stream_options',
  'n',
  'max_tokens',
  'max_completion_tokens',
  'max_output_tokens',
]);

export const openAiWatch: ReadonlySet<string> = new Set(['type', ...inlineMediaKeys, ...mediaTypeKeys]);

/** Counts the parts of the conversation that are not text. */
export function mediaParts(request: RequestScan, topKey: string): MediaParts {
  let images = 0;
  let documents = 0;
  let audio = 0;
  for (const mark of request.marks) {
    if (mark.topKey !== topKey || mark.key !== 'type') continue;
    const type = partType(request.body, mark);
    if (type === 'image_url' || type === 'input_image') images++;
    else if (type === 'file' || type === 'input_file') documents++;
    else if (type === 'input_audio') audio++;
  }
  return { images, documents, audio };
}

function partType(body: Buffer, mark: Mark): string {
  return mark.end - mark.start > 14 ? '' : body.toString('latin1', mark.start + 1, mark.end - 1);
}

/** `auto` reasoning is a model's own affair; only what the caller asks for counts. */
export function asksReasoning(effort: unknown): boolean {
  return typeof effort === 'string' && effort !== 'none';
}

export function isSchemaFormat(format: unknown): boolean {
  return asShape(format)?.['type'] === 'json_schema';
}

export function includesUsage(request: RequestScan): boolean {
  return asShape(request.field('stream_options'))?.['include_usage'] === true;
}

/**
 * Asks the upstream for stream usage on behalf of a client that did not, without touching any other byte: into the
 * `stream_options` that are there, or as a field right after the model.
 */
export function usageSplices(request: RequestScan, afterModel: number): readonly Splice[] {
  const span = request.span('stream_options');
  if (span === undefined) return [insert(afterModel, ',"stream_options":{"include_usage":true}')];
  const options = asShape(request.field('stream_options'));
  if (options === undefined || 'include_usage' in options) {
    const value = JSON.stringify({ ...options, include_usage: true });
    return [{ start: span.start, end: span.end, bytes: Buffer.from(value) }];
  }
  const isEmpty = Object.keys(options).length === 0;
  return [insert(span.start + 1, `"include_usage":true${isEmpty ? '' : ','}`)];
}

function insert(at: number, text: string): Splice {
  return { start: at, end: at, bytes: Buffer.from(text) };
}
