/** Grammar of JSON numbers and literals over bytes. A negative answer `-(at + 1)` names the byte that does not fit. */
const literals = [Buffer.from('true'), Buffer.from('false'), Buffer.from('null')];

/** End of `true`, `false` or `null` at `at`. */
export function skipLiteral(bytes: Buffer, at: number): number {
  for (const literal of literals) {
    if (literal[0] !== bytes[at]) continue;
    for (let offset = 1; offset < literal.length; offset++) {
      if (bytes[at + offset] !== literal[offset]) return -(at + offset + 1);
    }
    return at + literal.length;
  }
  return -(at + 1);
}

/** End of the number at `at`. */
export function skipNumber(bytes: Buffer, from: number): number {
  let at = bytes[from] === 0x2d ? from + 1 : from;
  if (bytes[at] === 0x30) {
    at++;
  } else {
    const end = skipDigits(bytes, at);
    if (end === at) return -(at + 1);
    at = end;
  }
  if (bytes[at] === 0x2e) {
    const end = skipDigits(bytes, at + 1);
    if (end === at + 1) return -(end + 1);
    at = end;
  }
  if (((bytes[at] ?? 0) | 0x20) !== 0x65) return at;
  at++;
  if (bytes[at] === 0x2b || bytes[at] === 0x2d) at++;
  const end = skipDigits(bytes, at);
  return end === at ? -(at + 1) : end;
}

function skipDigits(bytes: Buffer, from: number): number {
  let at = from;
  for (;;) {
    const byte = bytes[at];
    if (byte === undefined || byte < 0x30 || byte > 0x39) return at;
    at++;
  }
}

export function skipSpace(bytes: Buffer, from: number): number {
  let at = from;
  for (;;) {
    const byte = bytes[at];
    if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) at++;
    else return at;
  }
}

export function isHexDigit(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  return (byte >= 0x30 && byte <= 0x39) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
}
