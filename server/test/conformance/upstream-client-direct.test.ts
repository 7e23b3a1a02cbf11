import { describe } from 'node:test';

import { rigs, runUpstreamClientSuite } from './upstream-client-suite.ts';

describe('upstream client, plain and direct', () => {
  runUpstreamClientSuite(rigs({ isSecure: false }));
});
