/**
 * The canonical request: what every wire protocol's `decode-request` produces and `encode-request` consumes.
 * Order is meaning: reasoning, text and tool calls of one assistant turn stay in one list.
 */
import type { ModelAbilities } from '../../domain/model-abilities.ts';

export type ClientProtocolId =
  | 'anthropic-messages'
  | 'openai-chat'
  | 'openai-responses'
  | 'openai-completions'
  | 'openai-embeddings'
  | 'gemini';
/** Every wire; some are spoken by upstreams alone. */
export type ProtocolId = ClientProtocolId | 'bedrock-converse';

import type { HostedStep } from './hosted.ts';
import type { LossCode } from './losses.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

type Role = 'system' | 'developer' | 'user' | 'assistant' | 'tool';
export type EffortLevel = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';
export type CacheTtl = '5m' | '30m' | '1h' | '12h' | '24h';

/** Who produced an opaque value; it is re-emitted verbatim to this origin and to no other. */
export interface Origin {
  readonly protocol: ProtocolId;
  readonly model: string;
  /** Whose service it was, and which account's; known where an envelope of ours tells. */
  readonly host?: string;
  readonly account?: string;
}

/** A value only its origin can read: a signature, encrypted reasoning, a thought signature. */
export interface Opaque {
  readonly kind: 'signature' | 'redacted' | 'encrypted' | 'thought-signature';
  readonly value: string;
  readonly origin: Origin;
}

export type MediaSource =
  | { readonly type: 'base64'; readonly data: string }
  | { readonly type: 'url'; readonly url: string }
  | { readonly type: 'file-id'; readonly fileId: string; readonly owner: ProtocolId }
  | { readonly type: 'text'; readonly text: string };

export interface CacheMark {
  readonly ttl?: CacheTtl;
}

/** Fields of a block or tool that only the origin protocol has, untouched; ignored by any other. */
interface OriginFields {
  readonly extra?: JsonObject;
}

export interface Citation {
  readonly url?: string;
  readonly title?: string;
  readonly citedText?: string;
  /** Span of the text part in UTF-16 units, where the source gave one. */
  readonly start?: number;
  readonly end?: number;
  readonly raw: Json;
}

export interface TextPart extends OriginFields {
  readonly type: 'text';
  readonly text: string;
  readonly citations?: readonly Citation[];
  readonly cache?: CacheMark;
}

export interface MediaPart extends OriginFields {
  readonly type: 'image' | 'document' | 'audio' | 'video';
  readonly source: MediaSource;
  readonly mimeType?: string;
  readonly filename?: string;
  readonly detail?: string;
  readonly cache?: CacheMark;
}

export interface ReasoningPart extends OriginFields {
  readonly type: 'reasoning';
  readonly text: string;
  readonly opaque?: Opaque;
  /** Who wrote the text, where the wire tells; it is replayed to that protocol and to no other. */
  readonly origin?: Origin;
  /** An envelope of ours as the client carries it, still closed. */
  readonly envelope?: string;
}

/** `argumentsText` is the truth; it may not be valid JSON. */
export interface ToolCallPart extends OriginFields {
  readonly type: 'tool-call';
  readonly id: string;
  readonly name: string;
  readonly argumentsText: string;
  readonly opaque?: Opaque;
  /** An envelope of ours as the client carries it, still closed. */
  readonly envelope?: string;
  readonly cache?: CacheMark;
}

export interface ToolResultPart extends OriginFields {
  readonly type: 'tool-result';
  readonly callId: string;
  readonly name?: string;
  readonly parts: readonly (TextPart | MediaPart | UnknownPart)[];
  readonly isError: boolean;
  readonly cache?: CacheMark;
}

interface RefusalPart {
  readonly type: 'refusal';
  readonly text: string;
}

/** A block this version does not know; kept for its own protocol, a named loss for any other. */
export interface UnknownPart {
  readonly type: 'unknown';
  readonly protocol: ProtocolId;
  readonly data: Json;
  /** What the block says in plain words, where that is enough for a protocol that does not know it. */
  readonly asText?: string;
  /** An envelope of ours that holds the words of the block, still closed. */
  readonly envelope?: string;
  /** In an answer: what the provider's own tool did, in words of no protocol. */
  readonly steps?: readonly HostedStep[];
}

export type Part =
  | TextPart
  | MediaPart
  | ReasoningPart
  | ToolCallPart
  | ToolResultPart
  | RefusalPart
  | UnknownPart;

export interface Turn {
  readonly role: Role;
  readonly parts: readonly Part[];
  readonly name?: string;
}

export interface FunctionTool extends OriginFields {
  readonly type: 'function';
  readonly name: string;
  readonly description?: string;
  readonly schema?: JsonObject;
  readonly strict?: boolean;
  readonly cache?: CacheMark;
}

/** What a tool that a provider runs is able to do, where other providers have one for the same. */
export type HostedAbility = 'web-search' | 'web-fetch' | 'code-execution';

/** Where a search may look. */
export interface SearchScope {
  readonly allowedDomains?: readonly string[];
  readonly blockedDomains?: readonly string[];
  /** Approximate place of the user: city, country, region, timezone. */
  readonly location?: JsonObject;
}

/** A tool the provider runs or types itself; its `config` is meaningful to `protocol` only. */
export interface HostedTool {
  readonly type: 'hosted';
  readonly name: string;
  readonly protocol: ProtocolId;
  readonly config: JsonObject;
  /** The provider types the tool but the client runs it: dropping it would break the client. */
  readonly isClientRun?: boolean;
  readonly ability?: HostedAbility;
  /** What is lost where the provider has no equal, if that is not `hosted_tool_dropped`. */
  readonly lossElsewhere?: 'nothing' | LossCode;
  readonly scope?: SearchScope;
  /** How much of what a search finds the model is to read: `low`, `medium`, `high`. */
  readonly contextSize?: string;
}

export type Tool = FunctionTool | HostedTool;

export type ToolChoice =
  | { readonly type: 'auto' | 'none' | 'required' }
  | { readonly type: 'tool'; readonly name: string };

export interface Sampling {
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly seed?: number;
  readonly presencePenalty?: number;
  readonly frequencyPenalty?: number;
  readonly logitBias?: JsonObject;
  readonly choices?: number;
  readonly logprobs?: boolean;
  readonly topLogprobs?: number;
}

export interface Reasoning {
  readonly effort?: EffortLevel;
  /** Token budget; `auto` lets the model decide. */
  readonly budget?: number | 'auto';
  readonly style?: 'adaptive' | 'budget' | 'between-tools' | 'off';
  readonly show?: 'none' | 'summary' | 'full';
}

export interface OutputFormat {
  readonly type: 'text' | 'json' | 'schema';
  readonly name?: string;
  readonly description?: string;
  readonly schema?: JsonObject;
  readonly strict?: boolean;
}

export interface CanonicalRequest {
  readonly origin: ProtocolId;
  /** Version of that protocol, where the client names one. */
  readonly version?: string;
  readonly model: string;
  readonly stream: boolean;
  /** Leading system and developer text, in order. */
  readonly system: readonly TextPart[];
  readonly turns: readonly Turn[];
  readonly tools: readonly Tool[];
  readonly toolChoice?: ToolChoice;
  readonly parallelToolCalls?: boolean;
  readonly maxOutputTokens?: number;
  readonly stop: readonly string[];
  readonly sampling: Sampling;
  readonly reasoning?: Reasoning;
  readonly output?: OutputFormat;
  readonly verbosity?: string;
  readonly cacheKey?: string;
  readonly endUser?: string;
  readonly metadata?: JsonObject;
  readonly serviceTier?: string;
  /** The client wants usage in the stream (Chat Completions asks; the others always get it). */
  readonly includeUsage: boolean;
  /** Top-level fields only the origin protocol has, untouched; a loss elsewhere. */
  readonly extra: JsonObject;
  /** What `model` accepts at the upstream, and the dialect spoken there: known to the relay, not to the client. */
  readonly accepts?: ModelAbilities;
  readonly dialect?: string;
}
