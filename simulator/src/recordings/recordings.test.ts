import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startSimulator } from '../index.ts';
import type { Simulator } from '../index.ts';
import { bytesOf } from './recording.ts';
import type { Recording } from './recording.ts';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
}

function ask(simulator: Simulator, method: string, path: string, body: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-length': body.length };
    const sent = request(`${simulator.url}${path}`, { method: method.toUpperCase(), headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes: Buffer.concat(parts) });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

async function withRecordings(
  recordings: readonly unknown[],
  use: (simulator: Simulator) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'recordings-'));
  writeFileSync(
    join(folder, 'a.jsonl'),
    recordings.map((recording) => `${JSON.stringify(recording)}\n`).join(''),
  );
  const simulator = await startSimulator({ recordings: folder });
  try {
    await use(simulator);
  } finally {
    await simulator.close();
    rmSync(folder, { recursive: true });
  }
}

const exchangeOf = (id: string, text: string): object => ({
  id,
  method: 'POST',
  path: '/v1/messages?beta=true',
  request: { json: { model: 'm', messages: [{ role: 'user', content: 'hi' }] } },
  response: { status: 200, headers: { 'content-type': 'application/json', 'x-own': 'yes' }, json: { text } },
});
const REQUEST = Buffer.from('{"messages":[{"content":"hi","role":"user"}],"model":"m"}');

test('a recorded request is known in any key order and answered without a key', () =>
  withRecordings([exchangeOf('one#0', 'first')], async (simulator) => {
    const answer = await ask(simulator, 'POST', '/v1/messages?beta=true&key=secret', REQUEST);
    assert.equal(answer.bytes.toString(), '{"text":"first"}');
    assert.equal(answer.headers['x-own'], 'yes');
    assert.equal(answer.headers['x-simulator-recording'], 'one#0');
    assert.equal(simulator.requests[0]?.recording, 'one#0');
  }));

test('a repeated request gets the recorded answers in order, then the last again', () =>
  withRecordings([exchangeOf('a#0', 'first'), exchangeOf('b#0', 'second')], async (simulator) => {
    const texts: string[] = [];
    for (let count = 0; count < 3; count += 1) {
      texts.push((await ask(simulator, 'POST', '/v1/messages?beta=true', REQUEST)).bytes.toString());
    }
    assert.deepEqual(texts, ['{"text":"first"}', '{"text":"second"}', '{"text":"second"}']);
  }));

test('another query or body is not the recorded request', () =>
  withRecordings([exchangeOf('one#0', 'first')], async (simulator) => {
    assert.equal((await ask(simulator, 'POST', '/v1/messages', REQUEST)).status, 401);
    const other = Buffer.from('{"messages":[],"model":"m"}');
    assert.equal((await ask(simulator, 'POST', '/v1/messages?beta=true', other)).status, 401);
  }));

test('text and binary answers come back as they were', () => {
  const binary = Buffer.from([0, 255, 10, 13, 10, 200]);
  const stream = 'data: {"é":1}\r\n\r\ndata: [DONE]\n\ntail';
  const respond = (path: string, body: object): object => ({
    id: path,
    method: 'POST',
    path,
    request: { text: 'plain' },
    response: { status: 201, headers: { 'content-type': 'application/octet-stream' }, ...body },
  });
  return withRecordings(
    [respond('/binary', { base64: binary.toString('base64') }), respond('/text', { text: stream })],
    async (simulator) => {
      const plain = Buffer.from('plain');
      assert.deepEqual((await ask(simulator, 'POST', '/binary', plain)).bytes, binary);
      assert.equal((await ask(simulator, 'POST', '/text', plain)).bytes.toString(), stream);
      assert.equal((await ask(simulator, 'POST', '/text', plain)).status, 201);
    },
  );
});

const folder = process.env['RECORDINGS_DIR'] ?? join(import.meta.dirname, '../../../../shared/recordings');
const isThere = existsSync(folder);

test(
  'every recorded request gets its recorded bytes',
  { skip: isThere ? false : `no recordings in ${folder}` },
  async () => {
    const simulator = await startSimulator({ recordings: folder });
    try {
      let count = 0;
      const names = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
      for (const name of names.toSorted()) {
        for (const line of readFileSync(join(folder, name), 'utf8').split('\n')) {
          if (line === '') continue;
          const recording = JSON.parse(line) as Recording;
          const answer = await ask(simulator, recording.method, recording.path, bytesOf(recording.request));
          assert.equal(answer.status, recording.response.status, recording.id);
          assert.equal(decodeURI(String(answer.headers['x-simulator-recording'])), recording.id);
          assert.ok(answer.bytes.equals(bytesOf(recording.response)), recording.id);
          count += 1;
        }
      }
      assert.ok(count > 0);
    } finally {
      await simulator.close();
    }
  },
);
