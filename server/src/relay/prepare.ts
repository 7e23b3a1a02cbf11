import { RelayError } from '../domain/errors.ts';
import type { ModelFacts } from '../domain/catalogue.ts';
import { applySplices } from '../platform/json-scan.ts';
import type { UpstreamRequest } from '../platform/upstream-client.ts';
import { openCarried, sealingAnswers } from '../protocols/canonical/carry-reasoning.ts';
import type { Seals } from '../protocols/canonical/envelope.ts';
import { fitMedia } from '../protocols/canonical/fit-media.ts';
import { createLossList } from '../protocols/canonical/losses.ts';
import { defined, parseObject } from '../protocols/canonical/read-json.ts';
import type { CanonicalRequest, JsonObject, Origin } from '../protocols/canonical/request.ts';
import { createFoldPipe, createTranslationPipe } from '../protocols/translation-pipe.ts';
import {
  clientHalfOf,
  type Envelope,
  type KeptNames,
  type Loss,
  type Splice,
  type StreamPipe,
} from '../protocols/wire-protocol.ts';
import type { Arrival } from './arrival.ts';
import type { CallCandidate } from './connection.ts';
import type { KeptIds, KeptPlace } from './kept-ids.ts';
import { reachedModel } from './reached-model.ts';
import { createRewritingPipe } from './rewriting-pipe.ts';
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
  /** What the client is to see of a unary answer or an error of the upstream in place of its bytes. */
  readonly rewriteAnswer?: (body: Buffer) => Buffer;
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
  readonly keptIds: KeptIds;
  /** Other accounts serve the model too, so that what one of them keeps must say which. */
  readonly hasOtherKeepers: boolean;
  /** What the call refers to that one account keeps. */
  readonly kept?: KeptPlace;
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
  const splices: Splice[] = [];
  const carried = createLossList();
  if (envelope.modelSpan !== undefined && candidate.upstreamModel !== envelope.model) {
    const [start, end] = envelope.modelSpan;
    splices.push({ start, end, bytes: Buffer.from(JSON.stringify(candidate.upstreamModel)) });
  }
  if (candidate.upstreamModel !== envelope.model) {
    for (const [start, end] of envelope.modelEchoes ?? []) {
      splices.push({ start, end, bytes: Buffer.from(JSON.stringify(`models/${candidate.upstreamModel}`)) });
    }
  }
  const { loweredOutput, kept, seals } = call.options;
  if (kept !== undefined && envelope.kept?.span !== undefined) {
    const [start, end] = envelope.kept.span;
    splices.push({ start, end, bytes: Buffer.from(JSON.stringify(kept.upstreamId)) });
  }
  const stripped = arrival.protocol.stripEnvelopes?.(arrival.body, seals);
  const cut = stripped?.splices ?? [];
  const isCut = ({ start, end }: Splice): boolean =>
    cut.some((other) => start >= other.start && end <= other.end);
  splices.push(...envelope.passthroughSplices.filter((splice) => !isCut(splice)), ...cut);
  if (loweredOutput !== undefined) {
    splices.push(...(arrival.protocol.limitOutput?.(arrival.body, loweredOutput) ?? []));
  }
  const request = upstreamRequestOf(candidate, arrival, {
    target: {
      ...arrival.target,
      ...(kept === undefined
        ? { stream: envelope.stream }
        : { stream: envelope.stream, resource: kept.upstreamId }),
    },
    body: splices.length === 0 ? [arrival.body] : applySplices(arrival.body, splices),
    forwardsHeaders: true,
    connectTimeoutMs: call.options.connectTimeoutMs,
    losses: carried,
  });
  refuseLosses(carried.list(), call, candidate);
  const rewriteAnswer = keptRewriter(call, candidate);
  const createPipe = (): StreamPipe => arrival.protocol.createPassthrough(envelope);
  return {
    request,
    delivery: envelope.stream ? 'stream' : 'unary',
    createPipe:
      rewriteAnswer === undefined ? createPipe : () => createRewritingPipe(createPipe(), rewriteAnswer),
    warnings: [
      ...(stripped?.losses ?? []),
      ...carried.list().map((loss) => loss.code),
      ...(loweredOutput === undefined ? [] : [loweredWarning]),
    ],
    ...defined({ rewriteAnswer }),
  };
}

/** Sentences of the upstream repeat the id it was asked for. */
function withoutUpstreamId(bytes: Buffer, kept: KeptPlace | undefined, envelope: Envelope): Buffer {
  if (kept === undefined || envelope.kept === undefined || !bytes.includes(kept.upstreamId)) return bytes;
  return Buffer.from(bytes.toString('latin1').replaceAll(kept.upstreamId, envelope.kept.id), 'latin1');
}

/** Ids of what the account keeps say to the client, and to nobody else, which account that is. */
function keptRewriter(
  { arrival, envelope, options }: PreparableCall,
  candidate: CallCandidate,
): Prepared['rewriteAnswer'] {
  const { protocol } = arrival;
  if (envelope.isAnswerKept !== true && options.kept === undefined) return undefined;
  const accountId = candidate.account.record.id;
  const { kept, keptIds } = options;
  const items = new Map<string, string>();
  const item = (upstreamId: string): string => {
    const known = items.get(upstreamId) ?? keptIds.itemToClient(upstreamId, accountId);
    items.set(upstreamId, known);
    return known;
  };
  const names: KeptNames = {
    answer: (upstreamId) =>
      upstreamId === kept?.upstreamId && envelope.kept !== undefined
        ? envelope.kept.id
        : keptIds.toClient({ accountId, model: envelope.model, upstreamId }),
    ...(options.hasOtherKeepers ? { item } : {}),
  };
  return (bytes) => withoutUpstreamId(protocol.rewriteKeptIds?.(bytes, names) ?? bytes, kept, envelope);
}

/** Another protocol: decode once, encode for this upstream, always stream from it. Losses are decided here. */
function prepareTranslation(call: PreparableCall, candidate: CallCandidate): Prepared {
  const { arrival, envelope, options } = call;
  const upstreamHalf = translationOf(candidate.ability.protocol.translation);
  const clientHalf = translationOf(clientHalfOf(arrival.protocol));
  const origin = originOf(candidate);
  const opened = openCarried(call.canonical(), options.seals, origin);
  const facts = options.factsOf(candidate.ability.catalogueModel);
  const reached = reachedModel(candidate, facts);
  const fitted = fitMedia({ ...opened.request, ...reached });
  const request: CanonicalRequest = {
    ...fitted.value,
    model: candidate.upstreamModel,
    stream: true,
    includeUsage: true,
    ...(options.loweredOutput === undefined ? {} : { maxOutputTokens: options.loweredOutput }),
  };
  const encoded = upstreamHalf.encodeRequest(request, facts);
  const { value } = encoded;
  const losses = [...opened.losses, ...fitted.losses, ...encoded.losses];
  refuseLosses(losses, call, candidate);
  const sealing = sealingAnswers(upstreamHalf, { seals: options.seals, client: arrival.protocol.id, origin });
  const half = {
    upstream: clientHalf.wrapAnswers?.(sealing, request, options.seals) ?? sealing,
    client: clientHalf,
    request: { ...call.canonical(), ...reached, model: envelope.model },
    upstreamModel: candidate.upstreamModel,
    createdAtSeconds: Math.floor(arrival.receivedAt / 1_000),
    answerId: arrival.callId,
    inputEstimate: envelope.inputEstimate,
  };
  const carried = createLossList();
  const sent = upstreamRequestOf(candidate, arrival, {
    target: { operation: 'generate', query: '', stream: true },
    body: [Buffer.from(JSON.stringify(value))],
    forwardsHeaders: false,
    connectTimeoutMs: options.connectTimeoutMs,
    losses: carried,
  });
  refuseLosses(carried.list(), call, candidate);
  return {
    request: sent,
    delivery: envelope.stream ? 'stream' : 'fold',
    createPipe: () => (envelope.stream ? createTranslationPipe(half) : createFoldPipe(half)),
    warnings: [
      ...[...losses, ...carried.list()].map((loss) => loss.code),
      ...(options.loweredOutput === undefined ? [] : [loweredWarning]),
    ],
  };
}

/** Throws where something may not be lost. */
function refuseLosses(losses: readonly Loss[], { options }: PreparableCall, candidate: CallCandidate): void {
  const refused = losses.filter((loss) => loss.outcome === 'refused' || options.isStrict);
  if (refused.length === 0) return;
  const codes = refused.map((loss) => loss.code).join(', ');
  const isRefusal = refused.some((loss) => loss.outcome === 'refused');
  throw new RelayError(isRefusal ? 'unsupported_feature' : 'strict_loss', {
    message: `"${candidate.upstreamModel}" is reached on a way that cannot carry: ${codes}. Leave it out, or use a model that takes it.`,
  });
}

/** Another protocol's count of the same request. What generating would lose is not asked about here. */
function prepareCount(call: PreparableCall, candidate: CallCandidate): Prepared {
  const { arrival, options } = call;
  const upstream = translationOf(candidate.ability.protocol.translation?.count);
  const client = translationOf(clientHalfOf(arrival.protocol)?.count);
  const opened = openCarried(call.canonical(), options.seals, originOf(candidate));
  const facts = options.factsOf(candidate.ability.catalogueModel);
  const reached = reachedModel(candidate, facts);
  const request = { ...opened.request, ...reached, model: candidate.upstreamModel, stream: false };
  const { value, losses } = upstream.encodeCountRequest(request, facts);
  if (losses.some((loss) => loss.outcome === 'refused')) throw new RelayError('unsupported_feature');
  return {
    request: upstreamRequestOf(candidate, arrival, {
      target: { operation: 'count-tokens', query: '', stream: false },
      body: [Buffer.from(JSON.stringify(value))],
      forwardsHeaders: false,
      connectTimeoutMs: options.connectTimeoutMs,
      losses: createLossList(),
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
