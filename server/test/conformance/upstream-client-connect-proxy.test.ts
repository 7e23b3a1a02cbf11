import { describe } from 'node:test';

import { rigs, runUpstreamClientSuite } from './upstream-client-suite.ts';
import { openConnectProxy } from './upstream-proxies.ts';

const credentials = { username: 'relay', password: 'p@ss:word' };
const openProxy = () => openConnectProxy(false, credentials);

describe('upstream client, plain through an HTTP CONNECT proxy', () => {
  runUpstreamClientSuite(rigs({ isSecure: false, openProxy, proxy: 'http://relay:p%40ss%3Aword@127.0.0.1' }));
});
