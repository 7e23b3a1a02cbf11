import type { Usage } from '../../domain/usage.ts';
import type { HostedStep } from './hosted.ts';
import type { Citation, Json, Opaque, ProtocolId } from './request.ts';

/**
 * The canonical answer: a stream of events. Blocks are strictly start, delta*, end and carry their own index; at most
 * one text or reasoning block is open at a time, tool calls may overlap. A unary body is decoded into the same events.
 */
export type StopReason =
  | 'end'
  | 'length'
  | 'context-full'
  | 'stop-sequence'
  | 'tool-calls'
  | 'refusal'
  | 'filter'
  | 'pause'
  | 'malformed'
  | 'other';

export interface UpstreamErrorEvent {
  /** Where the failure stands in the error catalogue. */
  readonly code:
    | 'upstream_overloaded'
    | 'upstream_failed'
    | 'upstream_rate_limited'
    | 'upstream_rejected_input'
    | 'upstream_refused_content'
    | 'upstream_protocol';
  /** The upstream's own sentence; shown to the organization that made the call, never logged. */
  readonly message: string;
}

/** A token of a text and how likely it was, with the likeliest alternatives where they were asked for. */
export interface TokenLogprob {
  readonly token: string;
  readonly logprob: number;
  /** UTF-8 bytes, where the upstream tells them. */
  readonly bytes?: readonly number[];
  readonly top: readonly Omit<TokenLogprob, 'top'>[];
}

/** `choice` tells which of several answers an event belongs to; absent is the first, and what all have in common. */
export type CanonicalEvent = AnswerEvent & { readonly choice?: number };

type AnswerEvent =
  | {
      readonly type: 'start';
      readonly id: string;
      readonly model: string;
      /** Whose answer this is; decides what may be told of its reasoning. */
      readonly protocol?: ProtocolId;
      readonly createdAtSeconds?: number;
    }
  | { readonly type: 'text-start'; readonly index: number }
  | {
      readonly type: 'text-delta';
      readonly index: number;
      readonly text: string;
      /** Of the tokens of this text, where the client asked for them. */
      readonly logprobs?: readonly TokenLogprob[];
    }
  | { readonly type: 'text-citation'; readonly index: number; readonly citation: Citation }
  | { readonly type: 'text-end'; readonly index: number }
  | { readonly type: 'reasoning-start'; readonly index: number }
  | { readonly type: 'reasoning-delta'; readonly index: number; readonly text: string }
  | {
      readonly type: 'reasoning-end';
      readonly index: number;
      readonly opaque?: Opaque;
      /** For a client of another protocol: what it carries so that this reasoning can go back to its origin. */
      readonly envelope?: string;
    }
  | { readonly type: 'refusal-delta'; readonly index: number; readonly text: string }
  | {
      readonly type: 'tool-call-start';
      readonly index: number;
      readonly id: string;
      readonly name: string;
      /** A signature that is known before the call: wires without room on the call tell it in front. */
      readonly opaque?: Opaque;
      readonly envelope?: string;
    }
  | { readonly type: 'tool-call-delta'; readonly index: number; readonly argumentsText: string }
  | {
      readonly type: 'tool-call-end';
      readonly index: number;
      readonly opaque?: Opaque;
      readonly envelope?: string;
    }
  | {
      readonly type: 'unknown-block';
      readonly index: number;
      readonly protocol: ProtocolId;
      /** The block as its own protocol has it; `null` where that tells it elsewhere. */
      readonly data: Json;
      /** What the provider's own tool did, in words of no protocol. */
      readonly steps?: readonly HostedStep[];
    }
  | { readonly type: 'usage'; readonly usage: Usage }
  | { readonly type: 'stop'; readonly reason: StopReason; readonly sequence?: string }
  | { readonly type: 'ping' }
  | { readonly type: 'error'; readonly error: UpstreamErrorEvent }
  | { readonly type: 'end' };
