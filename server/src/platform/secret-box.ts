import { createCipheriv, createDecipheriv } from 'node:crypto';

/**
 * Seals small secrets at rest with AES-256-GCM. A box names the key that closed it, so that keys can be rotated, and is
 * bound to its place by associated data: a box moved to another record does not open.
 *
 * Bytes: version 1, length of the key id, key id, 12 bytes nonce, 16 bytes tag, ciphertext.
 */
export interface SecretBox {
  seal(secret: string, associatedData: string): Uint8Array;
  /** Throws when the box was changed, moved, or closed by a key that is not among ours. */
  open(box: Uint8Array, associatedData: string): string;
}

interface SecretBoxDeps {
  /** The first key seals; all of them open. 32 bytes each. */
  readonly keys: readonly { readonly id: string; readonly key: Uint8Array }[];
  readonly randomBytes: (size: number) => Uint8Array;
}

const version = 1;
const nonceBytes = 12;
const tagBytes = 16;

export function createSecretBox(deps: SecretBoxDeps): SecretBox {
  const byId = new Map(deps.keys.map((entry) => [entry.id, entry.key]));
  const [sealing] = deps.keys;
  if (sealing === undefined) throw new Error('A secret box needs a key.');
  for (const { id, key } of deps.keys) {
    if (key.length !== 32) throw new Error(`The key "${id}" must have 32 bytes.`);
    if (Buffer.byteLength(id) > 255) throw new Error('A key id has at most 255 bytes.');
  }
  return {
    seal(secret, associatedData) {
      const nonce = deps.randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', sealing.key, nonce);
      cipher.setAAD(Buffer.from(associatedData));
      const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      const id = Buffer.from(sealing.id);
      return new Uint8Array(
        Buffer.concat([Buffer.from([version, id.length]), id, nonce, cipher.getAuthTag(), sealed]),
      );
    },
    open(box, associatedData) {
      const bytes = Buffer.from(box.buffer, box.byteOffset, box.byteLength);
      const idEnd = 2 + (bytes[1] ?? 0);
      const textStart = idEnd + nonceBytes + tagBytes;
      if (bytes[0] !== version || bytes.length < textStart) throw new Error('This is not a sealed secret.');
      const key = byId.get(bytes.toString('utf8', 2, idEnd));
      if (key === undefined) throw new Error('The secret was sealed with another master key.');
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(idEnd, idEnd + nonceBytes));
      decipher.setAAD(Buffer.from(associatedData));
      decipher.setAuthTag(bytes.subarray(idEnd + nonceBytes, textStart));
      return Buffer.concat([decipher.update(bytes.subarray(textStart)), decipher.final()]).toString('utf8');
    },
  };
}
