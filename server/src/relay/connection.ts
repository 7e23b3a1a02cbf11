import type { PriceVersion } from '../domain/catalogue.ts';
import type { UpstreamProtocol } from '../protocols/wire-protocol.ts';
import type { Candidate } from '../routing/plan.ts';
import type { Authorizer, ConnectionSettings, UpstreamKind } from '../upstreams/upstream-kind.ts';

/** How to reach an upstream account, with its credential opened. Lives in memory only. */
export interface Connection {
  readonly kind: UpstreamKind;
  readonly settings: ConnectionSettings;
  /** Where the kind signs requests or fetches tokens. */
  readonly authorizer?: Authorizer;
  /** `scheme://host:port` of the base URL. */
  readonly origin: string;
  /** Path of the base URL without trailing slash. */
  readonly basePath: string;
  readonly proxy?: string;
}

/** How one account can serve one call. */
export interface Ability {
  /** What is spoken to the upstream. */
  readonly protocol: UpstreamProtocol;
  /** `estimate`: the upstream does not count tokens, so the relay does by itself. */
  /** Under which name price book and catalogue know the model. */
  readonly catalogueModel: string;
  readonly mode: 'passthrough' | 'translation' | 'estimate';
  /** `free`: the operator serves unknown models of this account at no charge. */
  readonly price: PriceVersion | 'free';
}

export type CallCandidate = Candidate<Connection, Ability>;
