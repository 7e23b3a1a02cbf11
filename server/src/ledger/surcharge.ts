import type { ClassPrices, PriceVersion } from '../domain/catalogue.ts';
import { toNanoUsd, type NanoUsd } from '../domain/money.ts';

/** A version whose tokens all cost `perMille` thousandths; single searches cost what they cost. */
export function withSurcharge(version: PriceVersion, perMille: number): PriceVersion {
  return {
    ...version,
    prices: raised(version.prices, perMille),
    contextTiers: version.contextTiers.map((tier) => ({ ...tier, prices: raised(tier.prices, perMille) })),
    hourBands: version.hourBands.map((band) => ({ ...band, prices: raised(band.prices, perMille) })),
  };
}

/** Prices are whole nano-USD per million tokens; a part of one is dropped. */
function raised<Prices extends Partial<ClassPrices>>(prices: Prices, perMille: number): Prices {
  const entries = Object.entries(prices) as (readonly [string, NanoUsd])[];
  return Object.fromEntries(
    entries.map(([name, price]) => [name, toNanoUsd((price * BigInt(perMille)) / 1000n)]),
  ) as Prices;
}
