import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, call, expectRefusals, hello, look, mark, post, result, said, text } from './expect-refusals.ts';
import type { Refusal } from './expect-refusals.ts';

const SHAPE: readonly Refusal[] = [
  { what: 'an unknown field', change: { foo: 1 }, message: /^foo: Extra inputs are not permitted$/ },
  { what: 'an OpenAI field', change: { frequency_penalty: 0 }, message: /^frequency_penalty: Extra inputs/ },
  { what: 'no max_tokens', change: { max_tokens: undefined }, message: /^max_tokens: Field required$/ },
  { what: 'no model', change: { model: undefined }, message: /^model: Field required$/ },
  { what: 'no messages', change: { messages: [] }, message: /^messages: at least one message is required$/ },
  {
    what: 'text as max_tokens',
    change: { max_tokens: '9' },
    message: /^max_tokens: Input should be a valid integer$/,
  },
  {
    what: 'too many max_tokens',
    change: { max_tokens: 64_001 },
    message: /^max_tokens: 64001 > 64000, which is the maximum allowed/,
  },
  {
    what: 'an unknown role',
    change: { messages: [{ role: 'tool', content: 'x' }] },
    message: /^messages\.0\.role: Input should be 'user'/,
  },
  {
    what: 'a misplaced field',
    change: said(text({ id: 'x' })),
    message: /^messages\.0\.content\.0\.text\.id: Extra inputs/,
  },
  {
    what: 'an unknown block',
    change: said({ type: 'input_text', text: 'x' }),
    message: /^messages\.0\.content\.0\.type: Input tag 'input_text' found using 'type'/,
  },
  {
    what: 'a beta field without its beta',
    change: { context_management: {} },
    message: /^context_management: Extra inputs/,
  },
  {
    what: 'an image of a foreign type',
    change: said({ type: 'image', source: { type: 'base64', media_type: 'image/bmp', data: '' } }),
    message: /^messages\.0\.content\.0\.image\.source\.base64\.media_type: Input should be 'image\/jpeg'/,
  },
  {
    what: 'a high temperature',
    change: { temperature: 1.5 },
    message: /^temperature: Input should be less than or equal to 1$/,
  },
  { what: 'an unknown model', change: { model: 'gpt-5' }, status: 404, message: /^model: gpt-5$/ },
  {
    what: 'no version',
    change: {},
    headers: { 'anthropic-version': undefined },
    message: /^anthropic-version: header is required$/,
  },
  {
    what: 'an unknown version',
    change: {},
    headers: { 'anthropic-version': '2024-01-01' },
    message: /is not a valid version/,
  },
];

expectRefusals(SHAPE);

const ACCEPTED: Readonly<Record<string, object>> = {
  'an assistant that begins': { messages: [{ role: 'assistant', content: 'x' }, hello] },
  'a call id of an earlier turn': {
    messages: [
      hello,
      { role: 'assistant', content: [call] },
      { role: 'user', content: [result] },
      { role: 'assistant', content: [call] },
      { role: 'user', content: [result] },
    ],
  },
  'a forced tool beside adaptive thinking': {
    model: 'claude-opus-4-6',
    thinking: { type: 'adaptive' },
    tools: [look],
    tool_choice: { type: 'any' },
  },
  'messages of one role in a row': { messages: [hello, hello] },
  'a prefill on an older model': { messages: [hello, { role: 'assistant', content: 'I say' }] },
  'a system message in the middle': { messages: [hello, { role: 'system', content: 'Be brief.' }] },
  'a call and its result': {
    messages: [hello, { role: 'assistant', content: [call] }, { role: 'user', content: [result, text()] }],
  },
  'tools that run on the server': {
    tools: [
      { type: 'web_search_20250305', name: 'web_search', max_uses: 3 },
      { type: 'bash_20250124', name: 'bash' },
    ],
  },
  'a cache that is only filled': { max_tokens: 0 },
  'a longer lifetime before a shorter': said(text(mark('1h')), text(mark('5m'))),
};

for (const [what, change] of Object.entries(ACCEPTED)) {
  test(`${what} is accepted`, async () => {
    const response = await ask(change);
    assert.equal(response.status, 200, await response.text());
  });
}

test('count_tokens refuses what only a message takes', async () => {
  const headers = { 'x-api-key': undefined, authorization: 'Bearer sk-ant-refusals' };
  const response = await post(
    '/v1/messages/count_tokens?beta=true',
    JSON.stringify({ model: 'claude-sonnet-4-5', messages: [hello], max_tokens: 5 }),
    headers,
  );
  assert.equal(response.status, 400);
  assert.match(await response.text(), /max_tokens: Extra inputs are not permitted/);
});

test('a body that is no JSON is refused', async () => {
  const response = await post('/v1/messages', '{"model":');
  assert.equal(response.status, 400);
  assert.match(await response.text(), /not valid JSON/);
});
