import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';

import { run, stage } from './upstream-client-rig.ts';
import type { CreateRig } from './upstream-client-rig.ts';
import { onRequests } from './upstream-peer.ts';
import type { PeerRequest } from './upstream-peer.ts';

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

function answering(answer: string): (socket: Socket) => void {
  return (socket) => onRequests(socket, () => socket.write(answer));
}

function testPooling(create: CreateRig): void {
  test('exchanges one after another share a connection', async () => {
    await stage({ create, onSocket: answering(OK) }, async ({ rig, peer, origin }) => {
      for (let count = 0; count < 5; count += 1) {
        assert.equal((await run(rig, { origin }).done).body.toString(), 'ok');
      }
      assert.equal(peer.accepted(), 1);
      assert.equal(rig.client.openSockets(), 1);
    });
  });

  test('exchanges at the same time have a connection each', async () => {
    await stage({ create, onSocket: answering(OK) }, async ({ rig, peer, origin }) => {
      const outcomes = await Promise.all(Array.from({ length: 8 }, () => run(rig, { origin }).done));
      assert.ok(outcomes.every(({ error, body }) => error === undefined && body.toString() === 'ok'));
      assert.equal(peer.accepted(), 8);
    });
  });

  test('the connection used last is used next, so that surplus ones age', async () => {
    const used: Socket[] = [];
    const onSocket = (socket: Socket): void =>
      onRequests(socket, () => {
        used.push(socket);
        socket.write(OK);
      });
    await stage({ create, onSocket }, async ({ rig, peer, origin }) => {
      await Promise.all([run(rig, { origin }).done, run(rig, { origin }).done, run(rig, { origin }).done]);
      for (let count = 0; count < 4; count += 1) await run(rig, { origin }).done;
      assert.equal(new Set(used.slice(3)).size, 1);
      assert.equal(peer.accepted(), 3);
    });
  });

  const notReusable: Readonly<Record<string, string>> = {
    'says close': 'HTTP/1.1 200 OK\r\nconnection: x, Close\r\ncontent-length: 2\r\n\r\nok',
    'speaks HTTP/1.0': 'HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok',
    'sends more than its answer': `${OK}HTTP/1.1 500 Smuggled\r\ncontent-length: 0\r\n\r\n`,
    'sends a body where none may be': 'HTTP/1.1 204 No Content\r\ncontent-length: 2\r\n\r\nno',
    'keeps idle connections for a second':
      'HTTP/1.1 200 OK\r\nkeep-alive: timeout=1\r\ncontent-length: 2\r\n\r\nok',
  };
  for (const [name, answer] of Object.entries(notReusable)) {
    test(`a connection is not used again where the upstream ${name}`, async () => {
      await stage({ create, onSocket: answering(answer) }, async ({ rig, peer, origin }) => {
        for (let count = 1; count <= 2; count += 1) {
          const { head, error } = await run(rig, { origin }).done;
          assert.equal(error, undefined);
          assert.notEqual(head?.status, 500);
          await peer.drained();
          assert.equal(peer.accepted(), count);
        }
      });
    });
  }

  test('a connection whose request was answered before it was sent whole is not used again', async () => {
    const onSocket = (socket: Socket): void => {
      socket.once('data', () => {
        socket.pause();
        socket.write('HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n');
      });
    };
    await stage({ create, onSocket }, async ({ rig, peer, origin }) => {
      const { head } = await run(rig, { origin, body: [Buffer.alloc(32 << 20)] }).done;
      assert.equal(head?.status, 413);
      for (const socket of peer.open) socket.resume();
      await peer.drained();
    });
  });

  test('idle connections are closed after the idle time', async () => {
    await stage(
      { create, client: { idleTimeoutMs: 40 }, onSocket: answering(OK) },
      async ({ rig, peer, origin }) => {
        await run(rig, { origin }).done;
        assert.equal(peer.open.size, 1);
        await peer.drained();
      },
    );
  });

  test('a connection is not used past the time for which the upstream keeps it', async () => {
    const answer = 'HTTP/1.1 200 OK\r\nkeep-alive: timeout=2\r\ncontent-length: 2\r\n\r\nok';
    await stage({ create, onSocket: answering(answer) }, async ({ rig, peer, origin }) => {
      await run(rig, { origin }).done;
      await run(rig, { origin }).done;
      assert.equal(peer.accepted(), 1);
      // A second less than promised, and no sweep has passed in that time.
      await new Promise((resolve) => setTimeout(resolve, 1050));
      await run(rig, { origin }).done;
      assert.equal(peer.accepted(), 2);
    });
  });

  test('a limit on sockets makes exchanges wait their turn, at most the connect timeout', async () => {
    const waiting: Socket[] = [];
    const onSocket = (socket: Socket): void => onRequests(socket, () => void waiting.push(socket));
    const client = { maxSocketsPerOrigin: 1 };
    await stage({ create, client, onSocket }, async ({ rig, peer, origin }) => {
      const first = run(rig, { origin });
      const impatient = run(rig, { origin, connectTimeoutMs: 30 });
      const second = run(rig, { origin });
      const { error } = await impatient.done;
      assert.equal(error?.fault, 'connect-timeout');
      assert.equal(error.hasSentBytes, false);
      while (!second.isOver()) {
        waiting.pop()?.write(OK);
        await new Promise(setImmediate);
      }
      assert.equal((await first.done).error, undefined);
      assert.equal((await second.done).error, undefined);
      assert.equal(peer.accepted(), 1);
    });
  });
}

function testStaleSockets(create: CreateRig): void {
  for (const manner of ['end', 'reset'] as const) {
    test(`a request that crosses the upstream's idle close (${manner}) goes once more, over a fresh connection`, async () => {
      const served: PeerRequest[] = [];
      const onSocket = (socket: Socket, reset: () => void): void =>
        onRequests(socket, (request) => {
          if (request.number === 1) {
            served.push(request);
            socket.write(OK);
          } else if (manner === 'end') socket.end();
          else reset();
        });
      await stage({ create, onSocket }, async ({ rig, peer, origin }) => {
        await run(rig, { origin }).done;
        const outcome = await run(rig, { origin, body: [Buffer.from('second')] }).done;
        assert.equal(outcome.error, undefined);
        assert.equal(outcome.body.toString(), 'ok');
        assert.equal(peer.accepted(), 2);
        assert.deepEqual(
          served.map(({ body }) => body.toString()),
          ['{}', 'second'],
        );
      });
    });
  }

  test('the second try takes no other idle connection, which may be as dead', async () => {
    const onSocket = (socket: Socket): void =>
      onRequests(socket, ({ number }) => void (number === 1 ? socket.write(OK) : socket.end()));
    await stage({ create, onSocket }, async ({ rig, peer, origin }) => {
      await Promise.all([run(rig, { origin }).done, run(rig, { origin }).done]);
      assert.equal(rig.client.openSockets(), 2);
      assert.equal((await run(rig, { origin }).done).body.toString(), 'ok');
      assert.equal(peer.accepted(), 3);
    });
  });

  test('a fresh connection that dies as well ends the exchange', async () => {
    let hasServed = false;
    const onSocket = (socket: Socket): void =>
      onRequests(socket, () => {
        if (hasServed) socket.end();
        else socket.write(OK);
        hasServed = true;
      });
    await stage({ create, onSocket }, async ({ rig, peer, origin }) => {
      await run(rig, { origin }).done;
      const { error } = await run(rig, { origin }).done;
      assert.deepEqual(error, { fault: 'closed-early', hasSentBytes: true, hasHead: false });
      assert.equal(peer.accepted(), 2);
    });
  });

  test('an exchange that had one byte of an answer is not sent again', async () => {
    const onSocket = (socket: Socket): void =>
      onRequests(socket, ({ number }) => void (number === 1 ? socket.write(OK) : socket.end('H')));
    await stage({ create, onSocket }, async ({ rig, peer, origin }) => {
      await run(rig, { origin }).done;
      const { error } = await run(rig, { origin }).done;
      assert.deepEqual(error, { fault: 'closed-early', hasSentBytes: true, hasHead: false });
      assert.equal(peer.accepted(), 1);
    });
  });

  test('an upstream that hangs up long after the request was sent may have worked on it: not sent again', async () => {
    const onSocket = (socket: Socket): void =>
      onRequests(socket, ({ number }) => {
        if (number === 1) socket.write(OK);
        // Longer than the time within which a close can have crossed the request.
        else setTimeout(() => socket.end(), 1200);
      });
    await stage({ create, onSocket }, async ({ rig, peer, origin }) => {
      await run(rig, { origin }).done;
      const { error } = await run(rig, { origin }).done;
      assert.equal(error?.fault, 'closed-early');
      assert.equal(peer.accepted(), 1);
    });
  });

  for (const manner of ['closes', 'speaks on'] as const) {
    test(`an idle connection that the upstream ${manner} is let go`, async () => {
      await stage({ create, onSocket: answering(OK) }, async ({ rig, peer, origin }) => {
        await run(rig, { origin }).done;
        for (const socket of peer.open) {
          if (manner === 'closes') socket.end();
          else socket.write('HTTP/1.1 408 Request Timeout\r\n\r\n');
        }
        await peer.drained();
        while (rig.client.openSockets() > 0) await new Promise(setImmediate);
        assert.equal((await run(rig, { origin }).done).head?.status, 200);
        assert.equal(peer.accepted(), 2);
      });
    });
  }
}

export function describeReuse(create: CreateRig): void {
  testPooling(create);
  testStaleSockets(create);
}
