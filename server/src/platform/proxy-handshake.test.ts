import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { test } from 'node:test';

import { ConnectFailure } from './connect-failure.ts';
import { askForTunnel, readProxyUrl } from './proxy-handshake.ts';
import type { TunnelEnd } from './proxy-handshake.ts';

/** What the proxy answers to each thing it hears, in turn; what it heard is collected. */
interface Script {
  readonly proxy: string;
  readonly answers: readonly (Buffer | string)[];
  readonly end?: TunnelEnd;
  readonly hangsUp?: boolean;
}

async function converse(script: Script): Promise<{ heard: Buffer[]; failure: unknown }> {
  const heard: Buffer[] = [];
  const server = createServer((socket: Socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      const answer = script.answers[heard.length];
      heard.push(bytes);
      if (answer !== undefined) socket.write(answer);
      if (script.hangsUp === true && heard.length >= script.answers.length) socket.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  const target = readProxyUrl(script.proxy);
  const failure: unknown = await askForTunnel(
    socket,
    target,
    script.end ?? { host: 'api.example', port: 443 },
  ).then(
    () => undefined,
    (error: unknown) => error,
  );
  socket.destroy();
  server.close();
  return { heard, failure };
}

async function assertRefused(script: Script, systemCode: string): Promise<void> {
  const { failure } = await converse(script);
  assert.ok(failure instanceof ConnectFailure, String(failure));
  assert.equal(failure.fault, 'proxy');
  assert.equal(failure.systemCode, systemCode);
}

const GRANTED = Buffer.from([5, 0, 0, 1, 1, 2, 3, 4, 0, 80]);
const NO_PASSWORD = Buffer.from([5, 0]);

test('a proxy URL gives kind, place and decoded credentials', () => {
  assert.deepEqual(readProxyUrl('http://u%40x:p%3A%2F@proxy.example'), {
    kind: 'connect',
    host: 'proxy.example',
    port: 80,
    isSecure: false,
    username: 'u@x',
    password: 'p:/',
  });
  assert.deepEqual(readProxyUrl('https://[::1]:8443'), {
    kind: 'connect',
    host: '::1',
    port: 8443,
    isSecure: true,
    username: '',
    password: '',
  });
  assert.equal(readProxyUrl('https://proxy.example').port, 443);
  assert.deepEqual(readProxyUrl('socks5://u@10.0.0.1'), {
    kind: 'socks5',
    host: '10.0.0.1',
    port: 1080,
    isSecure: false,
    username: 'u',
    password: '',
  });
});

test('a URL that names no usable proxy is refused without repeating it', () => {
  const long = 'x'.repeat(256);
  for (const url of [
    '',
    'proxy',
    'ftp://secret@a',
    'socks4://secret@a',
    `socks5://${long}@a`,
    `http://a:${long}@a`,
  ]) {
    assert.throws(
      () => readProxyUrl(url),
      (error) => error instanceof TypeError && !/secret|xxx/.test(error.message),
      url,
    );
  }
});

test('CONNECT names the far end and carries basic credentials', async () => {
  const answers = ['HTTP/1.1 200 OK\r\nx: y\r\n\r\n'];
  const { heard, failure } = await converse({ proxy: 'http://us%C3%A9r:pa%3Ass@a', answers });
  assert.equal(failure, undefined);
  const credentials = Buffer.from('usér:pa:ss').toString('base64');
  assert.equal(
    Buffer.concat(heard).toString(),
    `CONNECT api.example:443 HTTP/1.1\r\nhost: api.example:443\r\nproxy-authorization: Basic ${credentials}\r\n\r\n`,
  );
});

test('CONNECT puts an IPv6 far end in brackets', async () => {
  const end = { host: '2001:db8::1', port: 80 };
  const { heard } = await converse({ proxy: 'http://a', answers: ['HTTP/1.0 200 x\r\n\r\n'], end });
  assert.equal(heard.toString(), 'CONNECT [2001:db8::1]:80 HTTP/1.1\r\nhost: [2001:db8::1]:80\r\n\r\n');
});

test('a CONNECT proxy that does not grant the tunnel is told by its status', async () => {
  const proxy = 'http://a';
  await assertRefused({ proxy, answers: ['HTTP/1.1 407 Who?\r\n\r\n'] }, 'PROXY_STATUS_407');
  await assertRefused(
    { proxy, answers: ['HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n'] },
    'PROXY_STATUS_503',
  );
  await assertRefused({ proxy, answers: ['SSH-2.0\r\n\r\n'] }, 'PROXY_ANSWER_MALFORMED');
  await assertRefused({ proxy, answers: ['x'.repeat(20_000)] }, 'PROXY_ANSWER_MALFORMED');
  await assertRefused({ proxy, answers: ['HTTP/1.1 200 OK\r\n\r\nsurplus'] }, 'PROXY_ANSWER_MALFORMED');
  await assertRefused({ proxy, answers: ['HTTP/1.1 200'], hangsUp: true }, 'PROXY_CLOSED');
});

test('SOCKS5 lets the proxy resolve the name', async () => {
  const { heard, failure } = await converse({ proxy: 'socks5://a', answers: [NO_PASSWORD, GRANTED] });
  assert.equal(failure, undefined);
  assert.deepEqual(heard[0], Buffer.from([5, 1, 0]));
  const name = Buffer.from('api.example');
  assert.deepEqual(
    heard[1],
    Buffer.concat([Buffer.from([5, 1, 0, 3, name.length]), name, Buffer.from([1, 187])]),
  );
});

test('SOCKS5 hands literal addresses on as such', async () => {
  const answers = [NO_PASSWORD, GRANTED];
  const four = await converse({ proxy: 'socks5://a', answers, end: { host: '10.1.2.3', port: 258 } });
  assert.deepEqual(four.heard[1], Buffer.from([5, 1, 0, 1, 10, 1, 2, 3, 1, 2]));
  const six = await converse({ proxy: 'socks5://a', answers, end: { host: 'fc00::1:2', port: 80 } });
  assert.deepEqual(six.heard[1], Buffer.from(`05010004fc00${'00'.repeat(10)}000100020050`, 'hex'));
});

test('SOCKS5 proves itself by username and password where asked, and takes every form of reply', async () => {
  const accepted = [Buffer.from([5, 2]), Buffer.from([1, 0])];
  const byName = Buffer.from([5, 0, 0, 3, 2, 97, 98, 0, 80]);
  const bySix = Buffer.concat([Buffer.from([5, 0, 0, 4]), Buffer.alloc(18)]);
  for (const reply of [GRANTED, byName, bySix]) {
    const { heard, failure } = await converse({ proxy: 'socks5://us:pass@a', answers: [...accepted, reply] });
    assert.equal(failure, undefined);
    assert.deepEqual(heard[0], Buffer.from([5, 2, 0, 2]));
    assert.deepEqual(heard[1], Buffer.from('\u0001\u0002us\u0004pass'));
  }
});

test('a SOCKS5 proxy that refuses says why by its code', async () => {
  const proxy = 'socks5://a';
  await assertRefused({ proxy, answers: [Buffer.from([5, 255])] }, 'PROXY_CREDENTIALS_REFUSED');
  await assertRefused({ proxy, answers: [Buffer.from([5, 2])] }, 'PROXY_CREDENTIALS_REFUSED');
  const wrong = [Buffer.from([5, 2]), Buffer.from([1, 1])];
  await assertRefused({ proxy: 'socks5://u:p@a', answers: wrong }, 'PROXY_CREDENTIALS_REFUSED');
  const unreachable = Buffer.from([5, 4, 0, 1, 0, 0, 0, 0, 0, 0]);
  await assertRefused({ proxy, answers: [NO_PASSWORD, unreachable] }, 'PROXY_SOCKS_REPLY_4');
  await assertRefused({ proxy, answers: ['HTTP/1.1 400 Bad Request\r\n\r\n'] }, 'PROXY_ANSWER_MALFORMED');
  await assertRefused(
    { proxy, answers: [NO_PASSWORD, Buffer.from([4, 90, 0, 0])] },
    'PROXY_ANSWER_MALFORMED',
  );
  await assertRefused({ proxy, answers: [NO_PASSWORD, Buffer.from([5, 0, 0, 9])] }, 'PROXY_ANSWER_MALFORMED');
  await assertRefused(
    { proxy, answers: [NO_PASSWORD, Buffer.concat([GRANTED, GRANTED])] },
    'PROXY_ANSWER_MALFORMED',
  );
  await assertRefused({ proxy, answers: [NO_PASSWORD], hangsUp: true }, 'PROXY_CLOSED');
});
