import { createUpstreamClient } from '../../src/platform/create-upstream-client.ts';
import { describeAbort } from './upstream-client-abort.ts';
import { describeFraming } from './upstream-client-framing.ts';
import { describeFaults } from './upstream-client-faults.ts';
import { describeReuse } from './upstream-client-reuse.ts';
import type { CreateRig } from './upstream-client-rig.ts';
import { TEST_AUTHORITY } from './upstream-peer.ts';
import type { Peer } from './upstream-peer.ts';

/** Everything that must hold for every way to reach an upstream: directly or through a proxy, with TLS or without. */
export function runUpstreamClientSuite(create: CreateRig): void {
  describeFraming(create);
  describeFaults(create);
  describeReuse(create);
  describeAbort(create);
}

export interface WayToUpstream {
  readonly isSecure: boolean;
  readonly openProxy?: () => Promise<Peer>;
  /** Proxy URL without the port. */
  readonly proxy?: string;
}

/** Makes rigs for one way. */
export function rigs(way: WayToUpstream): CreateRig {
  return async (options = {}) => {
    const proxy = await way.openProxy?.();
    const client = createUpstreamClient({
      addressPolicy: 'operator',
      extraAuthorities: [TEST_AUTHORITY],
      ...options,
    });
    return {
      client,
      isSecure: way.isSecure,
      ...(proxy === undefined ? {} : { proxy: `${way.proxy}:${proxy.port}` }),
      close: async () => proxy?.close(),
    };
  };
}
