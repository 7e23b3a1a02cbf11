import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { test } from 'node:test';

import type { UpstreamExchange } from '../../src/platform/upstream-client.ts';
import { run, stage } from './upstream-client-rig.ts';
import type { CreateRig, Running } from './upstream-client-rig.ts';
import { onRequests } from './upstream-peer.ts';
import type { Peer } from './upstream-peer.ts';

const CHUNKED_HEAD = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';
const LONGEST_ABORT_MS = 100;

async function assertLetGo(peer: Peer, running: Running, hasHead: boolean): Promise<void> {
  const start = performance.now();
  await peer.drained();
  const tookMs = performance.now() - start;
  assert.ok(tookMs < LONGEST_ABORT_MS, `the upstream noticed after ${tookMs} ms`);
  const { error } = await running.done;
  assert.deepEqual(error, { fault: 'aborted', hasSentBytes: true, hasHead });
}

function testAbort(create: CreateRig): void {
  const stream = (socket: Socket): void =>
    onRequests(socket, () => socket.write(`${CHUNKED_HEAD}5\r\nhello\r\n`));

  test('an abort before the connection stands leaves no connection', async () => {
    await stage({ create, onSocket: stream }, async ({ rig, peer, origin }) => {
      const running = run(rig, { origin });
      running.exchange.abort();
      assert.equal(running.isOver(), false, 'the error follows, it does not come from within abort');
      const { error } = await running.done;
      assert.deepEqual(error, { fault: 'aborted', hasSentBytes: false, hasHead: false });
      while (rig.client.openSockets() > 0) await new Promise(setImmediate);
      await peer.drained();
    });
  });

  test('an abort while the upstream thinks closes the connection at once', async () => {
    const asked = Promise.withResolvers<void>();
    const onSocket = (socket: Socket): void => onRequests(socket, () => asked.resolve());
    await stage({ create, onSocket }, async ({ rig, peer, origin }) => {
      const running = run(rig, { origin });
      await asked.promise;
      running.exchange.abort();
      await assertLetGo(peer, running, false);
    });
  });

  test('an abort within a stream closes the connection at once', async () => {
    await stage({ create, onSocket: stream }, async ({ rig, peer, origin }) => {
      const running = run(rig, { origin });
      await running.dataArrived;
      running.exchange.abort();
      running.exchange.abort();
      await assertLetGo(peer, running, true);
    });
  });

  for (const callback of ['onHead', 'onData'] as const) {
    test(`an abort from within ${callback} is the last thing that happens`, async () => {
      await stage({ create, onSocket: stream }, async ({ rig, peer, origin }) => {
        const running = run(
          rig,
          { origin },
          { [callback]: (exchange: UpstreamExchange) => exchange.abort() },
        );
        await running.headArrived;
        await assertLetGo(peer, running, true);
        assert.equal(running.receivedBytes(), callback === 'onHead' ? 0 : 5);
      });
    });
  }

  test('an abort, a pause or a resume after the end does nothing', async () => {
    const onSocket = (socket: Socket): void =>
      onRequests(socket, () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'));
    await stage({ create, onSocket }, async ({ rig, peer, origin }) => {
      const first = run(rig, { origin });
      await first.done;
      first.exchange.abort();
      first.exchange.pause();
      first.exchange.resume();
      assert.equal((await run(rig, { origin }).done).error, undefined);
      assert.equal(peer.accepted(), 1);
    });
  });

  test('two thousand aborted exchanges leave no socket', async () => {
    await stage({ create, onSocket: stream }, async ({ rig, peer, origin }) => {
      for (let batch = 0; batch < 40; batch += 1) {
        const running = Array.from({ length: 50 }, () => run(rig, { origin }));
        // A third at once, a third at the head, a third in the stream.
        await Promise.all(
          running.map(async ({ exchange, headArrived, dataArrived, done }, index) => {
            if (index % 3 === 1) await headArrived;
            if (index % 3 === 2) await dataArrived;
            exchange.abort();
            assert.equal((await done).error?.fault, 'aborted');
          }),
        );
      }
      await peer.drained();
      while (rig.client.openSockets() > 0) await new Promise(setImmediate);
      assert.equal(peer.open.size, 0);
    });
  });

  test('closing the client aborts what runs and closes what is idle', async () => {
    await stage({ create, onSocket: stream }, async ({ rig, peer, origin }) => {
      const running = run(rig, { origin });
      await running.dataArrived;
      await rig.client.close();
      assert.equal(rig.client.openSockets(), 0);
      await assertLetGo(peer, running, true);
      assert.equal((await run(rig, { origin }).done).error?.fault, 'aborted');
    });
  });
}

/** A peer that sends a long body as fast as it is taken. */
class Flood {
  static readonly totalBytes = 64 << 20;
  static readonly mostHeldBytes = 32 << 20;
  readonly #part = Buffer.alloc(1 << 20, 120);
  #sentBytes = 0;

  readonly onSocket = (socket: Socket): void =>
    onRequests(socket, () => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${Flood.totalBytes}\r\n\r\n`);
      this.#pump(socket);
    });

  /** Resolves once nothing has moved for a while; fails where more was taken than kernels and proxies can hold. */
  async stuck(): Promise<void> {
    let before = -1;
    while (before !== this.#sentBytes || before === 0) {
      before = this.#sentBytes;
      // Turns as well as time: a busy loop must not look like a stuck one.
      for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
      await new Promise((resolve) => setTimeout(resolve, 100));
      assert.ok(this.#sentBytes <= Flood.mostHeldBytes, `the peer could send ${this.#sentBytes} bytes`);
    }
  }

  #pump(socket: Socket): void {
    while (this.#sentBytes < Flood.totalBytes) {
      this.#sentBytes += this.#part.length;
      if (socket.write(this.#part)) continue;
      void once(socket, 'drain').then(() => this.#pump(socket));
      return;
    }
  }
}

function testPause(create: CreateRig): void {
  for (const moment of ['before the connection stands', 'at the head'] as const) {
    test(`an exchange paused ${moment} stops the upstream; resumed, it gets every byte`, async () => {
      const flood = new Flood();
      await stage({ create, onSocket: flood.onSocket }, async ({ rig, peer, origin }) => {
        const watch =
          moment === 'at the head' ? { onHead: (exchange: UpstreamExchange) => exchange.pause() } : {};
        const running = run(rig, { origin }, watch);
        if (moment === 'at the head') await running.headArrived;
        else running.exchange.pause();
        await flood.stuck();
        assert.ok([...peer.open].some((socket) => socket.writableLength > 0));
        assert.equal(running.receivedBytes(), 0);
        running.exchange.resume();
        const { error, body } = await running.done;
        assert.equal(error, undefined);
        assert.equal(body.length, Flood.totalBytes);
      });
    });
  }

  test('nothing is called between pause and resume, not even the end', async () => {
    const onSocket = (socket: Socket): void =>
      onRequests(socket, () => socket.end(`${CHUNKED_HEAD}5\r\nhello\r\n0\r\n\r\n`));
    await stage({ create, onSocket }, async ({ rig, origin }) => {
      const running = run(rig, { origin }, { onData: (exchange) => exchange.pause() });
      await running.dataArrived;
      for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
      assert.equal(running.isOver(), false);
      running.exchange.resume();
      const { error, body } = await running.done;
      assert.equal(error, undefined);
      assert.equal(body.toString(), 'hello');
    });
  });

  test('a pause before the connection stands holds back the head', async () => {
    const answered = Promise.withResolvers<void>();
    const onSocket = (socket: Socket): void =>
      onRequests(socket, () => socket.end('HTTP/1.1 200 OK\r\n\r\nuntil close', () => answered.resolve()));
    await stage({ create, onSocket }, async ({ rig, origin }) => {
      let hasHead = false;
      const watch = {
        onHead: () => {
          hasHead = true;
        },
      };
      const running = run(rig, { origin }, watch);
      running.exchange.pause();
      await answered.promise;
      for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
      assert.equal(hasHead, false);
      running.exchange.resume();
      assert.equal((await running.done).body.toString(), 'until close');
    });
  });

  test('a paused exchange can be aborted', async () => {
    const onSocket = (socket: Socket): void =>
      onRequests(socket, () => socket.write(`${CHUNKED_HEAD}5\r\nhello\r\n`));
    await stage({ create, onSocket }, async ({ rig, peer, origin }) => {
      const running = run(rig, { origin }, { onHead: (exchange) => exchange.pause() });
      await running.headArrived;
      running.exchange.abort();
      await assertLetGo(peer, running, true);
    });
  });
}

export function describeAbort(create: CreateRig): void {
  testAbort(create);
  testPause(create);
}
