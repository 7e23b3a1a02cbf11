import { z } from 'zod';

/** Exact decimal US dollars, at most nine places, no exponent: `0.00135`. */
const usdText = z
  .string()
  .regex(/^-?\d{1,12}(\.\d{1,9})?$/)
  .describe('US dollars, exact, as decimal text');

/** The same amount as a whole number of nano-USD (1 USD = 1000000000): `1350000`. */
const nanoUsdText = z
  .string()
  .regex(/^-?\d{1,21}$/)
  .describe('The same amount in whole nano-USD (1 USD = 1000000000)');

/** What the caller's organization was billed. */
export const chargeFields = { charge_usd: usdText, charge_nano_usd: nanoUsdText };

export const tokenCount = z.int().nonnegative();

/** As written in answers: UTC with milliseconds. */
export const instant = z.iso.datetime().describe('ISO 8601, UTC');
