import { RelayError } from '../domain/errors.ts';
import type { ModelFacts } from '../domain/catalogue.ts';
import { applySplices } from '../platform/json-scan.ts';
import type { UpstreamRequest } from '../platform/upstream-client.ts';
import { openCarried, sealingAnswers } from '../protocols/canonical/carry-reasoning.ts';
import type { Seals } from '../protocols/canonical/envelope.ts';
import { parseObject } from '../protocols/canonical/read-json.ts';
import type { CanonicalRequest, JsonObject, Origin } from '../protocols/canonical/request.ts';
import { createFoldPipe, createTranslationPipe } from '../protocols/translation-pipe.ts';
import { clientHalfOf, type Envelope, type Splice, type StreamPipe } from '../protocols/wire-protocol.ts';
import type { Arrival } from './arrival.ts';
import type { CallCandidate } from './connection.ts';
import { upstreamRequestOf } from './upstream-request.ts';

/** The wallet covers less output than was asked for. */
const loweredWarning = 'output_limit_lowered';

/** A request ready to be sent to one candidate, and how its answer will be read. */
export interface Prepared {
  readonly request: UpstreamRequest;
  /** `fold`: the upstream streams, the client gets one unary body at the end. */
  readonly delivery: 'stream' | 'unary' | 'fold';
  createPipe(): StreamPipe;
  /** The unary answer of another protocol as the client's; `undefined` when it is not what was asked for. */
  translateUnary?(body: Buffer): Buffer | undefined;
  /** Codes of what the translation could not carry over. */
  readonly warnings: readonly string[];
}

export interface PrepareOptions {
  /** Output limit to send instead of the call's own. */
  readonly loweredOutput?: number;
  readonly connectTimeoutMs: number;
  readonly isStrict: boolean;
  /** Close and open what clients of this organization carry for us. */
  readonly seals: Seals;
  readonly factsOf: (model: string) => ModelFacts | undefined;
}

/** Everything about a call that preparing needs, made once and used for every candidate. */
export interface PreparableCall {
  readonly arrival: Arrival;
  readonly envelope: Envelope;
  readonly options: PrepareOptions;
  /** Decodes the body into the canonical model, at most once. */
  canonical(): CanonicalRequest;
}

export function preparableCall(
  arrival: Arrival,
  envelope: Envelope,
  options: PrepareOptions,
): PreparableCall {
  let decoded: CanonicalRequest | undefined;
  return {
    arrival,
    envelope,
    options,
    canonical: () => (decoded ??= decode(arrival)),
  };
}

export function prepare(call: PreparableCall, candidate: CallCandidate): Prepared {
  if (candidate.ability.mode === 'passthrough') return preparePassthrough(call, candidate);
  return call.envelope.operation === 'count-tokens'
    ? prepareCount(call, candidate)
    : prepareTranslation(call, candidate);
}

/** Same protocol on both sides: the client's bytes travel on, the model name and declared splices aside. */
function preparePassthrough(call: PreparableCall, candidate: CallCandidate): Prepared {
  const { arrival, envelope } = call;
  const splices: Splice[] = [...envelope.passthroughSplices];
  if (envelope.modelSpan !== undefined && candidate.upstreamModel !== envelope.model) {
    const [start, end] = envelope.modelSpan;
    splices.push({ start, end, bytes: Buffer.from(JSON.stringify(candidate.upstreamModel)) });
  }
  if (candidate.upstreamModel !== envelope.model) {
    for (const [start, end] of envelope.modelEchoes ?? []) {
      splices.push({ start, end, bytes: Buffer.from(JSON.stringify(`models/${candidate.upstreamModel}`)) });
    }
  }
  const { loweredOutput } = call.options;
  if (loweredOutput !== undefined) {
    splices.push(...(arrival.protocol.limitOutput?.(arrival.body, loweredOutput) ?? []));
  }
  const request = upstreamRequestOf(candidate, arrival, {
    target: { ...arrival.target, stream: envelope.stream },
    body: splices.length === 0 ? [arrival.body] : applySplices(arrival.body, splices),
    forwardsHeaders: true,
    connectTimeoutMs: call.options.connectTimeoutMs,
  });
  return {
    request,
    delivery: envelope.stream ? 'stream' : 'unary',
    createPipe: () => arrival.protocol.createPassthrough(envelope),
    warnings: loweredOutput === undefined ? [] : [loweredWarning],
  };
}

/** Another protocol: decode once, encode for this upstream, always stream from it. Losses are decided here. */
function prepareTranslation(call: PreparableCall, candidate: CallCandidate): Prepared {
  const { arrival, envelope, options } = call;
  const upstreamHalf = translationOf(candidate.ability.protocol.translation);
  const clientHalf = translationOf(clientHalfOf(arrival.protocol));
  const origin = originOf(candidate);
  const opened = openCarried(call.canonical(), options.seals, origin);
  const request: CanonicalRequest = {
    ...opened.request,
    model: candidate.upstreamModel,
    stream: true,
    includeUsage: true,
    ...(options.loweredOutput === undefined ? {} : { maxOutputTokens: options.loweredOutput }),
  };
  const encoded = upstreamHalf.encodeRequest(request, options.factsOf(candidate.upstreamModel));
  const { value } = encoded;
  const losses = [...opened.losses, ...encoded.losses];
  const refused = losses.filter((loss) => loss.outcome === 'refused' || options.isStrict);
  if (refused.length > 0) {
    const codes = refused.map((loss) => loss.code).join(', ');
    throw new RelayError(
      refused.some((loss) => loss.outcome === 'refused') ? 'unsupported_feature' : 'strict_loss',
      {
        message: `"${candidate.upstreamModel}" is reached through another protocol that cannot carry: ${codes}. Leave it out, or use a model of this protocol.`,
      },
    );
  }
  const half = {
    upstream: sealingAnswers(upstreamHalf, { seals: options.seals, client: arrival.protocol.id, origin }),
    client: clientHalf,
    request: { ...call.canonical(), model: envelope.model },
    upstreamModel: candidate.upstreamModel,
    createdAtSeconds: Math.floor(arrival.receivedAt / 1_000),
    answerId: arrival.callId,
    inputEstimate: envelope.inputEstimate,
  };
  return {
    request: upstreamRequestOf(candidate, arrival, {
      target: { operation: 'generate', query: '', stream: true },
      body: [Buffer.from(JSON.stringify(value))],
      forwardsHeaders: false,
      connectTimeoutMs: options.connectTimeoutMs,
    }),
    delivery: envelope.stream ? 'stream' : 'fold',
    createPipe: () => (envelope.stream ? createTranslationPipe(half) : createFoldPipe(half)),
    warnings: [
      ...losses.map((loss) => loss.code),
      ...(options.loweredOutput === undefined ? [] : [loweredWarning]),
    ],
  };
}

/** Another protocol's count of the same request. What generating would lose is not asked about here. */
function prepareCount(call: PreparableCall, candidate: CallCandidate): Prepared {
  const { arrival, options } = call;
  const upstream = translationOf(candidate.ability.protocol.translation?.count);
  const client = translationOf(clientHalfOf(arrival.protocol)?.count);
  const opened = openCarried(call.canonical(), options.seals, originOf(candidate));
  const request = { ...opened.request, model: candidate.upstreamModel, stream: false };
  const { value, losses } = upstream.encodeCountRequest(request, options.factsOf(candidate.upstreamModel));
  if (losses.some((loss) => loss.outcome === 'refused')) throw new RelayError('unsupported_feature');
  return {
    request: upstreamRequestOf(candidate, arrival, {
      target: { operation: 'count-tokens', query: '', stream: false },
      body: [Buffer.from(JSON.stringify(value))],
      forwardsHeaders: false,
      connectTimeoutMs: options.connectTimeoutMs,
    }),
    delivery: 'unary',
    createPipe: () => {
      throw new RelayError('internal');
    },
    translateUnary(body) {
      const tokens = upstream.decodeCount(parseObject(body.toString()) ?? {});
      return tokens === undefined ? undefined : Buffer.from(JSON.stringify(client.encodeCount(tokens)));
    },
    warnings: [],
  };
}

/** Whose reasoning an answer of this candidate holds. */
function originOf(candidate: CallCandidate): Origin {
  const { account, ability, upstreamModel } = candidate;
  const { kind, origin } = account.connection;
  return {
    protocol: ability.protocol.id,
    model: upstreamModel,
    host: kind.provider ?? origin,
    account: account.record.id,
  };
}

function translationOf<Half>(translation: Half | undefined): Half {
  if (translation === undefined) throw new RelayError('internal');
  return translation;
}

function decode(arrival: Arrival): CanonicalRequest {
  const half = translationOf(clientHalfOf(arrival.protocol));
  const body = JSON.parse(arrival.body.toString()) as JsonObject;
  return arrival.target.operation === 'count-tokens' && half.count !== undefined
    ? half.count.decodeCountRequest(body, arrival.target)
    : half.decodeRequest(body, arrival.target);
}
