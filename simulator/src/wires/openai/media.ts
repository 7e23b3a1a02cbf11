import { invalid } from './refusals.ts';

/** Token price of an image by its detail; the size is not looked at, as one tile row of 512 x 512 is assumed. */
export function imageTokens(detail: string): number {
  return detail === 'low' ? 85 : 765;
}

export function audioTokens(base64: string): number {
  return Math.ceil((base64.length * 3) / 4 / 3200);
}

/** Documents cost by their size; an identifier or address stands for one page. */
export function fileTokens(base64: string): number {
  return Math.max(260, Math.ceil((base64.length * 3) / 4 / 100));
}

const imageTypes = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];

/** An image is given by address or as a data URL with a type the models read. */
export function requireImageUrl(url: string, param: string): void {
  if (/^https?:\/\/\S+$/u.test(url)) return;
  const data = /^data:([^;,]+);base64,([A-Za-z0-9+/=_-]*)$/u.exec(url);
  if (data === null) {
    throw invalid(
      `Invalid '${param}': expected a valid URL, but got a value with an invalid format.`,
      param,
      'invalid_value',
    );
  }
  if (!imageTypes.includes(data[1] ?? '')) {
    throw invalid(
      `You uploaded an unsupported image. Please make sure your image has of one the following formats: ` +
        `['png', 'jpeg', 'gif', 'webp'].`,
      undefined,
      'invalid_image_format',
    );
  }
  if (data[2] === '') {
    throw invalid(
      'The image data you provided does not represent a valid image.',
      param,
      'invalid_image_url',
    );
  }
}
