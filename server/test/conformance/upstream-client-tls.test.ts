import { describe } from 'node:test';

import { rigs, runUpstreamClientSuite } from './upstream-client-suite.ts';

describe('upstream client, TLS and direct', () => {
  runUpstreamClientSuite(rigs({ isSecure: true }));
});
