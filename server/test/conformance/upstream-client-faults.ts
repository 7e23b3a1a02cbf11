import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { test } from 'node:test';

import { run, stage } from './upstream-client-rig.ts';
import type { CreateRig } from './upstream-client-rig.ts';
import { onRequests, openPeer } from './upstream-peer.ts';

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n';
const CHUNKED_HEAD = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';

/** What the peer sends before it goes, and whether that held a whole head. */
const CUTS: readonly (readonly [place: string, sent: string, hasHead: boolean])[] = [
  ['before the head', '', false],
  ['within the head', 'HTTP/1.1 200 OK\r\ncontent-', false],
  ['after the head', HEAD, true],
  ['within the body', `${HEAD}hell`, true],
  ['within a chunk size', `${CHUNKED_HEAD}1`, true],
  ['within a chunk', `${CHUNKED_HEAD}5\r\nhel`, true],
  ['before the last chunk', `${CHUNKED_HEAD}5\r\nhello\r\n`, true],
];

function testCuts(create: CreateRig): void {
  for (const [place, sent, hasHead] of CUTS) {
    test(`an upstream that ends ${place} is closed-early`, async () => {
      const onSocket = (socket: Socket): void => onRequests(socket, () => socket.end(sent));
      await stage({ create, onSocket }, async ({ rig, peer, origin }) => {
        const { error } = await run(rig, { origin }).done;
        assert.deepEqual(error, { fault: 'closed-early', hasSentBytes: true, hasHead });
        assert.equal(peer.accepted(), 1, 'a fresh connection is never tried again');
      });
    });

    test(`an upstream that resets ${place} is reset`, async () => {
      let cut = (): void => undefined;
      const onSocket = (socket: Socket, reset: () => void): void =>
        onRequests(socket, () => {
          cut = reset;
          if (!hasHead && sent === '') reset();
          // What was sent must have arrived, else the reset overtakes it.
          else if (!hasHead) socket.write(sent, () => setTimeout(reset, 20));
          else socket.write(sent);
        });
      await stage({ create, onSocket }, async ({ rig, peer, origin }) => {
        const running = run(rig, { origin });
        if (hasHead) {
          await running.headArrived;
          cut();
        }
        const { error } = await running.done;
        assert.equal(error?.fault, 'reset');
        assert.equal(error.hasSentBytes, true);
        assert.equal(error.hasHead, hasHead);
        assert.equal(peer.accepted(), 1);
      });
    });
  }
}

function testConnecting(create: CreateRig): void {
  test('an upstream that nobody listens for fails without a byte sent', async () => {
    await stage({ create, onSocket: () => undefined }, async ({ rig, peer, origin }) => {
      await peer.close();
      const { error } = await run(rig, { origin }).done;
      assert.equal(error?.fault, rig.proxy === undefined ? 'refused' : 'proxy');
      assert.equal(error.hasSentBytes, false);
      assert.equal(error.hasHead, false);
      assert.ok(error.systemCode !== undefined);
      assert.equal(rig.client.openSockets(), 0);
    });
  });

  test('a name that does not resolve is a dns fault', async (context) => {
    const client = {
      resolve: (
        _name: string,
        _options: unknown,
        answer: (error: NodeJS.ErrnoException, found: []) => void,
      ) => answer(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), []),
    };
    await stage({ create, client, onSocket: () => undefined }, async ({ rig, origin }) => {
      if (rig.proxy !== undefined) {
        context.skip('the proxy resolves the name');
        return;
      }
      const { error } = await run(rig, { origin }).done;
      assert.deepEqual(error, { fault: 'dns', hasSentBytes: false, hasHead: false, systemCode: 'ENOTFOUND' });
    });
  });

  test('a connection that is not ready in time is a connect-timeout', async () => {
    // Whoever is asked first stays silent: the resolver, the proxy or the TLS upstream.
    const silent = await openPeer(false, (socket) => socket.resume());
    const client = { resolve: () => undefined };
    const options = { create, onSocket: () => undefined };
    try {
      await stage(options, async ({ rig }) => {
        const place = { origin: `https://127.0.0.1:${silent.port}`, connectTimeoutMs: 50 };
        const { error } = await run(rig, place).done;
        assert.deepEqual(error, { fault: 'connect-timeout', hasSentBytes: false, hasHead: false });
        await silent.drained();
        assert.equal(rig.client.openSockets(), 0);
      });
      await stage({ ...options, client }, async ({ rig, origin }) => {
        if (rig.proxy !== undefined) return;
        const { error } = await run(rig, { origin, connectTimeoutMs: 50 }).done;
        assert.equal(error?.fault, 'connect-timeout');
      });
    } finally {
      await silent.close();
    }
  });

  test('metadata addresses are refused, as literals and as answers of the resolver', async () => {
    const client = {
      resolve: (
        _name: string,
        _options: unknown,
        answer: (error: null, found: { address: string; family: number }[]) => void,
      ) => answer(null, [{ address: '169.254.169.254', family: 4 }]),
    };
    await stage({ create, client, onSocket: () => undefined }, async ({ rig, origin }) => {
      const literal = await run(rig, { origin: 'http://[::ffff:169.254.169.254]' }).done;
      const expected = {
        fault: 'refused',
        hasSentBytes: false,
        hasHead: false,
        systemCode: 'ERR_ADDRESS_NOT_ALLOWED',
      };
      assert.deepEqual(literal.error, expected);
      if (rig.proxy === undefined) assert.deepEqual((await run(rig, { origin }).done).error, expected);
    });
  });

  test('a certificate that nobody vouches for is a tls fault without a byte sent', async (context) => {
    await stage(
      { create, client: { extraAuthorities: [] }, onSocket: () => undefined },
      async ({ rig, origin }) => {
        if (!rig.isSecure) {
          context.skip('no TLS on this way');
          return;
        }
        const { error } = await run(rig, { origin }).done;
        const isProxyUntrusted = rig.proxy?.startsWith('https:') === true;
        assert.equal(error?.fault, isProxyUntrusted ? 'proxy' : 'tls');
        assert.equal(error.systemCode, 'DEPTH_ZERO_SELF_SIGNED_CERT');
        assert.equal(error.hasSentBytes, false);
      },
    );
  });

  test('an upstream that hangs up in the handshake is a tls fault', async () => {
    const rude = await openPeer(false, (socket) => void once(socket, 'data').then(() => socket.end()));
    try {
      await stage({ create, onSocket: () => undefined }, async ({ rig }) => {
        const { error } = await run(rig, { origin: `https://127.0.0.1:${rude.port}` }).done;
        assert.equal(error?.fault, 'tls');
        assert.equal(error.hasSentBytes, false);
      });
    } finally {
      await rude.close();
    }
  });
}

export function describeFaults(create: CreateRig): void {
  testCuts(create);
  testConnecting(create);
}
