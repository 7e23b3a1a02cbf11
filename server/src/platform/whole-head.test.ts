import assert from 'node:assert/strict';
import { test } from 'node:test';
import { get, serve } from './client-sink-rig.ts';

const headers = ['content-type', 'text/plain', 'x-a', '1', 'x-a', '2', 'x-b', ''];
const body = Buffer.from('12345');
const undated = (text: string): string => text.replace(/Date: [A-Z][\w ,:]+ GMT\r\n/, 'Date: then\r\n');

/** What a client gets over the wire for one request, from the sink or from `node:http` alone. */
async function answerTo(rest: string, isPlain: boolean, status = 200): Promise<string> {
  let text = '';
  await serve(
    (sink, _request, response) => {
      if (isPlain) response.writeHead(status, [...headers, 'content-length', '5']).end(body);
      else sink.sendWhole(status, headers, body);
    },
    async ({ socket, until }) => {
      socket.write(get('/', rest));
      text = await until((bytes) => bytes.endsWith('12345'));
    },
  );
  return undated(text);
}

for (const [name, rest] of [
  ['a client that stays', ''],
  ['a client that asks for close', 'connection: close\r\n'],
  ['a client that waits for 100 Continue', 'expect: 100-continue\r\n'],
] as const) {
  test(`${name} gets the same bytes as from node:http itself`, async () => {
    const plain = await answerTo(rest, true);
    assert.match(plain, /Date: then\r\n/);
    assert.equal(await answerTo(rest, false), plain);
  });
}

test('every status has its reason', async () => {
  for (const status of [402, 429, 529]) {
    assert.equal(await answerTo('', false, status), await answerTo('', true, status));
  }
});

test('a value that would break out of its line is refused', async () => {
  for (const value of ['a\r\nset-cookie: b', 'a\nb', 'a\0b', '轻舟']) {
    let refusal: unknown;
    await serve(
      (sink) => {
        try {
          sink.sendWhole(200, ['x-a', value], body);
        } catch (error) {
          refusal = error;
          sink.sendWhole(200, [], body);
        }
      },
      async ({ socket, until }) => {
        socket.write(get('/'));
        assert.doesNotMatch(await until((bytes) => bytes.endsWith('12345')), /set-cookie|x-a/);
      },
    );
    assert.match(String(refusal), /Invalid character/);
  }
});

test('many whole answers share one connection', async () => {
  await serve(
    (sink, request) => sink.sendWhole(200, headers, Buffer.from(`body of ${request.url}.`)),
    async ({ socket, until }) => {
      for (const path of ['/1', '/2', '/3']) {
        socket.write(get(path));
        await until((bytes) => bytes.endsWith(`body of ${path}.`));
      }
      socket.write(get('/4') + get('/5'));
      await until((bytes) => bytes.endsWith('body of /5.') && bytes.includes('body of /4.'));
    },
  );
});
