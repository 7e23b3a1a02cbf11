import { describe } from 'node:test';

import { rigs, runUpstreamClientSuite } from './upstream-client-suite.ts';
import { openConnectProxy } from './upstream-proxies.ts';

const openProxy = () => openConnectProxy(true);

describe('upstream client, TLS through an HTTPS proxy', () => {
  runUpstreamClientSuite(rigs({ isSecure: true, openProxy, proxy: 'https://localhost' }));
});
