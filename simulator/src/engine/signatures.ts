import { createHmac, timingSafeEqual } from 'node:crypto';

export interface Signatures {
  sign(text: string, model: string): string;
  isOwn(signature: string, text: string, model: string): boolean;
}

/** A signature covers text and model, so that thinking that was edited or carried to another model is found out. */
export function createSignatures(seed: string): Signatures {
  const sign = (text: string, model: string): string =>
    `Ep${createHmac('sha256', `thinking:${seed}`).update(`${model}\n${text}`).digest('base64')}`;
  return {
    sign,
    isOwn(signature, text, model) {
      const expected = Buffer.from(sign(text, model));
      const given = Buffer.from(signature);
      return given.length === expected.length && timingSafeEqual(given, expected);
    },
  };
}
