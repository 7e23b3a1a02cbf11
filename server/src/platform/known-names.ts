/**
 * Strings for the names that come again and again, so that a name is made, hashed and looked up in the runtime's own table
 * once and not with every body. Bounded: a name that shares its place with another replaces it.
 */
const names: string[] = Array.from({ length: 256 }, () => '');
const longestName = 32;

/** The text of bytes [start, end). */
export function nameAt(bytes: Buffer, start: number, end: number): string {
  const length = end - start;
  if (length === 0 || length > longestName) return bytes.toString('utf8', start, end);
  const place = (length * 31 + (bytes[start] as number) * 7 + (bytes[end - 1] as number)) & 0xff;
  const known = names[place] as string;
  if (isSame(known, bytes, start, end)) return known;
  const name = bytes.toString('utf8', start, end);
  names[place] = name;
  return name;
}

/** Never true of a name outside ASCII, as its characters are not its bytes. */
function isSame(name: string, bytes: Buffer, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] as number;
    if (byte >= 0x80 || name.charCodeAt(at - start) !== byte) return false;
  }
  return true;
}
