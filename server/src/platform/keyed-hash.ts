import { createHmac, createSecretKey } from 'node:crypto';

/** HMAC-SHA256 under one secret, hex. Without the secret nobody can test a guess against a stolen table of hashes. */
export type KeyedHash = (text: string) => string;

export function createKeyedHash(secret: Uint8Array): KeyedHash {
  if (secret.length < 32) throw new Error('A keyed hash needs a secret of at least 32 bytes.');
  const key = createSecretKey(secret);
  return (text) => createHmac('sha256', key).update(text).digest('hex');
}
