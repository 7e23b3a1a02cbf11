import assert from 'node:assert/strict';
import { test } from 'node:test';
import { look, post } from './expect-refusals.ts';

test('the request of a coding client is taken as it is', async () => {
  const marked = { cache_control: { type: 'ephemeral', ttl: '1h' } };
  const body = {
    model: 'claude-sonnet-5',
    max_tokens: 128_000,
    stream: true,
    thinking: { type: 'adaptive', display: 'omitted' },
    output_config: { effort: 'high' },
    context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
    metadata: { user_id: JSON.stringify({ device_id: 'd', account_uuid: '', session_id: 's' }) },
    system: [
      { type: 'text', text: 'x-header: 1' },
      { type: 'text', text: 'You write code.', ...marked },
      { type: 'text', text: 'rules '.repeat(1100), ...marked },
    ],
    tools: [{ ...look, defer_loading: true, eager_input_streaming: true }],
    messages: [
      { role: 'user', content: [{ type: 'text', text: '[[say:ready]]', ...marked }] },
      {
        role: 'system',
        content: [{ type: 'text', text: 'Keep it short.' }],
        output_config: { effort: 'low' },
      },
    ],
  };
  const betas = 'context-management-2025-06-27,per-turn-control-2026-07-01';
  const send = (beta: string): Promise<Response> =>
    post('/v1/messages?beta=true', JSON.stringify(body), { 'anthropic-beta': beta });
  const response = await send(betas);
  const text = await response.text();
  assert.equal(response.status, 200, text);
  assert.match(text, /"text":"ready"/);
  assert.match(
    await (await send('context-management-2025-06-27')).text(),
    /messages\.1\.output_config: Extra inputs/,
  );
});
