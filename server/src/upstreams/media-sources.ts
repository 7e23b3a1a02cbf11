import type { LossList } from '../protocols/canonical/losses.ts';

const marks = ['"url"', '"file"'].map((mark) => Buffer.from(mark));

/** Clouds fetch nothing and keep no files for Claude: the media of a Messages body have to come with the request. */
export function loseMediaSources(body: Buffer, losses: LossList): void {
  if (!marks.some((mark) => body.includes(mark))) return;
  const found = sourceIn(JSON.parse(body.toString('utf8')));
  if (found !== undefined) losses.add(found === 'file' ? 'file_id_refused' : 'media_address_refused');
}

/** The kind of the first media source that is not inside the request. Tool schemas and inputs may hold anything. */
function sourceIn(value: unknown): 'url' | 'file' | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) {
    return value.map(sourceIn).find((found) => found !== undefined);
  }
  const source: unknown = Reflect.get(value, 'source');
  const type: unknown =
    typeof source === 'object' && source !== null ? Reflect.get(source, 'type') : undefined;
  const isMedia = ['image', 'document'].includes(String(Reflect.get(value, 'type')));
  if (isMedia && (type === 'url' || type === 'file')) return type;
  for (const key of ['messages', 'system', 'content', 'source']) {
    const found = sourceIn(Reflect.get(value, key));
    if (found !== undefined) return found;
  }
  return undefined;
}
