import { RelayError } from '../domain/errors.ts';
import { noUsage, promptTokens, type UsageReading } from '../domain/usage.ts';
import { parseShape, type Shape } from './json-shape.ts';
import type { MeteredUsage } from './stream-rules.ts';
import { readErrorInside } from './upstream-failure.ts';
import type { Envelope, UnaryReading } from './wire-protocol.ts';

/** What a protocol finds in a unary answer; everything else about reading one is the same for all. */
export interface UnaryAnswer {
  readonly metered: MeteredUsage | undefined;
  /** Bytes of content; 0 when there is none. Only counted where the usage does not tell. */
  readonly contentBytes: () => number;
  /** Empty for a reason the answer gives (refusal, filter, cache fill). */
  readonly isEmptyByIntent: boolean;
  readonly servedModel: string | undefined;
}

/** `read` answers `undefined` for a body that is not of the protocol. */
export function readUnaryBody(
  body: Buffer,
  envelope: Envelope,
  read: (answer: Shape) => UnaryAnswer | undefined,
): UnaryReading {
  const parsed = parseShape(body.toString());
  if (parsed === undefined) return failed(new RelayError('upstream_protocol'));
  const answer = read(parsed);
  if (answer === undefined) return failed(readErrorInside(parsed) ?? new RelayError('upstream_protocol'));
  const { metered, servedModel } = answer;
  const reading =
    metered === undefined
      ? estimatedReading(envelope, answer.contentBytes())
      : reportedReading(metered, answer.contentBytes);
  const hasOutput = (metered !== undefined && metered.usage.output > 0) || answer.contentBytes() > 0;
  return {
    isEmpty: !hasOutput && !answer.isEmptyByIntent,
    reading,
    ...(servedModel === undefined ? {} : { servedModel }),
  };
}

/** A reading of an operation that costs nothing, such as counting tokens. */
export const freeReading: UsageReading = { usage: noUsage, source: 'reported', anomalies: [] };

function failed(failure: RelayError): UnaryReading {
  return { isEmpty: false, reading: freeReading, failure };
}

export function estimatedReading(envelope: Envelope, contentBytes: number): UsageReading {
  const output = envelope.operation === 'embed' ? 0 : Math.ceil(contentBytes / 4);
  return { usage: { ...noUsage, input: envelope.inputEstimate, output }, source: 'estimated', anomalies: [] };
}

export function reportedReading(metered: MeteredUsage, contentBytes: () => number): UsageReading {
  const isZero = promptTokens(metered.usage) + metered.usage.output === 0 && contentBytes() > 0;
  const anomalies = isZero ? [...metered.anomalies, 'zero'] : metered.anomalies;
  return { usage: metered.usage, source: 'reported', anomalies };
}
