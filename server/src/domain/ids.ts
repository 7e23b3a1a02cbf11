/** Branded identifiers. Each is an opaque string with a readable prefix; only `platform/id-source.ts` makes new ones. */
declare const brand: unique symbol;
type Id<Name extends string> = string & { readonly [brand]: Name };

export type CallId = Id<'call'>;
export type OrganizationId = Id<'organization'>;
export type MemberId = Id<'member'>;
export type RelayKeyId = Id<'relay-key'>;
export type UpstreamAccountId = Id<'upstream-account'>;

/** Prefix of every id as callers and operators see it. */
export const idPrefixes = {
  call: 'qzc_',
  organization: 'org_',
  member: 'mem_',
  relayKey: 'key_',
  upstreamAccount: 'acc_',
  transaction: 'txn_',
} as const;

export type IdKind = keyof typeof idPrefixes;
