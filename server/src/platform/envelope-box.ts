import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';

/**
 * Seals what callers carry for us between calls (AES-256-GCM), so that nothing has to be kept here. The nonce is a keyed
 * hash of place and content: the same content seals to the same bytes on every replica and in every turn, which prompt
 * caches depend on, and two contents never share a nonce. A box opens in its own place alone.
 *
 * Bytes: 12 nonce, 16 tag, ciphertext.
 */
export interface EnvelopeBox {
  seal(content: Uint8Array, place: string): Buffer;
  /** `undefined` when the box was changed, moved, or sealed under another key. */
  open(sealed: Uint8Array, place: string): Buffer | undefined;
}

const nonceBytes = 12;
const tagBytes = 16;

export function createEnvelopeBox(secret: Uint8Array): EnvelopeBox {
  if (secret.length < 32) throw new Error('An envelope box needs a secret of at least 32 bytes.');
  const contentKey = createHmac('sha256', secret).update('content').digest();
  const nonceKey = createHmac('sha256', secret).update('nonce').digest();
  return {
    seal(content, place) {
      const associated = Buffer.from(place);
      const nonce = createHmac('sha256', nonceKey)
        .update(`${associated.length}.`)
        .update(associated)
        .update(content)
        .digest()
        .subarray(0, nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', contentKey, nonce);
      cipher.setAAD(associated);
      const sealed = Buffer.concat([cipher.update(content), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
    },
    open(sealed, place) {
      const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
      const start = nonceBytes + tagBytes;
      if (bytes.length < start) return undefined;
      const decipher = createDecipheriv('aes-256-gcm', contentKey, bytes.subarray(0, nonceBytes));
      decipher.setAAD(Buffer.from(place));
      decipher.setAuthTag(bytes.subarray(nonceBytes, start));
      try {
        return Buffer.concat([decipher.update(bytes.subarray(start)), decipher.final()]);
      } catch {
        return undefined;
      }
    },
  };
}
