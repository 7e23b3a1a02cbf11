import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { collect, type CollectedAnswer } from '../canonical/collect.ts';
import type { CanonicalRequest, JsonObject } from '../canonical/request.ts';
import { createDecoder, decodeUnary } from './decode-events.ts';
import { decodeRequest } from './decode-request.ts';

const request: CanonicalRequest = decodeRequest(
  { model: 'gpt-5.5', input: 'Hi' },
  { operation: 'generate', query: '' },
);

function decode(events: readonly JsonObject[], isCut = false): CollectedAnswer {
  const decoder = createDecoder(request);
  const decoded = events.flatMap((event) => [...decoder.push(undefined, JSON.stringify(event))]);
  const rest = decoder.finish();
  assert.equal(rest.length > 0, isCut);
  return collect([...decoded, ...rest]);
}

const created = { type: 'response.created', response: { id: 'resp_1', model: 'gpt-5.5', output: [] } };
const usage = { input_tokens: 5, output_tokens: 3, total_tokens: 8 };
const completed = { type: 'response.completed', response: { status: 'completed', output: [], usage } };

suite('a Responses stream', () => {
  test('gives whole values that came without deltas, once', () => {
    const answer = decode([
      created,
      { type: 'response.output_item.added', output_index: 0, item: { type: 'message', content: [] } },
      { type: 'response.output_text.done', output_index: 0, content_index: 0, text: 'Hello' },
      {
        type: 'response.output_item.done',
        output_index: 0,
        item: { type: 'message', content: [{ type: 'output_text', text: 'Hello' }] },
      },
      completed,
    ]);
    assert.deepEqual(answer.parts, [{ type: 'text', text: 'Hello' }]);
    assert.equal(answer.usage.output, 3);
  });

  test('gives items that only the end tells', () => {
    const call = { type: 'function_call', call_id: 'call_1', name: 'now', arguments: '{"a":1}' };
    const answer = decode([
      created,
      { ...completed, response: { status: 'completed', output: [call], usage } },
    ]);
    assert.deepEqual(answer.parts, [
      { type: 'tool-call', id: 'call_1', name: 'now', argumentsText: '{"a":1}' },
    ]);
    assert.equal(answer.stop, 'tool-calls');
  });

  test('makes free text the one argument of its call', () => {
    const answer = decode([
      created,
      {
        type: 'response.output_item.added',
        output_index: 0,
        item: { type: 'custom_tool_call', call_id: 'call_1', name: 'patch', input: '' },
      },
      { type: 'response.custom_tool_call_input.delta', output_index: 0, delta: 'say "' },
      { type: 'response.custom_tool_call_input.delta', output_index: 0, delta: 'hi"\n' },
      {
        type: 'response.output_item.done',
        output_index: 0,
        item: { type: 'custom_tool_call', call_id: 'call_1', name: 'patch', input: 'say "hi"\n' },
      },
      completed,
    ]);
    const [call] = answer.parts;
    assert.deepEqual(JSON.parse(call?.type === 'tool-call' ? call.argumentsText : ''), {
      input: 'say "hi"\n',
    });
  });

  test('ends with an error where it is cut, failed, or says so at its top', () => {
    assert.equal(decode([created], true).error?.code, 'upstream_protocol');
    const failed = {
      type: 'response.failed',
      response: { error: { code: 'rate_limit_exceeded', message: 'x' } },
    };
    assert.equal(decode([created, failed]).error?.code, 'upstream_rate_limited');
    const top = { type: 'error', code: 'server_is_overloaded', message: 'busy' };
    assert.deepEqual(decode([created, top]).error, { code: 'upstream_overloaded', message: 'busy' });
    const nested = { type: 'error', error: { type: 'invalid_request_error', message: 'no' } };
    assert.equal(decode([nested]).error?.code, 'upstream_rejected_input');
  });

  test('stops for the reason that an incomplete response gives', () => {
    const incomplete = (reason: string): JsonObject => ({
      type: 'response.incomplete',
      response: { status: 'incomplete', incomplete_details: { reason }, output: [], usage },
    });
    assert.equal(decode([created, incomplete('max_output_tokens')]).stop, 'length');
    assert.equal(decode([created, incomplete('content_filter')]).stop, 'filter');
  });
});

test('a body that is no response is an error', () => {
  const { error } = collect(decodeUnary({ error: { message: 'no', type: 'server_error' } }, request));
  assert.deepEqual(error, { code: 'upstream_failed', message: 'no' });
});
