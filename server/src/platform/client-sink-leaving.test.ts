import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';

import type { ClientSink } from './client-sink.ts';
import { bodyOf, endsWithLastChunk, get, serve } from './client-sink-rig.ts';
import type { Answer } from './client-sink-rig.ts';

test('the client leaving within a stream is told once, and later writes are harmless', async () => {
  let calls = 0;
  let sink: ClientSink | undefined;
  const gone = Promise.withResolvers<void>();
  const answer: Answer = (made) => {
    sink = made;
    sink.onClose(() => {
      calls += 1;
      gone.resolve();
    });
    sink.head(200, []);
    sink.write(Buffer.from('hello'));
  };
  await serve(answer, async ({ socket, until }) => {
    socket.write(get('/'));
    await until((text) => text.includes('hello'));
    assert.equal(sink?.isClosed, false);
    socket.destroy();
    await gone.promise;
    assert.equal(sink.isClosed, true);
    sink.write(Buffer.from('more'));
    sink.end();
    await new Promise(setImmediate);
    assert.equal(calls, 1);
  });
});

test('a client that leaves before anything was answered is told too', async () => {
  const asked = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<void>();
  const answer: Answer = (sink) => {
    sink.onClose(gone.resolve);
    asked.resolve();
  };
  await serve(answer, async ({ socket }) => {
    socket.write(get('/'));
    await asked.promise;
    socket.destroy();
    await gone.promise;
  });
});

test('an answer that was handed over whole ends without a close report', async () => {
  let hasClosed = false;
  const over = Promise.withResolvers<void>();
  const answer: Answer = (sink, _request, response) => {
    sink.onClose(() => {
      hasClosed = true;
    });
    response.on('close', over.resolve);
    sink.head(200, []);
    assert.equal(sink.hasHead, true);
    sink.end();
    assert.equal(sink.isClosed, true);
  };
  await serve(answer, async ({ socket, until }) => {
    socket.write(get('/'));
    await until(endsWithLastChunk);
    await over.promise;
    socket.destroy();
    await new Promise(setImmediate);
    assert.equal(hasClosed, false);
  });
});

test('a client that does not read makes write false; each false is followed by one drain', async () => {
  const part = Buffer.alloc(1 << 20, 97);
  const parts = 64;
  let sent = 0;
  let refusals = 0;
  let drains = 0;
  const answer: Answer = (sink) => {
    const pump = (): void => {
      while (sent < parts) {
        sent += 1;
        if (!sink.write(part)) {
          refusals += 1;
          return;
        }
      }
      sink.end();
    };
    sink.onDrain(() => {
      drains += 1;
      pump();
    });
    sink.head(200, []);
    pump();
  };
  await serve(answer, async ({ socket, text }) => {
    socket.pause();
    socket.write(get('/', 'connection: close\r\n'));
    let before = -1;
    while (before !== sent) {
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.ok(sent > 0 && sent < parts, `${sent} parts were sent`);
    assert.equal(refusals, drains + 1);
    socket.resume();
    await once(socket, 'close');
    assert.equal(bodyOf(text()).length, parts * (part.length + '100000\r\n\r\n'.length) + 5);
    assert.equal(refusals, drains);
  });
});

test('destroy cuts a stream short, so that the client sees it is not whole', async () => {
  const answer: Answer = (sink) => {
    sink.head(200, []);
    sink.write(Buffer.from('half'));
    setImmediate(() => sink.destroy());
  };
  await serve(answer, async ({ socket, text }) => {
    socket.write(get('/'));
    await once(socket, 'close');
    assert.equal(bodyOf(text()), '4\r\nhalf\r\n');
  });
});
