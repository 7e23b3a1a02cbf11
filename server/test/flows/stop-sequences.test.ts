import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import type { CallRecord } from '../../src/ledger/call-record.ts';
import { bootRelay, type BootedRelay } from './boot-relay.ts';
import { eventually } from './eventually.ts';

/** Stop sequences where the upstream takes none or too few: the relay ends the answer, and books what was delivered. */
let relay: BootedRelay;
let anthropic: Anthropic;
let openai: OpenAI;
let google: GoogleGenAI;

before(async () => {
  relay = await bootRelay({ simulator: { pace: 2 } });
  anthropic = new Anthropic({ baseURL: relay.url, apiKey: relay.key, maxRetries: 0 });
  openai = new OpenAI({ baseURL: `${relay.url}/v1`, apiKey: relay.key, maxRetries: 0 });
  google = new GoogleGenAI({ apiKey: relay.key, httpOptions: { baseUrl: relay.url } });
});
after(() => relay[Symbol.asyncDispose]());

async function callOf(callId: string): Promise<CallRecord> {
  const { store, organizationId } = relay.workspace;
  let call: CallRecord | undefined;
  await eventually(async () => {
    call = await store.findCall(organizationId, callId as never);
    assert.ok(call);
  });
  if (call === undefined) throw new Error('The call was not booked.');
  return call;
}

/** Long enough that the upstream has much more to say when the match comes. */
const prompt = `[[say:one two three STOP ${'and on '.repeat(200)}]]`;

suite('a stop sequence with a model whose upstream takes none', () => {
  test('ends a Messages stream, names the sequence, and cancels the upstream', async () => {
    const { data: stream, response } = await anthropic.messages
      .stream({
        model: 'gpt-5.4',
        max_tokens: 4_000,
        stop_sequences: ['STOP', 'never'],
        messages: [{ role: 'user', content: prompt }],
      })
      .withResponse();
    const message = await stream.finalMessage();
    assert.equal(message.stop_reason, 'stop_sequence');
    assert.equal(message.stop_sequence, 'STOP');
    assert.deepEqual(
      message.content.map((block) => block.type === 'text' && block.text),
      ['one two three '],
    );
    assert.equal(response.headers.get('x-relay-warnings'), null);
    const call = await callOf(response.headers.get('x-relay-call-id') ?? '');
    assert.equal(call.outcome, 'success');
    assert.equal(call.usageSource, 'estimated');
    assert.ok(call.flags.includes('estimated'));
    assert.equal(message.usage.output_tokens, call.usage.output);
    assert.ok(call.usage.output < 20 && call.usage.input > 0 && call.charge > 0n);
    await eventually(() => assert.equal(relay.simulator.requests.at(-1)?.outcome, 'aborted'));
  });

  test('ends a whole Messages answer', async () => {
    const message = await anthropic.messages.create({
      model: 'gpt-5.4',
      max_tokens: 4_000,
      stop_sequences: ['STOP'],
      messages: [{ role: 'user', content: prompt }],
    });
    assert.equal(message.stop_reason, 'stop_sequence');
    assert.deepEqual(
      message.content.map((block) => block.type === 'text' && block.text),
      ['one two three '],
    );
  });

  test('ends a Gemini answer, streamed and whole', async () => {
    const asked = { model: 'gpt-5.4', contents: prompt, config: { stopSequences: ['STOP'] } };
    const whole = await google.models.generateContent(asked);
    assert.equal(whole.text, 'one two three ');
    assert.equal(whole.candidates?.[0]?.finishReason, 'STOP');
    let text = '';
    for await (const chunk of await google.models.generateContentStream(asked)) text += chunk.text ?? '';
    assert.equal(text, 'one two three ');
  });

  test('that is the first thing said leaves an empty answer, not an error', async () => {
    const message = await anthropic.messages.create({
      model: 'gpt-5.4',
      max_tokens: 4_000,
      stop_sequences: ['one'],
      messages: [{ role: 'user', content: prompt }],
    });
    assert.deepEqual([message.stop_reason, message.content.length], ['stop_sequence', 0]);
  });
});

suite('more stop sequences than the upstream takes', () => {
  test('are all obeyed: the fifth by the relay', async () => {
    const stop_sequences = ['q', 'v', 'x', 'z', 'j', 'STOP'];
    const message = await anthropic.messages.create({
      model: 'gemini-2.5-flash',
      max_tokens: 4_000,
      stop_sequences,
      messages: [{ role: 'user', content: prompt }],
    });
    assert.equal(message.stop_sequence, 'STOP');
    const request = relay.simulator.requests.findLast(({ path }) => path.includes('gemini-2.5-flash'));
    const sent = JSON.parse(request?.bodyText ?? '{}') as { generationConfig?: { stopSequences?: string[] } };
    assert.equal(sent.generationConfig?.stopSequences?.length, 5);
  });

  test('of white space alone are obeyed for a Chat Completions client of Claude', async () => {
    const stream = await openai.chat.completions.create({
      model: 'claude-sonnet-4-5',
      stop: ['\n\n'],
      stream: true,
      messages: [{ role: 'user', content: '[[say:first\n\nsecond]]' }],
    });
    let text = '';
    let reason: string | null | undefined;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      reason = chunk.choices[0]?.finish_reason ?? reason;
    }
    assert.deepEqual([text, reason], ['first', 'stop']);
  });
});
