import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { EventStreamCodec } from '@smithy/eventstream-codec';
import { claudeFrame, createUnwrapper } from './bedrock-stream.ts';

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes as Uint8Array).toString('utf8'),
  (text) => Buffer.from(text, 'utf8'),
);

function message(kind: 'event' | 'exception', type: string, payload: object): Buffer {
  const text = (value: string) => ({ type: 'string' as const, value });
  const headers = { ':message-type': text(kind), [`:${kind}-type`]: text(type) };
  return Buffer.from(codec.encode({ headers, body: Buffer.from(JSON.stringify(payload)) }));
}

const chunk = (event: string): Buffer =>
  message('event', 'chunk', { bytes: Buffer.from(event).toString('base64'), p: 'abc' });

function unwrapped(bytes: Buffer, cut: number): string {
  const unwrapper = createUnwrapper(claudeFrame);
  const out = [bytes.subarray(0, cut), bytes.subarray(cut)].map((view) => unwrapper.push(view).toString());
  assert.equal(unwrapper.failure, undefined);
  return out.join('');
}

suite('streams of InvokeModel', () => {
  test('become the events they carry, wherever they are cut', () => {
    const delta = '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Grüß\\n👋"}}';
    const stop = '{"stop_reason":"end_turn",\n"type":"message_stop"}';
    const bytes = Buffer.concat([chunk(delta), chunk(stop)]);
    const expected =
      `event: content_block_delta\ndata: ${delta}\n\n` +
      'event: message_stop\ndata: {"stop_reason":"end_turn", "type":"message_stop"}\n\n';
    for (let cut = 0; cut <= bytes.length; cut += 1)
      assert.equal(unwrapped(bytes, cut), expected, `cut ${cut}`);
  });

  test('tell an exception as Anthropic tells an error', () => {
    const told = (type: string): unknown => {
      const bytes = message('exception', type, { message: 'Wait.' });
      const data = /^event: error\ndata: (.*)\n\n$/.exec(unwrapped(bytes, 5))?.[1] ?? '{}';
      return (JSON.parse(data) as { error?: { type: string; message: string } }).error;
    };
    assert.deepEqual(told('throttlingException'), { type: 'rate_limit_error', message: 'Wait.' });
    assert.deepEqual(told('serviceUnavailableException'), { type: 'overloaded_error', message: 'Wait.' });
    assert.deepEqual(told('internalServerException'), { type: 'api_error', message: 'Wait.' });
  });

  test('fail on a broken message after what came before it, and go on as they are when they are none', () => {
    const good = chunk('{"type":"ping"}');
    const broken = Buffer.from(good);
    broken[20] = (broken[20] ?? 0) ^ 1;
    const unwrapper = createUnwrapper(claudeFrame);
    assert.equal(
      unwrapper.push(Buffer.concat([good, broken])).toString(),
      'event: ping\ndata: {"type":"ping"}\n\n',
    );
    assert.equal(unwrapper.failure?.code, 'upstream_protocol');
    const whole = Buffer.from('{"type":"message"}');
    assert.equal(unwrapped(whole, 3), whole.toString());
  });
});
