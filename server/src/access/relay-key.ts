/**
 * Access: who calls, and how much they may ask at once.
 *
 * Begin with `identify.ts` (relay key to principal) and `admit.ts` (principal to permit). Keys live behind the port
 * `access-store.ts`. This folder must not know prices, wallets, upstreams or HTTP.
 *
 * This file: the form of a relay key, `sk-qz-` + 40 random characters + 6 of checksum, all base62. The checksum lets us
 * drop typing errors and guesses before any lookup, and lets scanners of leaked secrets tell ours from others'.
 */
import { crc32 } from 'node:zlib';

const prefix = 'sk-qz-';
const randomLength = 40;
const checksumLength = 6;
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const wellFormed = /^sk-qz-[0-9A-Za-z]{46}$/;
/** Bytes from here on would favour the first letters. */
const firstUneven = 256 - (256 % alphabet.length);

function checksumOf(body: string): string {
  let rest = crc32(body);
  let text = '';
  for (let index = 0; index < checksumLength; index += 1) {
    text = alphabet.charAt(rest % alphabet.length) + text;
    rest = Math.floor(rest / alphabet.length);
  }
  return text;
}

/** A new key of 238 random bits. It is shown once; only its keyed hash is kept. */
export function mintRelayKey(randomBytes: (size: number) => Uint8Array): string {
  let body = '';
  while (body.length < randomLength) {
    for (const byte of randomBytes(randomLength)) {
      if (byte < firstUneven && body.length < randomLength) body += alphabet.charAt(byte % alphabet.length);
    }
  }
  return prefix + body + checksumOf(body);
}

export function isWellFormedKey(key: string): boolean {
  if (!wellFormed.test(key)) return false;
  const body = key.slice(prefix.length, prefix.length + randomLength);
  return key.endsWith(checksumOf(body));
}

/** The first characters after the prefix: enough to tell keys apart, far too few to guess one. */
export function previewOf(key: string): string {
  return key.slice(prefix.length, prefix.length + 6);
}
