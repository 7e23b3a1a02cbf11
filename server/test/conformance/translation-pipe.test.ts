import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { JsonObject } from '../../src/protocols/canonical/request.ts';
import { createFoldPipe, createTranslationPipe } from '../../src/protocols/translation-pipe.ts';
import { anthropic, chat, plainRequest, anthropicStream } from './translation-material.ts';

suite('the pipe of a translation', () => {
  const chatOptions = {
    upstream: anthropic.translation,
    client: chat.translation,
    request: plainRequest(chat),
  };
  const opening = [
    {
      type: 'message_start',
      message: { id: 'msg_1', model: 'claude-x', usage: { input_tokens: 5, output_tokens: 1 } },
    },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'ping' },
  ];
  const delta = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hi' } };
  const closing = [
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 4 } },
    { type: 'message_stop' },
  ];

  test('gives nothing out before the first generated event and withholds the end', () => {
    const pipe = createTranslationPipe(chatOptions);
    assert.equal(pipe.push(anthropicStream(opening)).length, 0);
    assert.equal(pipe.phase, 'opening');
    const out = pipe.push(anthropicStream([delta])).toString();
    assert.equal(pipe.phase, 'generating');
    assert.ok(out.includes('"role":"assistant"') && out.includes('"content":"Hi"'));
    assert.equal(pipe.push(anthropicStream(closing)).toString(), '');
    assert.equal(pipe.phase, 'terminal');
    const terminal = pipe.terminalBytes().toString();
    assert.ok(terminal.includes('"finish_reason":"stop"') && terminal.endsWith('data: [DONE]\n\n'));
    assert.deepEqual([pipe.reading(0).source, pipe.reading(0).usage.output], ['reported', 4]);
    assert.equal(pipe.servedModel(), 'claude-x');
  });

  test('takes an answer without content and output for an upstream fault, but not a refusal', () => {
    const empty = (stop: string): string => {
      const pipe = createTranslationPipe(chatOptions);
      const start = {
        type: 'message_start',
        message: { id: 'm', model: 'x', usage: { input_tokens: 5, output_tokens: 0 } },
      };
      pipe.push(
        anthropicStream([
          start,
          { type: 'message_delta', delta: { stop_reason: stop } },
          { type: 'message_stop' },
        ]),
      );
      pipe.finish();
      return pipe.failure?.code ?? pipe.phase;
    };
    assert.equal(empty('end_turn'), 'upstream_empty');
    assert.equal(empty('refusal'), 'terminal');
  });

  test('fails on bytes that are not the protocol, on a cut, and on a frame without end', () => {
    const codeAfter = (bytes: Buffer): string | undefined => {
      const pipe = createTranslationPipe(chatOptions);
      pipe.push(bytes);
      pipe.finish();
      return pipe.failure?.code;
    };
    assert.equal(codeAfter(Buffer.from('data: <html>\n\n')), 'upstream_protocol');
    assert.equal(codeAfter(Buffer.from('<html>502</html>')), 'upstream_protocol');
    assert.equal(codeAfter(anthropicStream([...opening, delta])), 'upstream_protocol');
    assert.equal(codeAfter(Buffer.alloc(1_200_000, 0x61)), 'upstream_protocol');
  });

  test('streams a whole JSON body of an upstream that would not stream', () => {
    const pipe = createTranslationPipe(chatOptions);
    const body = {
      id: 'msg_1',
      type: 'message',
      content: [{ type: 'text', text: 'Hi' }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 3, output_tokens: 2 },
    };
    assert.equal(pipe.push(Buffer.from('\n ')).length, 0);
    assert.equal(pipe.push(Buffer.from(JSON.stringify(body))).length, 0);
    const out = pipe.finish().toString();
    assert.ok(out.includes('"content":"Hi"'));
    assert.equal(pipe.phase, 'terminal');
    assert.deepEqual([pipe.reading(0).source, pipe.reading(0).usage.output], ['reported', 2]);
  });

  test('folded for a unary client stays open to another candidate until the answer is whole', () => {
    const pipe = createFoldPipe(chatOptions);
    assert.equal(pipe.push(anthropicStream([...opening, delta])).length, 0);
    assert.equal(pipe.phase, 'opening');
    pipe.push(anthropicStream(closing));
    assert.equal(pipe.phase, 'terminal');
    const body = JSON.parse(pipe.terminalBytes().toString()) as JsonObject;
    const [choice] = body['choices'] as readonly JsonObject[];
    assert.equal((choice?.['message'] as JsonObject | undefined)?.['content'], 'Hi');
  });
});
