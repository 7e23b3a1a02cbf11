import { lineMicroNano, roundCharge, zeroNanoUsd } from '../domain/money.ts';
import { promptTokens } from '../domain/usage.ts';
import type { ClassPrices, PriceVersion, TokenClass } from '../domain/catalogue.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Usage } from '../domain/usage.ts';

/** Exact money in 10^-18 USD: a thousandth part (service tier) of a millionth (price per million) of a nano-USD. */
export type AttoUsd = bigint;
const attoPerNano = 1_000_000_000n;
const attoPerMicroNano = 1_000n;
const wholePerMille = 1_000;

/** One line of a charge. The amounts of all lines, the rounding line included, add up to the total exactly. */
export interface ChargeLine {
  readonly item: TokenClass | 'webSearch' | 'rounding';
  readonly quantity: number;
  /** Nano-USD per million tokens; per piece for `webSearch`. */
  readonly unitPrice: NanoUsd;
  /** Multiplier of the service tier in parts per thousand. */
  readonly perMille: number;
  readonly amount: AttoUsd;
}

export interface Charge {
  readonly lines: readonly ChargeLine[];
  readonly total: NanoUsd;
}

export function attoOf(amount: NanoUsd): AttoUsd {
  return amount * attoPerNano;
}

/**
 * The prices that hold for a whole call: the base, then the hour band of its start, then the highest context tier its
 * prompt passes. A tier names prices for any hour, so it has the last word.
 */
export function pricesInForce(version: PriceVersion, prompt: number, at: EpochMs): ClassPrices {
  const { hourBands, contextTiers, prices } = version;
  if (hourBands.length === 0 && contextTiers.length === 0) return prices;
  const start = new Date(at);
  const minute = start.getUTCHours() * 60 + start.getUTCMinutes();
  const day = start.getUTCDay();
  const band = hourBands.find(
    ({ days, fromMinute, toMinute }) => days.includes(day) && minute >= fromMinute && minute < toMinute,
  );
  const tier = contextTiers.reduce<PriceVersion['contextTiers'][number] | undefined>(
    (best, candidate) =>
      prompt > candidate.aboveInputTokens && candidate.aboveInputTokens >= (best?.aboveInputTokens ?? 0)
        ? candidate
        : best,
    undefined,
  );
  return { ...prices, ...band?.prices, ...tier?.prices };
}

const baseOf = {
  input: 'input',
  cacheRead: 'input',
  cacheWrite5m: 'input',
  cacheWrite30m: 'input',
  cacheWrite1h: 'input',
  cacheWrite12h: 'input',
  output: 'output',
  audioInput: 'input',
  audioOutput: 'output',
  imageInput: 'input',
  imageOutput: 'output',
} as const satisfies Record<TokenClass, 'input' | 'output'>;

/** Audio and image tokens are parts of `input` and `output`; they leave those only where they have their own price. */
function splitMedia(usage: Usage, prices: ClassPrices): readonly (readonly [TokenClass, number])[] {
  const take = (name: 'audioInput' | 'imageInput' | 'audioOutput' | 'imageOutput', rest: number): number =>
    prices[name] === undefined ? 0 : Math.min(usage[name], rest);
  const audioInput = take('audioInput', usage.input);
  const imageInput = take('imageInput', usage.input - audioInput);
  const audioOutput = take('audioOutput', usage.output);
  const imageOutput = take('imageOutput', usage.output - audioOutput);
  return [
    ['input', usage.input - audioInput - imageInput],
    ['audioInput', audioInput],
    ['imageInput', imageInput],
    ['cacheRead', usage.cacheRead],
    ['cacheWrite5m', usage.cacheWrite5m],
    ['cacheWrite30m', usage.cacheWrite30m],
    ['cacheWrite1h', usage.cacheWrite1h],
    ['cacheWrite12h', usage.cacheWrite12h],
    ['output', usage.output - audioOutput - imageOutput],
    ['audioOutput', audioOutput],
    ['imageOutput', imageOutput],
  ];
}

/** What the usage costs at this version, for a call that began at `at`. Rounded once, at the end. */
export function chargeOf(usage: Usage, version: PriceVersion, at: EpochMs): Charge {
  const prices = pricesInForce(version, promptTokens(usage), at);
  const tier = usage.serviceTier;
  const perMille =
    tier !== undefined && Object.hasOwn(version.serviceTierPerMille, tier)
      ? (version.serviceTierPerMille[tier] ?? wholePerMille)
      : wholePerMille;
  const lines: ChargeLine[] = [];
  let exact: AttoUsd = 0n;
  for (const [item, quantity] of splitMedia(usage, prices)) {
    if (quantity === 0) continue;
    const unitPrice = prices[item] ?? prices[baseOf[item]];
    const amount = lineMicroNano(quantity, unitPrice) * BigInt(perMille);
    exact += amount;
    lines.push({ item, quantity, unitPrice, perMille, amount });
  }
  if (usage.webSearches > 0 && version.webSearch !== undefined) {
    const amount = BigInt(usage.webSearches) * attoOf(version.webSearch);
    exact += amount;
    const { webSearches: quantity } = usage;
    lines.push({
      item: 'webSearch',
      quantity,
      unitPrice: version.webSearch,
      perMille: wholePerMille,
      amount,
    });
  }
  // Dropping the thousandths first cannot change the result: half a nano-USD is a whole number of them.
  const total = roundCharge(exact / attoPerMicroNano);
  const rounding = attoOf(total) - exact;
  if (rounding !== 0n) {
    lines.push({
      item: 'rounding',
      quantity: 1,
      unitPrice: zeroNanoUsd,
      perMille: wholePerMille,
      amount: rounding,
    });
  }
  return { lines, total };
}
