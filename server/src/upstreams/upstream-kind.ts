import type { Operation, RequestTarget } from '../protocols/wire-protocol.ts';
import type { ProtocolId } from '../protocols/canonical/request.ts';

/** Where and how one request reaches an upstream. */
export interface UpstreamAddress {
  readonly path: string;
  /** Flat list: authentication and the headers the provider demands. */
  readonly headers: readonly string[];
}

export interface ConnectionSettings {
  /** Without trailing slash, e.g. `https://api.anthropic.com`. May carry a path prefix. */
  readonly baseUrl: string;
  readonly credential: string;
}

/** A connectable kind of upstream: 30 to 80 declarative lines in a file of its own plus one line in `registry.ts`. */
export interface UpstreamKind {
  readonly id: string;
  readonly title: string;
  readonly defaultBaseUrl?: string;
  /** Named base URLs of well-known compatible servers. */
  readonly presets: Readonly<Record<string, string>>;
  /** Provider in the model catalogue whose models this kind serves by default. */
  readonly provider?: string;
  /** Protocols spoken for an operation, preferred first; empty when it cannot do it. */
  speaks(operation: Operation): readonly ProtocolId[];
  /** Client headers that reach this upstream in passthrough (lower-case names or `prefix-*`). */
  readonly forwardedHeaders: readonly string[];
  /** Flat list of headers the provider demands, used where the client sent none of that name. */
  readonly requiredHeaders: readonly string[];
  address(
    settings: ConnectionSettings,
    protocol: ProtocolId,
    model: string,
    target: RequestTarget & { readonly stream: boolean },
  ): UpstreamAddress;
  /** The cheapest call that proves credential and reachability, and lists models. */
  readonly listModels: {
    address(settings: ConnectionSettings): UpstreamAddress;
    parse(body: unknown): readonly string[];
  };
}
