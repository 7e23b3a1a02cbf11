import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';

import { run, stage } from './upstream-client-rig.ts';
import type { CreateRig, Outcome, Running } from './upstream-client-rig.ts';
import { onRequests } from './upstream-peer.ts';
import type { PeerRequest } from './upstream-peer.ts';

const CHUNKED =
  'HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\nHTTP/1.1 200 OK\r\nX-Case: Kept\r\ntransfer-encoding: chunked\r\n\r\n' +
  '5;name=value\r\nhello\r\n1\r\n \r\n005\r\nworld\r\n0\r\nx-trailer: dropped\r\n\r\n';

/** Sends `answer` to the first request and returns what came of it, and whether the peer's socket was let go. */
async function exchangeWith(create: CreateRig, answer: string | Buffer): Promise<Outcome> {
  let outcome: Outcome | undefined;
  const onSocket = (socket: Socket): void => onRequests(socket, () => socket.end(answer));
  await stage({ create, onSocket }, async ({ rig, peer, origin }) => {
    outcome = await run(rig, { origin }).done;
    await peer.drained();
  });
  assert.ok(outcome);
  return outcome;
}

function testRequests(create: CreateRig): void {
  test('the request carries its line, host, headers, length and body parts in order', async () => {
    const seen: PeerRequest[] = [];
    const onSocket = (socket: Socket): void =>
      onRequests(socket, (request) => {
        seen.push(request);
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
      });
    await stage({ create, onSocket }, async ({ rig, origin }) => {
      const body = [Buffer.from('{"a":'), Buffer.alloc(0), Buffer.from('1}')];
      const headers = [
        'x-api-key',
        'k',
        'Content-Length',
        '999',
        'transfer-encoding',
        'chunked',
        'accept-encoding',
        'br',
      ];
      await run(rig, { origin, path: '/v1/x?y=%20z', headers, body }).done;
      await run(rig, { origin, method: 'GET', headers: [], body: [] }).done;
      const host = new URL(origin).host;
      assert.deepEqual(seen[0], {
        head: `POST /v1/x?y=%20z HTTP/1.1\r\nhost: ${host}\r\naccept-encoding: identity\r\nx-api-key: k\r\ncontent-length: 7`,
        body: Buffer.from('{"a":1}'),
        number: 1,
      });
      assert.equal(seen[1]?.head, `GET /v1/messages HTTP/1.1\r\nhost: ${host}\r\naccept-encoding: identity`);
    });
  });

  test('a header or path that would break out of its line is refused before anything is sent', async () => {
    await stage({ create, onSocket: () => undefined }, async ({ rig, peer, origin }) => {
      for (const headers of [
        ['x', 'a\r\nb: c'],
        ['x\n', 'a'],
        ['', 'a'],
        ['x', '\0'],
      ]) {
        assert.throws(() => run(rig, { origin, headers }), TypeError);
      }
      for (const path of ['/a b', 'a', '/a\r\n', '/ä'])
        assert.throws(() => run(rig, { origin, path }), TypeError);
      assert.equal(peer.accepted(), 0);
    });
  });

  test('a large body arrives whole', async () => {
    const body = Array.from({ length: 40 }, (_, index) => Buffer.alloc(100_000, 65 + (index % 26)));
    let received: Buffer | undefined;
    const onSocket = (socket: Socket): void =>
      onRequests(socket, (request) => {
        received = request.body;
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
      });
    await stage({ create, onSocket }, async ({ rig, origin }) => {
      assert.equal((await run(rig, { origin, body }).done).body.toString(), 'ok');
      assert.ok(received?.equals(Buffer.concat(body)));
    });
  });
}

function testResponses(create: CreateRig): void {
  const answers: readonly (readonly [name: string, answer: string, body: string])[] = [
    ['a length', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello', 'hello'],
    ['chunks', CHUNKED, 'hello world'],
    ['the end of the connection', 'HTTP/1.1 200 OK\r\n\r\nhello until close', 'hello until close'],
    ['the end of an HTTP/1.0 connection', 'HTTP/1.0 200 OK\r\n\r\nold', 'old'],
    ['no reason phrase', 'HTTP/1.1 200\r\ncontent-length: 2\r\n\r\nok', 'ok'],
    ['no body by status', 'HTTP/1.1 204 No Content\r\n\r\n', ''],
    ['no body in spite of a length', 'HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n', ''],
    ['an empty chunked body', 'HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n0\r\n\r\n', ''],
  ];
  for (const [name, answer, body] of answers) {
    test(`a response framed by ${name} is read to its end`, async () => {
      const outcome = await exchangeWith(create, answer);
      assert.equal(outcome.error, undefined);
      assert.equal(outcome.body.toString(), body);
    });
  }

  test('informational heads are skipped and header names are lowered', async () => {
    const { head } = await exchangeWith(create, CHUNKED);
    assert.equal(head?.status, 200);
    assert.deepEqual(head?.headers, ['x-case', 'Kept', 'transfer-encoding', 'chunked']);
  });

  test('a compressed body is handed on as it is', async () => {
    const bytes = Buffer.from([0x1f, 0x8b, 8, 0, 255, 254]);
    const head = `HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${bytes.length}\r\n\r\n`;
    const { body } = await exchangeWith(create, Buffer.concat([Buffer.from(head), bytes]));
    assert.ok(body.equals(bytes));
  });

  test('a response that comes byte by byte is read the same', async () => {
    const onSocket = (socket: Socket): void =>
      onRequests(socket, () => {
        const bytes = Buffer.from(CHUNKED);
        const writeFrom = (index: number): void => {
          if (index < bytes.length)
            socket.write(bytes.subarray(index, index + 1), () => setImmediate(writeFrom, index + 1));
        };
        writeFrom(0);
      });
    await stage({ create, onSocket }, async ({ rig, origin }) => {
      const outcome = await run(rig, { origin }).done;
      assert.equal(outcome.error, undefined);
      assert.equal(outcome.body.toString(), 'hello world');
      assert.ok(outcome.dataCalls > 1, 'the bytes did come apart');
    });
  });

  test('chunks that share a read are handed on together', async () => {
    const chunks = Array.from({ length: 50 }, (_, index) => `1\r\n${index % 10}\r\n`).join('');
    const head = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';
    const outcome = await exchangeWith(create, `${head}${chunks}0\r\n\r\n`);
    assert.equal(outcome.body.toString(), '0123456789'.repeat(5));
    assert.equal(outcome.dataCalls, 1);
  });
}

function testRefusals(create: CreateRig): void {
  const ok = 'HTTP/1.1 200 OK\r\n';
  const chunked = `${ok}transfer-encoding: chunked\r\n\r\n`;
  const refused: Readonly<Record<string, string>> = {
    'both framings': `${ok}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    'two lengths': `${ok}content-length: 3\r\ncontent-length: 3\r\n\r\nabc`,
    'a list of lengths': `${ok}content-length: 3, 3\r\n\r\nabc`,
    'a negative length': `${ok}content-length: -1\r\n\r\n`,
    'a signed length': `${ok}content-length: +3\r\n\r\nabc`,
    'a hexadecimal length': `${ok}content-length: 0x3\r\n\r\nabc`,
    'an empty length': `${ok}content-length:\r\n\r\n`,
    'an endless length': `${ok}content-length: 9999999999999999\r\n\r\n`,
    'an unknown transfer coding': `${ok}transfer-encoding: gzip, chunked\r\n\r\n`,
    'chunks in HTTP/1.0': 'HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    'a header line without colon': `${ok}nonsense\r\n\r\n`,
    'a space before the colon': `${ok}content-length : 3\r\n\r\nabc`,
    'a folded header': `${ok}a: b\r\n c\r\n\r\n`,
    'a bare line feed in the head': `${ok}a: b\nc: d\r\n\r\n`,
    'a zero byte in a header': `${ok}a: b\0\r\n\r\n`,
    'another protocol': 'SSH-2.0-OpenSSH_9.9\r\n',
    'another version': 'HTTP/2.0 200 OK\r\n\r\n',
    'a status of two digits': 'HTTP/1.1 20 OK\r\n\r\n',
    'a change of protocol': 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n',
    'informational heads without end': 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(100),
    'a head over 64 KiB': `${ok}a: ${'b'.repeat(70_000)}\r\n\r\n`,
    'a head without end': `${ok}${'a: b\r\n'.repeat(20_000)}`,
    'a chunk size that is no number': `${chunked}zz\r\n`,
    'an empty chunk size': `${chunked}\r\n`,
    'a chunk size that is too large': `${chunked}fffffffffffff\r\n`,
    'a chunk extension without end': `${chunked}1;${'x'.repeat(5000)}`,
    'a chunk longer than its size': `${chunked}1\r\nab\r\n0\r\n\r\n`,
    'a chunk size ended by a bare line feed': `${chunked}1\na\r\n0\r\n\r\n`,
    'trailers without end': `${chunked}0\r\n${'a: b\r\n'.repeat(10_000)}`,
  };
  for (const [name, answer] of Object.entries(refused)) {
    test(`a response with ${name} is refused and its connection closed`, async () => {
      // The peer leaves its side open: closing must come from the client.
      const onSocket = (socket: Socket): void => onRequests(socket, () => socket.write(answer));
      await stage({ create, onSocket }, async ({ rig, peer, origin }) => {
        const running: Running = run(rig, { origin });
        const { error, head } = await running.done;
        assert.equal(error?.fault, 'malformed-response');
        assert.equal(error.hasSentBytes, true);
        assert.equal(error.hasHead, head !== undefined);
        assert.equal(error.hasHead, answer.startsWith(chunked));
        await peer.drained();
      });
    });
  }
}

export function describeFraming(create: CreateRig): void {
  testRequests(create);
  testResponses(create);
  testRefusals(create);
}
