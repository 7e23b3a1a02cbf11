import { describe } from 'node:test';

import { rigs, runUpstreamClientSuite } from './upstream-client-suite.ts';
import { openSocksProxy } from './upstream-proxies.ts';

const credentials = { username: 'relay', password: 'p@ss:word' };
const openProxy = () => openSocksProxy(credentials);

describe('upstream client, TLS through a SOCKS5 proxy', () => {
  runUpstreamClientSuite(
    rigs({ isSecure: true, openProxy, proxy: 'socks5://relay:p%40ss%3Aword@127.0.0.1' }),
  );
});
