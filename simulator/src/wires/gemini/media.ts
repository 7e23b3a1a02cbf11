import type { JsonObject } from '../../engine/simulated-call.ts';
import { isObject, textOr } from '../shape.ts';

const tokensPerTile = 258;

/** Tokens of an attachment by its kind and size; a file by address counts as one page or tile. */
export function mediaTokensOf(part: JsonObject): number {
  const blob = part['inlineData'];
  if (!isObject(blob)) return part['fileData'] === undefined ? 0 : tokensPerTile;
  const bytes = (textOr(blob['data']).length * 3) / 4;
  const type = textOr(blob['mimeType']);
  if (type.startsWith('image/')) return tokensPerTile;
  if (type.startsWith('audio/')) return Math.ceil(bytes / 1000);
  if (type.startsWith('video/')) return Math.ceil(bytes / 500);
  return tokensPerTile * Math.max(1, Math.ceil(bytes / 50_000));
}
