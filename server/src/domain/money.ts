/**
 * Money is a whole number of nano-USD (1 USD = 1,000,000,000) in a branded bigint, so that it cannot be mixed with
 * token counts or floats. Prices are nano-USD per million tokens (or per unit).
 */
declare const nanoUsd: unique symbol;
export type NanoUsd = bigint & { readonly [nanoUsd]: true };

export const zeroNanoUsd = 0n as NanoUsd;
const nanoPerUsd = 1_000_000_000n;
const decimalPlaces = 9;
const tokensPerPrice = 1_000_000n;

export function toNanoUsd(value: bigint): NanoUsd {
  return value as NanoUsd;
}

export function addNanoUsd(left: NanoUsd, right: NanoUsd): NanoUsd {
  return (left + right) as NanoUsd;
}

export function negateNanoUsd(value: NanoUsd): NanoUsd {
  return (0n - value) as NanoUsd;
}

/** Exact product of a token count and a price per million, still in millionths of a nano-USD. Sum these, then round once. */
export function lineMicroNano(tokens: number, pricePerMillion: NanoUsd): bigint {
  return BigInt(tokens) * pricePerMillion;
}

/** The one rounding of the whole system: millionths of a nano-USD to nano-USD, half up. */
export function roundCharge(microNano: bigint): NanoUsd {
  return ((microNano + tokensPerPrice / 2n) / tokensPerPrice) as NanoUsd;
}

/** Decimal USD, exact: `1500000000n` is `1.5`, `1n` is `0.000000001`. */
export function formatUsd(value: NanoUsd): string {
  const sign = value < 0n ? '-' : '';
  const magnitude = value < 0n ? 0n - value : value;
  const whole = magnitude / nanoPerUsd;
  const fraction = (magnitude % nanoPerUsd).toString().padStart(decimalPlaces, '0');
  let places = decimalPlaces;
  while (places > 0 && fraction[places - 1] === '0') places -= 1;
  return places === 0 ? `${sign}${whole}` : `${sign}${whole}.${fraction.slice(0, places)}`;
}

/** Reads a decimal USD string with at most nine places. Returns `undefined` for anything else. */
export function parseUsd(text: string): NanoUsd | undefined {
  const match = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?$/.exec(text.trim());
  if (match === null) return undefined;
  const magnitude = BigInt(match[2] ?? '0') * nanoPerUsd + BigInt((match[3] ?? '').padEnd(9, '0'));
  return (match[1] === '-' ? -magnitude : magnitude) as NanoUsd;
}
