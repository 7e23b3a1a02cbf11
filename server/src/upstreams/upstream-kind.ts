import type { ReadWhole } from '../platform/exchange-whole.ts';
import type { UpstreamRequest } from '../platform/upstream-client.ts';
import type { ProtocolId } from '../protocols/canonical/request.ts';
import type { Operation, RequestTarget } from '../protocols/wire-protocol.ts';
import type { Carriage } from './carriage.ts';

/** Where and how one request reaches an upstream. */
export interface UpstreamAddress {
  readonly path: string;
  /** Flat list: authentication and the headers the provider demands. */
  readonly headers: readonly string[];
  /** `scheme://host:port` where it is not the base URL's; then the base URL's path does not apply either. */
  readonly origin?: string;
}

export interface ConnectionSettings {
  /** Without trailing slash, e.g. `https://api.anthropic.com`. May carry a path prefix. */
  readonly baseUrl: string;
  readonly credential: string;
  /** Values of the kind's own options, checked against `UpstreamKind.options`. */
  readonly options: Readonly<Record<string, string>>;
  /** Name of the kind's preset the account was connected with. */
  readonly preset?: string;
}

/** A setting that only some kinds have, such as the region of a cloud. Never a secret. */
export interface AccountOption {
  readonly name: string;
  readonly meaning: string;
  readonly isRequired: boolean;
  /** Values that are taken; absent where any is. */
  readonly values?: readonly string[];
  /** Several values may be given, separated by commas. */
  readonly isList?: true;
}

/** Authorizes requests of one account where a fixed header does not: signatures over the request, tokens that expire. */
export interface Authorizer {
  /**
   * Headers to add to a finished request; a promise only while a token is being fetched.
   * Throws or rejects with `RelayError` (`upstream_auth`, `upstream_connection`, `upstream_failed`).
   */
  headersFor(request: UpstreamRequest): readonly string[] | Promise<readonly string[]>;
  /**
   * The upstream refused a request (HTTP 401) that carried these headers: others are given from now on, and the request is
   * worth one more try. Absent where nothing is ever renewed.
   */
  renew?(refused: readonly string[]): void;
}

export interface AuthorizerPorts {
  /** Epoch ms. */
  readonly now: () => number;
  /** One exchange read whole, through the account's own proxy and the address policy. */
  readonly readWhole: ReadWhole;
  /** The same towards the one address at which a cloud's machines are given tokens, and no other; never through a proxy. */
  readonly readMachineIdentity: ReadWhole;
}

/** A connectable kind of upstream: 30 to 80 declarative lines in a file of its own plus one line in `registry.ts`. */
export interface UpstreamKind {
  readonly id: string;
  readonly title: string;
  readonly defaultBaseUrl?: string;
  /** Default base URL where it follows from the options, e.g. from a region. */
  baseUrlOf?(options: Readonly<Record<string, string>>): string;
  readonly options: readonly AccountOption[];
  readonly needsCredential: boolean;
  /** Named base URLs of well-known compatible servers. */
  readonly presets: Readonly<Record<string, string>>;
  /** Provider in the model catalogue whose models this kind serves by default. */
  readonly provider?: string;
  /** Upstream models are deployments that the operator named; what they are the offered model tells. */
  readonly hasOwnNames?: true;
  /** Other names under which the catalogue may know a model of this kind, likeliest first. */
  catalogueNames?(model: string): readonly string[];
  /** The surcharge of the catalogue that a model of this kind has under this name. */
  surchargeOf?(model: string): string | undefined;
  /** Protocols spoken for an operation and an upstream model, preferred first; empty when it cannot do it. */
  speaks(operation: Operation, model: string, settings: ConnectionSettings): readonly ProtocolId[];
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
  /** How a protocol travels here where it is not sent as it is. */
  carriage?(protocol: ProtocolId, settings: ConnectionSettings): Carriage | undefined;
  /** The dialect of Chat Completions that the account's server speaks; absent is the model provider's own. */
  dialectOf?(settings: ConnectionSettings): string | undefined;
  /** One per account, where `address` cannot give the authentication. */
  createAuthorizer?(settings: ConnectionSettings, ports: AuthorizerPorts): Authorizer;
  /** The cheapest call that proves credential and reachability, and lists models. */
  readonly listModels: {
    address(settings: ConnectionSettings): UpstreamAddress;
    parse(body: unknown): readonly string[];
  };
}

/** The base URL an account is reached at, without trailing slash; `undefined` when nothing names one. */
export function baseUrlOf(
  kind: UpstreamKind,
  account: {
    readonly baseUrl?: string | undefined;
    readonly preset?: string | undefined;
    readonly options: Readonly<Record<string, string>>;
  },
): string | undefined {
  const preset = account.preset === undefined ? undefined : kind.presets[account.preset];
  const url = account.baseUrl ?? preset ?? kind.baseUrlOf?.(account.options) ?? kind.defaultBaseUrl;
  return url?.replace(/\/+$/, '');
}
