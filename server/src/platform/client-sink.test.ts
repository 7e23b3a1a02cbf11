import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';

import type { ClientSink } from './client-sink.ts';
import { bodyOf, endsWithLastChunk, get, serve } from './client-sink-rig.ts';
import type { Answer } from './client-sink-rig.ts';

test('each write is one chunk on the wire, after a head that says so once', async () => {
  const answer: Answer = (sink) => {
    sink.head(201, [
      'content-type',
      'text/event-stream',
      'Transfer-Encoding',
      'gzip',
      'content-length',
      '3',
      'connection',
      'close',
    ]);
    assert.equal(sink.write(Buffer.from('hello')), true);
    sink.write(Buffer.alloc(0));
    sink.write(Buffer.from('x'.repeat(0x12)));
    sink.end(Buffer.from('bye'));
  };
  await serve(answer, async ({ socket, until }) => {
    socket.write(get('/'));
    const text = await until(endsWithLastChunk);
    const head = text.slice(0, text.indexOf('\r\n\r\n')).toLowerCase();
    assert.match(head, /^http\/1\.1 201 created\r\n/);
    assert.equal(head.split('transfer-encoding: chunked').length, 2);
    assert.match(head, /\r\nconnection: keep-alive/);
    assert.doesNotMatch(head, /content-length|gzip/);
    assert.equal(bodyOf(text), `5\r\nhello\r\n12\r\n${'x'.repeat(0x12)}\r\n3\r\nbye\r\n0\r\n\r\n`);
  });
});

test('head and first bytes of one turn leave together, later writes leave at once', async () => {
  let sink: ClientSink | undefined;
  const answer: Answer = (made, { socket }) => {
    sink = made;
    sink.head(200, []);
    sink.write(Buffer.from('first'));
    const heldBytes = socket.writableLength;
    assert.ok(heldBytes > 'first'.length, 'both wait for the end of this turn');
    process.nextTick(() => process.nextTick(() => assert.equal(socket.writableCorked, 0)));
  };
  await serve(answer, async ({ socket, until }) => {
    socket.write(get('/'));
    const [first] = (await once(socket, 'data')) as [Buffer];
    assert.match(first.toString(), /^HTTP[^]*5\r\nfirst\r\n$/);
    sink?.write(Buffer.from('second'));
    await until((text) => text.endsWith('6\r\nsecond\r\n'));
    sink?.end();
    await until(endsWithLastChunk);
  });
});

test('a written view may change as soon as write returns', async () => {
  const answer: Answer = (sink) => {
    const view = Buffer.from('keep');
    sink.head(200, []);
    sink.write(view);
    view.fill(120);
    sink.end();
  };
  await serve(answer, async ({ socket, until }) => {
    socket.write(get('/'));
    assert.equal(bodyOf(await until(endsWithLastChunk)), '4\r\nkeep\r\n0\r\n\r\n');
  });
});

test('the connection serves further requests, and nothing of the earlier ones stays on it', async () => {
  const listeners: number[] = [];
  const answer: Answer = (sink, request) => {
    listeners.push(request.socket.listenerCount('drain') + request.socket.listenerCount('close'));
    if (request.url === '/whole') sink.sendWhole(200, ['a', 'b'], Buffer.from('whole'));
    else {
      sink.head(200, []);
      sink.end(Buffer.from(request.url ?? ''));
    }
  };
  await serve(answer, async ({ socket, text, until }) => {
    for (let round = 0; round < 5; round += 1) {
      const before = text().length;
      socket.write(get(`/${round}`));
      await until((all) => all.slice(before).endsWith(`2\r\n/${round}\r\n0\r\n\r\n`));
      socket.write(get('/whole'));
      await until((all) => all.endsWith('content-length: 5\r\n\r\nwhole') || all.endsWith('\r\n\r\nwhole'));
    }
    assert.equal(text().split('HTTP/1.1 200 OK').length, 11);
    assert.equal(new Set(listeners).size, 1, `listeners pile up: ${listeners.join()}`);
  });
});

test('pipelined requests are answered in their order, whoever answers first', async () => {
  const sinks: ClientSink[] = [];
  const second = Promise.withResolvers<void>();
  const answer: Answer = (sink, request) => {
    sinks.push(sink);
    if (request.url === '/second') {
      sink.head(200, []);
      const view = Buffer.from('two');
      sink.write(view);
      view.fill(120);
      sink.end(Buffer.from('.'));
      second.resolve();
    }
  };
  await serve(answer, async ({ socket, text, until }) => {
    socket.write(get('/first') + get('/second'));
    await second.promise;
    assert.equal(text(), '');
    sinks[0]?.head(200, []);
    sinks[0]?.write(Buffer.from('one'));
    sinks[0]?.end();
    const all = await until((bytes) => bytes.split('0\r\n\r\n').length === 3);
    const [first = '', rest = ''] = all.split('3\r\none\r\n0\r\n\r\n');
    assert.match(first, /^HTTP\/1\.1 200/);
    assert.match(rest, /^HTTP\/1\.1 200/);
    assert.equal(bodyOf(rest), '3\r\ntwo\r\n1\r\n.\r\n0\r\n\r\n');
  });
});

test('a pipelined response that waits for its turn reports back-pressure and the lost client', async () => {
  let waiting: ClientSink | undefined;
  const asked = Promise.withResolvers<void>();
  const events: string[] = [];
  const gone = Promise.withResolvers<void>();
  const answer: Answer = (sink, request) => {
    if (request.url !== '/second') return;
    waiting = sink;
    sink.onClose(() => {
      events.push('close');
      gone.resolve();
    });
    sink.head(200, []);
    events.push(String(sink.write(Buffer.alloc(1 << 20))));
    asked.resolve();
  };
  await serve(answer, async ({ socket }) => {
    socket.write(get('/first') + get('/second'));
    await asked.promise;
    socket.destroy();
    await gone.promise;
    assert.deepEqual(events, ['false', 'close']);
    assert.equal(waiting?.isClosed, true);
  });
});

test('HEAD gets a head and no body', async () => {
  const answer: Answer = (sink, request) => {
    if (request.url === '/whole') sink.sendWhole(200, [], Buffer.from('12345'));
    else {
      sink.head(200, ['a', 'b']);
      sink.write(Buffer.from('nothing of this'));
      sink.end(Buffer.from('nor this'));
    }
  };
  await serve(answer, async ({ socket, text, until }) => {
    socket.write('HEAD /stream HTTP/1.1\r\nhost: a\r\n\r\n');
    await until((bytes) => bytes.endsWith('\r\n\r\n'));
    socket.write('HEAD /whole HTTP/1.1\r\nhost: a\r\n\r\n');
    await until((bytes) => /content-length: 5[^]*\r\n\r\n$/.test(bytes));
    assert.doesNotMatch(text(), /nothing|nor this|12345/);
  });
});

test('statuses without a body get none', async () => {
  const answer: Answer = (sink, request) =>
    sink.sendWhole(Number(request.url?.slice(1)), [], Buffer.from('no'));
  await serve(answer, async ({ socket, until }) => {
    socket.write(get('/204') + get('/304') + get('/200'));
    const text = await until((bytes) => bytes.endsWith('\r\n\r\nno'));
    assert.equal(text.split('HTTP/1.1 ').length, 4);
    assert.equal(text.split('content-length').length, 2);
  });
});

test('an HTTP/1.0 client gets the bare body and the end of the connection', async () => {
  const answer: Answer = (sink) => {
    sink.head(200, []);
    sink.write(Buffer.from('hello '));
    sink.end(Buffer.from('world'));
  };
  await serve(answer, async ({ socket, text }) => {
    socket.write('GET / HTTP/1.0\r\n\r\n');
    await once(socket, 'close');
    assert.equal(bodyOf(text()), 'hello world');
    assert.doesNotMatch(text(), /chunked/i);
  });
});

test('a client that asks for close gets the whole stream first', async () => {
  const answer: Answer = (sink) => {
    sink.head(200, []);
    sink.end(Buffer.alloc(1 << 20, 97));
  };
  await serve(answer, async ({ socket, text }) => {
    socket.write(get('/', 'connection: close\r\n'));
    await once(socket, 'close');
    assert.equal(bodyOf(text()), `100000\r\n${'a'.repeat(1 << 20)}\r\n0\r\n\r\n`);
  });
});
