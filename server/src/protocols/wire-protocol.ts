import type { RelayError } from '../domain/errors.ts';
import type { RateLimits } from '../domain/rate-limits.ts';
import type { UsageReading } from '../domain/usage.ts';
import type { ModelFacts } from '../domain/catalogue.ts';
import type { Seals } from './canonical/envelope.ts';
import type { StripEnvelopes } from './strip-envelopes.ts';
import type { CanonicalEvent } from './canonical/events.ts';
import type { CanonicalRequest, ClientProtocolId, JsonObject, ProtocolId } from './canonical/request.ts';

/**
 * What is asked of a model. `stored`: to see, cancel or remove what an upstream account keeps of an earlier answer.
 * `compact`: to fold a conversation into something shorter that stands for it.
 */
export type Operation = 'generate' | 'complete' | 'embed' | 'count-tokens' | 'compact' | 'stored';

/** What the address itself says, before the body is read. Gemini names model and mode in the path. */
export interface RequestTarget {
  readonly operation: Operation;
  readonly model?: string;
  readonly stream?: boolean;
  /** Gemini: version segment and verb (`v1beta`, `streamGenerateContent`), needed to rebuild the upstream path. */
  readonly apiVersion?: string;
  readonly verb?: string;
  /** Version of the protocol that a header names, e.g. `2023-06-01`. */
  readonly protocolVersion?: string;
  /** What the path names of things kept upstream. */
  readonly resource?: string;
  /** How it is asked where that is not POST. */
  readonly method?: 'GET' | 'DELETE';
  /** The client wrote for the cloud that carries this protocol, not for its provider's own API. */
  readonly isCloudAddress?: boolean;
  /** Query without credentials, e.g. `alt=sse` or `beta=true`. */
  readonly query: string;
}

/** A replacement of bytes [start, end) of the body; `end === start` inserts. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

/** Something an upstream account keeps between calls, as a request refers to it. */
export interface KeptReference {
  /** As the client knows it. */
  readonly id: string;
  /** Field of the request that names it. */
  readonly param: string;
  /** Byte span of the id in the body, quotes included; absent where the path names it. */
  readonly span?: readonly [start: number, end: number];
}

/** One item of what an account keeps, as the input of a request names it. */
export interface KeptItem {
  readonly id: string;
  /** Byte span of the id in the body, without its quotes. */
  readonly span: readonly [start: number, end: number];
  /** The request does not bring the item itself. */
  readonly isNeeded: boolean;
}

/** How a client is to know what an account keeps. */
export interface KeptNames {
  answer(id: string): string;
  /** Absent where items keep the names they have. */
  readonly item?: (id: string) => string;
}

/** What the relay must know of a request to limit, place and hold it, found without building objects from the body. */
export interface Envelope {
  readonly operation: Operation;
  readonly model: string;
  readonly stream: boolean;
  readonly maxOutputTokens?: number;
  /** Upper estimate of prompt tokens from sizes; images and documents by their own formula. */
  readonly inputEstimate: number;
  /** Parallel answers asked for (`n`, `candidateCount`); output estimates multiply by it. */
  readonly choices: number;
  readonly features: ReadonlySet<'tools' | 'image' | 'document' | 'audio' | 'schema' | 'reasoning'>;
  /** A caller's own hint at which conversation this is; opaque, hashed before use. */
  readonly sessionHint?: string;
  /** Byte span of the value of the top-level `model`, quotes included; absent where the path names the model. */
  readonly modelSpan?: readonly [start: number, end: number];
  /** The client asked for usage in the stream, or its protocol always sends it. */
  readonly wantsStreamUsage: boolean;
  /** Splices every passthrough of this body needs (e.g. asking for stream usage), besides the model name. */
  readonly passthroughSplices: readonly Splice[];
  /** Values that repeat the model as `models/<name>` although the path names it (Gemini embeddings); quotes included. */
  readonly modelEchoes?: readonly (readonly [start: number, end: number])[];
  /** The body is not in its protocol's own form: it is translated even towards an upstream that speaks the protocol. */
  readonly isOutOfLine?: boolean;
  /** How this call's stream is written where it is not the protocol's usual way (Gemini without `alt=sse`). */
  readonly streamForm?: StreamForm;
  /** What the call refers to that one account alone has. */
  readonly kept?: KeptReference;
  readonly keptItems?: readonly KeptItem[];
  /** The account keeps the answer, so that its id is of use later. */
  readonly isAnswerKept?: boolean;
  /** The answer goes on being made after the call is over, and its usage is told to nobody who asked for it. */
  readonly isBackground?: boolean;
}

export interface StreamForm {
  /** Keep-alive bytes that every client skips. */
  readonly keepAlive: Buffer;
  readonly streamContentType: string;
}

/** Where a stream stands. Delivery may not switch candidates after `generating`. */
export type StreamPhase = 'opening' | 'generating' | 'terminal' | 'failed';

/**
 * One stream, upstream bytes in, client bytes out; passthrough and translation alike. Never throws on bad input:
 * it turns `failed` instead. Keeps at most 1 MiB of unfinished frame.
 */
export interface StreamPipe {
  /**
   * Feed one read (valid only during the call). Returns the bytes the client may have now; possibly `view` itself.
   * What it returns while `opening` is for the relay to hold back as long as another candidate may take over.
   */
  push(view: Buffer): Buffer;
  /** The upstream closed in order. Turns `terminal`, or `failed` when the answer is not complete. Returns last bytes. */
  finish(): Buffer;
  readonly phase: StreamPhase;
  /** Set when `failed`: what the upstream said in-stream, or `upstream_protocol` / `upstream_empty`. */
  readonly failure: RelayError | undefined;
  /**
   * Bytes withheld since the terminal frame began; written once the settlement is durable. When `failed` after
   * `generating`: the upstream's own error frame if the client may see it, else empty, and the end is ours to write.
   */
  terminalBytes(): Buffer;
  /** Best knowledge of usage so far. Estimated from delivered output when the upstream reported none. */
  reading(inputEstimate: number): UsageReading;
  /** The relay itself ended the answer: what the upstream still sends is for nobody, so it is cancelled. */
  readonly isCut?: boolean;
  /** Model name the upstream says it served. */
  servedModel(): string | undefined;
  /** Our own error as the end of this very stream, where it depends on what was sent; else the protocol's `encodeStreamError`. */
  encodeError?(error: RelayError, callId: string): Buffer;
  /** Id at the upstream of an answer that is made to its end there even if this stream did not reach it. */
  goesOnAs?(): string | undefined;
}

/** A complete unary answer, read once. */
export interface UnaryReading {
  /** True when there is neither content nor output: an upstream fault, so the next candidate is tried. */
  readonly isEmpty: boolean;
  readonly reading: UsageReading;
  readonly servedModel?: string;
  /** Set when a 200 body holds an error or is not the protocol. */
  readonly failure?: RelayError;
  /** Id at the upstream of an answer that is still being made there. */
  readonly goesOnAs?: string;
}

/** How an answer stands that went on being made after it was told of. */
export interface LaterReading {
  readonly isOver: boolean;
  readonly isFailed: boolean;
  /** As reported; where nothing is, of the output that can be seen. */
  readonly reading: UsageReading;
  readonly servedModel?: string;
}

/** What an error answer of an upstream means; made once per failed attempt. */
export interface UpstreamFailure {
  readonly error: RelayError;
  /** The upstream's own body in the protocol of this half, for `stop` failures delivered in passthrough. */
  readonly body?: Buffer;
}

/** An HTTP answer of ours, in the client's protocol. */
export interface WireAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
}

/** A field that could not be carried over, named by a short stable code such as `top_k_dropped`. */
export interface Loss {
  readonly code: string;
  readonly outcome: 'weakened' | 'refused';
}

export interface Encoded<Value> {
  readonly value: Value;
  readonly losses: readonly Loss[];
}

/** Stateful decoder of one upstream stream: one JSON payload per frame in, events out. */
export interface EventDecoder {
  push(eventName: string | undefined, data: string): readonly CanonicalEvent[];
  /** The stream ended; events that were waiting, then `stop`/`end` or an `error` when it was cut. */
  finish(): readonly CanonicalEvent[];
}

/** Stateful encoder of one client stream. */
export interface EventEncoder {
  /** Wire bytes of one event, as text; empty when the protocol has nothing to say for it. */
  push(event: CanonicalEvent): string;
  /** Our own error as the end of this very stream, where it depends on what was sent. */
  readonly encodeError?: (error: RelayError, callId: string) => Buffer;
}

/** The pure functions that let a protocol's clients be answered by the models of another. */
export interface ClientTranslation {
  decodeRequest(body: JsonObject, target: RequestTarget): CanonicalRequest;
  createEncoder(request: CanonicalRequest): EventEncoder;
  /** Folds a finished list of events into the protocol's unary body. */
  encodeUnary(events: readonly CanonicalEvent[], request: CanonicalRequest): JsonObject;
  /** Where some requests are answered with what a model said in a form of our own, which clients carry for us. */
  wrapAnswers?(upstream: UpstreamTranslation, request: CanonicalRequest, seals: Seals): UpstreamTranslation;
  /** Where clients can ask for the tokens of a request. */
  readonly count?: ClientCount;
}

/** The pure functions of the other half. `request.model` is the upstream model; all three are given the same request. */
export interface UpstreamTranslation {
  encodeRequest(request: CanonicalRequest, facts: ModelFacts | undefined): Encoded<JsonObject>;
  createDecoder(request: CanonicalRequest): EventDecoder;
  decodeUnary(body: JsonObject, request: CanonicalRequest): readonly CanonicalEvent[];
  /** The upstream gives several answers to one request. */
  readonly takesChoices?: boolean;
  /** Where the upstream counts the tokens of a request. */
  readonly count?: UpstreamCount;
}

/** Both halves. */
export interface Translation extends ClientTranslation, UpstreamTranslation {
  readonly count?: CountTranslation;
}

/** How clients ask for the tokens of a request, and are told. */
export interface ClientCount {
  decodeCountRequest(body: JsonObject, target: RequestTarget): CanonicalRequest;
  encodeCount(tokens: number): JsonObject;
}

/** How an upstream is asked for the tokens of a request, and tells them. */
export interface UpstreamCount {
  encodeCountRequest(request: CanonicalRequest, facts: ModelFacts | undefined): Encoded<JsonObject>;
  /** `undefined` when the answer is not a count. */
  decodeCount(body: JsonObject): number | undefined;
}

export interface CountTranslation extends ClientCount, UpstreamCount {}

/** What is needed of a protocol that is only met upstream. */
export interface UpstreamProtocol {
  readonly id: ProtocolId;
  /** Classifies an error answer of an upstream that speaks this protocol. `headers` is a flat lower-case list. */
  readFailure(status: number, headers: readonly string[], body: Buffer): UpstreamFailure;
  readonly translation?: UpstreamTranslation;
}

/** One wire protocol, both halves. Properties, not names, tell the rest of the system how it behaves. */
export interface WireProtocol extends StreamForm, UpstreamProtocol {
  readonly id: ClientProtocolId;
  readonly operations: readonly Operation[];
  /** Reads a request. Throws `RelayError` (`malformed_body`, `invalid_request`). */
  inspect(body: Buffer, target: RequestTarget): Envelope;
  /** Splices that lower the output limit of a body, where the operation has one. */
  limitOutput?(body: Buffer, tokens: number): readonly Splice[];
  /** Cuts out of a body what clients carry for upstreams of other protocols. */
  readonly stripEnvelopes?: StripEnvelopes;
  /** An answer's bytes with the ids of what the account keeps as the client is to know them. Whole frames, or a body. */
  rewriteKeptIds?(bytes: Buffer, names: KeptNames): Buffer;
  /** Pipe for passthrough of one stream. */
  createPassthrough(envelope: Envelope): StreamPipe;
  /** Reads usage off a unary answer of this protocol. */
  readUnary(body: Buffer, envelope: Envelope): UnaryReading;
  /** Reads what is kept of an answer that goes on after its call; `undefined` for anything else. */
  readLater?(body: Buffer, envelope: Envelope): LaterReading | undefined;
  /** Our own limits of the caller as headers, flat; absent where clients of the protocol read none. */
  readonly limitHeaders?: (limits: RateLimits) => readonly string[];
  /** Our own error as this protocol says it. */
  encodeError(error: RelayError, callId: string): WireAnswer;
  /** Our own error inside a stream that has begun, followed by the protocol-correct end. */
  encodeStreamError(error: RelayError, callId: string): Buffer;
  readonly translation?: Translation;
  /** Where clients of the protocol can be answered by others, but no upstream is spoken to in it for that. */
  readonly clientTranslation?: ClientTranslation;
}

/** How clients of a protocol are answered by the models of another, if they can be. */
export function clientHalfOf(protocol: WireProtocol): ClientTranslation | undefined {
  return protocol.clientTranslation ?? protocol.translation;
}
