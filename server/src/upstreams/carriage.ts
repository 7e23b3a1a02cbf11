import type { RelayError } from '../domain/errors.ts';
import type { LossList } from '../protocols/canonical/losses.ts';
import type { RequestTarget, UpstreamFailure } from '../protocols/wire-protocol.ts';

/** What a carrier may look at to wrap a body. */
export interface CarriedRequest {
  readonly model: string;
  /** The name by which the catalogue knows it, where `model` is one that the operator made up. */
  readonly catalogueModel: string;
  readonly target: RequestTarget & { readonly stream: boolean };
  /** The body was written by the relay's own encoder for this upstream. */
  readonly isTranslated: boolean;
  /** Allow-listed client headers; in translation there are none. */
  header(name: string): string | undefined;
  /** Takes the names of what the carrier does not carry. */
  readonly losses: LossList;
}

/** Turns a carrier's own stream framing into the frames of the protocol. Owns what is unfinished, within a bound. */
export interface StreamUnwrapper {
  /** `view` is only valid during this call, and so is what is returned. Sets `failure` instead of throwing. */
  push(view: Buffer): Buffer;
  readonly failure: RelayError | undefined;
}

/**
 * How a carrier (a cloud that sells a provider's models) wraps a wire protocol: the body without its model, frames of its
 * own, errors of its own. The protocol's codecs never see it.
 */
export interface Carriage {
  /** The body as the carrier takes it. `body` is one of the protocol, the upstream model already in it. */
  wrap?(body: Buffer, request: CarriedRequest): Buffer;
  /** Headers in the carrier's own spelling, e.g. those of the client's betas that it knows. */
  headers?(request: CarriedRequest): readonly string[];
  /** A whole answer of the carrier as one of the protocol. */
  unwrap?(body: Buffer, target: RequestTarget): Buffer;
  /** Absent: the carrier streams the protocol's own frames. */
  readonly stream?: {
    /** What the carrier calls its stream, and is asked for in `accept`. */
    readonly contentType: string;
    createUnwrapper(): StreamUnwrapper;
  };
  /** Absent: errors are the protocol's own. Never gives `body`: it is not the client's protocol. */
  readFailure?(status: number, headers: readonly string[], body: Buffer): UpstreamFailure;
}
