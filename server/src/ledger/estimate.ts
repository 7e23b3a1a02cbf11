import { lineMicroNano, roundCharge, zeroNanoUsd } from '../domain/money.ts';
import { pricesInForce } from './charge.ts';
import type { ClassPrices, ModelFacts, PriceVersion, TokenClass } from '../domain/catalogue.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Envelope } from '../protocols/wire-protocol.ts';

/** Everything an estimate depends on. */
export interface EstimateBasis {
  /** Absent for a model that is served at no charge. */
  readonly version: PriceVersion | undefined;
  readonly facts: ModelFacts | undefined;
  readonly at: EpochMs;
  readonly envelope: Pick<
    Envelope,
    'operation' | 'stream' | 'maxOutputTokens' | 'inputEstimate' | 'choices' | 'features'
  >;
  /** Output tokens of one answer by experience (`OutputLearner.expect`). */
  readonly expectedOutput: number;
}

export interface Estimate {
  /** Output tokens the hold covers, all choices together. */
  readonly outputTokens: number;
  readonly amount: NanoUsd;
}

/** Where neither the request nor the catalogue limits the output. */
const unknownOutputLimit = 8_192;
/** An answer shorter than this is of no use; rather refuse the call. */
const leastOutput = 256;

const largest = (prices: ClassPrices, classes: readonly TokenClass[], base: NanoUsd): NanoUsd =>
  classes.reduce((most, name) => {
    const price = prices[name];
    return price !== undefined && price > most ? price : most;
  }, base);

const inputClasses: readonly TokenClass[] = [
  'cacheWrite5m',
  'cacheWrite30m',
  'cacheWrite1h',
  'cacheWrite12h',
];

/** The dearest price each side of the call can meet: which part of a prompt is cached is only known afterwards. */
function worstPrices({ version, facts, at, envelope }: EstimateBasis): { input: NanoUsd; output: NanoUsd } {
  if (version === undefined) return { input: zeroNanoUsd, output: zeroNanoUsd };
  const prices = pricesInForce(version, envelope.inputEstimate, at);
  const given: TokenClass[] = [...inputClasses];
  if (envelope.features.has('audio')) given.push('audioInput');
  if (envelope.features.has('image')) given.push('imageInput');
  const made: TokenClass[] = [];
  if (facts?.outputModalities.includes('audio') === true) made.push('audioOutput');
  if (facts?.outputModalities.includes('image') === true) made.push('imageOutput');
  return { input: largest(prices, given, prices.input), output: largest(prices, made, prices.output) };
}

function hasOutput({ envelope }: EstimateBasis): boolean {
  return envelope.operation === 'generate' || envelope.operation === 'complete';
}

function outputLimit({ envelope, facts }: EstimateBasis): number {
  const modelLimit = facts === undefined || facts.maxOutput === 0 ? undefined : facts.maxOutput;
  return Math.min(envelope.maxOutputTokens ?? modelLimit ?? unknownOutputLimit, modelLimit ?? Infinity);
}

/**
 * Upper estimate of a call. Streaming holds what answers usually need and extends as output arrives; a unary answer
 * comes whole, so it holds up to the limit.
 */
export function estimateCall(basis: EstimateBasis): Estimate {
  const { envelope } = basis;
  const limit = hasOutput(basis) ? outputLimit(basis) : 0;
  const each = envelope.stream ? Math.min(limit, basis.expectedOutput) : limit;
  const outputTokens = each * Math.max(1, envelope.choices);
  const prices = worstPrices(basis);
  const exact =
    lineMicroNano(envelope.inputEstimate, prices.input) + lineMicroNano(outputTokens, prices.output);
  return { outputTokens, amount: roundCharge(exact) };
}

/** What so many more output tokens may cost: the step by which a stream extends its hold. */
export function outputAmount(basis: EstimateBasis, tokens: number): NanoUsd {
  return roundCharge(lineMicroNano(tokens, worstPrices(basis).output));
}

/**
 * The output limit to send upstream so that the call fits into `available`, per answer: at most the call's own limit,
 * `undefined` when not even 256 tokens fit.
 */
export function affordableOutput(basis: EstimateBasis, available: NanoUsd): number | undefined {
  if (!hasOutput(basis)) return undefined;
  const prices = worstPrices(basis);
  const limit = outputLimit(basis);
  const rest = available * 1_000_000n - lineMicroNano(basis.envelope.inputEstimate, prices.input);
  if (rest < 0n) return undefined;
  if (prices.output === 0n) return limit;
  const tokens = rest / (prices.output * BigInt(Math.max(1, basis.envelope.choices)));
  if (tokens >= BigInt(limit)) return limit;
  return tokens < BigInt(leastOutput) ? undefined : Number(tokens);
}
