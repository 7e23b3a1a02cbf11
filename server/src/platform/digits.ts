const most = 15;

/** The whole number that `text` writes out in at most 15 digits; `NaN` for anything else. Far cheaper than `Number`. */
export function digitsOf(text: string): number {
  if (text.length === 0 || text.length > most) return Number.NaN;
  let value = 0;
  for (let at = 0; at < text.length; at += 1) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

/** The same of bytes [start, end). */
export function digitsAt(bytes: Uint8Array, start: number, end: number): number {
  if (end <= start || end - start > most) return Number.NaN;
  let value = 0;
  for (let at = start; at < end; at += 1) {
    const digit = (bytes[at] as number) - 0x30;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}
