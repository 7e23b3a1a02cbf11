import type { JsonObject } from '../../engine/simulated-call.ts';
import { isObject, textOr } from '../shape.ts';
import { refuse } from './refusals.ts';

const PIXELS_PER_TOKEN = 750;
const MAX_TOKENS = 1600;
const MAX_SIDE_PIXELS = 8000;
const MAX_BYTES = 5 * 1024 * 1024;

interface Picture {
  readonly mediaType: string;
  readonly width: number;
  readonly height: number;
}

/** The bytes are a picture of the type they claim, not too large. */
export function checkImage(block: JsonObject, path: string): void {
  const source = block['source'];
  if (!isObject(source) || source['type'] !== 'base64') return;
  const at = `${path}.image.source.base64`;
  const bytes = Buffer.from(textOr(source['data']), 'base64');
  const claimed = textOr(source['media_type']);
  if (bytes.length > MAX_BYTES)
    refuse(`${at}: image exceeds 5 MB maximum: ${bytes.length} bytes > ${MAX_BYTES} bytes`);
  const picture = readPicture(bytes);
  if (picture === undefined) refuse(`${at}.data: Could not process image`);
  if (picture.mediaType !== claimed) {
    refuse(
      `${at}.data: The image was specified using the ${claimed} media type, but the image appears to be a ${picture.mediaType} image`,
    );
  }
  if (Math.max(picture.width, picture.height) > MAX_SIDE_PIXELS) {
    refuse(
      `${at}.data: At least one of the image dimensions exceed max allowed size: ${MAX_SIDE_PIXELS} pixels`,
    );
  }
}

export function imageTokens(block: JsonObject): number {
  const source = block['source'];
  const data =
    isObject(source) && source['type'] === 'base64'
      ? Buffer.from(textOr(source['data']), 'base64')
      : undefined;
  const picture = data === undefined ? undefined : readPicture(data);
  // What is behind a URL or a file id is not fetched: it counts as a full-size picture.
  if (picture === undefined) return MAX_TOKENS;
  return Math.min(MAX_TOKENS, Math.max(1, Math.ceil((picture.width * picture.height) / PIXELS_PER_TOKEN)));
}

function readPicture(bytes: Buffer): Picture | undefined {
  if (bytes.length < 16) return undefined;
  if (bytes.toString('latin1', 1, 4) === 'PNG' && bytes.length >= 24) {
    return { mediaType: 'image/png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
  }
  if (bytes.toString('latin1', 0, 4) === 'GIF8') {
    return { mediaType: 'image/gif', width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
  }
  if (bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP')
    return webpSize(bytes);
  if (bytes.readUInt16BE(0) === 0xffd8) return jpegSize(bytes);
  return undefined;
}

function webpSize(bytes: Buffer): Picture {
  const mediaType = 'image/webp';
  const kind = bytes.toString('latin1', 12, 16);
  if (kind === 'VP8X' && bytes.length >= 30) {
    return { mediaType, width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
  }
  if (kind === 'VP8L' && bytes.length >= 25) {
    const bits = bytes.readUInt32LE(21);
    return { mediaType, width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
  }
  if (bytes.length < 30) return { mediaType, width: 1, height: 1 };
  return { mediaType, width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
}

/** Walks the markers to the first start-of-frame, which holds the size. */
function jpegSize(bytes: Buffer): Picture {
  let at = 2;
  while (at + 9 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame)
      return {
        mediaType: 'image/jpeg',
        width: bytes.readUInt16BE(at + 7),
        height: bytes.readUInt16BE(at + 5),
      };
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return { mediaType: 'image/jpeg', width: 1, height: 1 };
}
