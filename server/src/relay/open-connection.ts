import { createReadWhole } from '../platform/exchange-whole.ts';
import type { UpstreamClient } from '../platform/upstream-client.ts';
import type { UpstreamAccountRecord } from '../routing/account.ts';
import { findUpstreamKind } from '../upstreams/registry.ts';
import {
  baseUrlOf,
  type Authorizer,
  type ConnectionSettings,
  type UpstreamKind,
} from '../upstreams/upstream-kind.ts';
import type { Connection } from './connection.ts';

export interface ConnectionPorts {
  /** Epoch ms. */
  readonly now: () => number;
  readonly client: UpstreamClient;
  /** Reaches the address at which a cloud gives a machine its tokens, and nothing else. */
  readonly machineClient: UpstreamClient;
}

/** How to reach an account, its secrets opened. Throws when its kind is unknown. */
export function openConnection(
  record: UpstreamAccountRecord,
  { credential, ...proxy }: { readonly credential: string; readonly proxy?: string },
  ports: ConnectionPorts,
): Connection {
  const kind = findUpstreamKind(record.kind);
  if (kind === undefined) throw new Error(`The upstream kind "${record.kind}" is not known to this version.`);
  const baseUrl = baseUrlOf(kind, record) ?? '';
  const base = new URL(baseUrl);
  const settings = {
    baseUrl,
    credential,
    options: record.options,
    ...(record.preset === undefined ? {} : { preset: record.preset }),
  };
  const authorizer = authorizerOf({ kind, settings, ...proxy }, ports);
  return {
    kind,
    settings,
    origin: base.origin,
    basePath: base.pathname === '/' ? '' : base.pathname,
    ...(authorizer === undefined ? {} : { authorizer }),
    ...proxy,
  };
}

/** What signs requests for an account; its own exchanges go through the account's proxy. */
export function authorizerOf(
  account: { readonly kind: UpstreamKind; readonly settings: ConnectionSettings; readonly proxy?: string },
  { client, machineClient, now }: ConnectionPorts,
): Authorizer | undefined {
  const readWhole = createReadWhole(client);
  const { proxy } = account;
  return account.kind.createAuthorizer?.(account.settings, {
    now,
    readWhole: (request, limits) => readWhole(proxy === undefined ? request : { ...request, proxy }, limits),
    readMachineIdentity: createReadWhole(machineClient),
  });
}
