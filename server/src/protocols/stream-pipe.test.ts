import assert from 'node:assert/strict';
import { test } from 'node:test';
import { protocolRegistry } from './registry.ts';
import type { StreamPipe } from './wire-protocol.ts';

function chatPipe(): StreamPipe {
  const body = Buffer.from('{"model":"m","stream":true,"stream_options":{"include_usage":true}}');
  const chat = protocolRegistry['openai-chat'];
  return chat.createPassthrough(chat.inspect(body, { operation: 'generate', query: '' }));
}
function chunk(content: string, extra: object = {}): Buffer {
  const choices = [{ index: 0, delta: { content }, finish_reason: null }];
  return Buffer.from(`data: ${JSON.stringify({ model: 'm-1', choices, ...extra })}\n\n`);
}
const usage = (prompt: number, completion: number) =>
  Buffer.from(
    `data: {"choices":[],"usage":{"prompt_tokens":${prompt},"completion_tokens":${completion}}}\n\n`,
  );
const done = Buffer.from('data: [DONE]\n\n');

test('a read of whole frames is given out as it is, without a copy', () => {
  const pipe = chatPipe();
  const first = chunk('Hello');
  assert.equal(pipe.push(first), first);
  const two = Buffer.concat([chunk(' there'), chunk('!')]);
  assert.equal(pipe.push(two), two);
  assert.equal(pipe.phase, 'generating');
  assert.equal(pipe.servedModel(), 'm-1');
});

test('roles and comments do not begin the answer, its first content does', () => {
  const pipe = chatPipe();
  pipe.push(Buffer.from(': hold on\n\ndata: {"choices":[{"delta":{"role":"assistant","content":""}}]}\n\n'));
  assert.equal(pipe.phase, 'opening');
  pipe.push(
    Buffer.from('data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"name":"look"}}]}}]}\n\n'),
  );
  assert.equal(pipe.phase, 'generating');
});

test('text that looks like the end, usage or an error stays text', () => {
  const pipe = chatPipe();
  const tricky = chunk(
    'data: [DONE]\n\n"usage":{"prompt_tokens":9},"error":{"message":"x"},"finish_reason":"stop"',
  );
  pipe.push(chunk('a'));
  assert.equal(pipe.push(tricky), tricky);
  assert.equal(pipe.push(chunk('"usage"')).length > 0, true);
  assert.equal(pipe.phase, 'generating');
  assert.equal(pipe.reading(1).source, 'estimated');
});

test('the end, and all after it, waits until it is asked for', () => {
  const pipe = chatPipe();
  const out = pipe.push(Buffer.concat([chunk('a'), usage(3, 2), done, Buffer.from(': after\n\n')]));
  assert.ok(!out.includes('[DONE]'));
  assert.equal(pipe.phase, 'terminal');
  assert.equal(pipe.push(Buffer.from(': late\n\n')).length, 0);
  assert.equal(pipe.terminalBytes().toString(), 'data: [DONE]\n\n: after\n\n: late\n\n');
  assert.equal(pipe.finish().length, 0);
});

test('a frame that never ends fails the stream at 1 MiB', () => {
  const pipe = chatPipe();
  pipe.push(chunk('a'));
  for (let read = 0; read < 17; read++) pipe.push(Buffer.alloc(65_536, 'x'));
  assert.equal(pipe.phase, 'failed');
  assert.equal(pipe.failure?.code, 'upstream_protocol');
  assert.equal(pipe.terminalBytes().length, 0);
});

test('a frame that is not the protocol fails the stream, and what was whole before it is delivered', () => {
  const pipe = chatPipe();
  const good = chunk('a');
  assert.deepEqual(pipe.push(Buffer.concat([good, Buffer.from('data: <html>\n\n')])), good);
  assert.equal(pipe.failure?.code, 'upstream_protocol');
});

test('usage that shrinks, is negative or zero beside content is flagged', () => {
  const flagged = (...frames: Buffer[]) => {
    const pipe = chatPipe();
    pipe.push(Buffer.concat([chunk('a'), ...frames, done]));
    return pipe.reading(1);
  };
  assert.deepEqual(flagged(usage(5, 5), usage(5, 3)).anomalies, ['shrinking']);
  assert.deepEqual(flagged(usage(5, -1)).anomalies, ['negative', 'zero']);
  assert.deepEqual(flagged(usage(5, 0)).anomalies, ['zero']);
  assert.equal(flagged(usage(5, -1)).usage.output, 0);
  assert.deepEqual(flagged(usage(5, 5)).anomalies, []);
});

test('without a report, output is estimated from what was delivered, a token a frame at least', () => {
  const pipe = chatPipe();
  pipe.push(chunk('abcdefgh'));
  for (let frame = 0; frame < 10; frame++) pipe.push(chunk('a'));
  pipe.push(chunk('x'.repeat(4000)));
  const { usage: read, source } = pipe.reading(500);
  assert.equal(source, 'estimated');
  assert.deepEqual([read.input, read.output], [500, 2 + 10 + 1000]);
});

test('a long opaque frame does not count as text', () => {
  const claude = protocolRegistry['anthropic-messages'];
  const body = Buffer.from('{"model":"m","stream":true,"max_tokens":9}');
  const pipe = claude.createPassthrough(claude.inspect(body, { operation: 'generate', query: '' }));
  const delta = (value: object) =>
    Buffer.from(
      `event: content_block_delta\ndata: ${JSON.stringify({ type: 'content_block_delta', index: 0, delta: value })}\n\n`,
    );
  pipe.push(delta({ type: 'thinking_delta', thinking: 'hm' }));
  pipe.push(delta({ type: 'signature_delta', signature: 'S'.repeat(4000) }));
  assert.equal(pipe.reading(1).usage.output, 2);
});

test('a Gemini answer asked for twice is held back only when both are finished', () => {
  const { gemini } = protocolRegistry;
  const body = Buffer.from('{"contents":[],"generationConfig":{"candidateCount":2}}');
  const envelope = gemini.inspect(body, {
    operation: 'generate',
    query: 'alt=sse',
    model: 'g',
    stream: true,
  });
  const pipe = gemini.createPassthrough(envelope);
  const part = (index: number, finishReason?: string) =>
    Buffer.from(
      `data: ${JSON.stringify({ candidates: [{ index, content: { parts: [{ text: 'a' }] }, finishReason }] })}\r\n\r\n`,
    );
  assert.ok(pipe.push(part(0, 'STOP')).length > 0);
  assert.ok(pipe.push(part(1)).length > 0);
  assert.equal(pipe.push(part(1, 'STOP')).length, 0);
  assert.equal(pipe.phase, 'generating');
  pipe.finish();
  assert.equal(pipe.phase, 'terminal');
});

test('an error inside an ordinary chunk ends the stream and goes to the client as its end', () => {
  const pipe = chatPipe();
  pipe.push(chunk('a'));
  const broken = chunk('', { error: { code: 502, message: 'Provider disconnected' } });
  assert.equal(pipe.push(broken).length, 0);
  assert.equal(pipe.failure?.code, 'upstream_failed');
  assert.deepEqual(pipe.terminalBytes(), broken);
});
