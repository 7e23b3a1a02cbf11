/**
 * Bytes as a string with one character a byte, and back unchanged. Strings up to about 16 KB are written by the runtime
 * straight from its stack, which a head and a body as two buffers are not.
 */
export const smallBytes = 12 * 1024;

export function latin1Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
