import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import { at, eventsOf, openaiKey, send, textAt, withSimulator } from '../wire-test-kit.ts';

test('the official client gets one choice for each prompt, cut at sixteen tokens unless told otherwise', () =>
  withSimulator(async (simulator) => {
    const client = new OpenAI({ apiKey: 'sk-wire-tests', baseURL: `${simulator.url}/v1`, maxRetries: 0 });
    const completion = await client.completions.create({
      model: 'gpt-3.5-turbo-instruct',
      prompt: ['[[tokens: 40]]', '[[say: Short]]'],
    });
    assert.deepEqual(
      completion.choices.map(({ finish_reason: reason }) => reason),
      ['length', 'stop'],
    );
    assert.equal(completion.choices[1]?.text, 'Short');
  }));

test('a stream says what the unary answer says, with usage when asked', () =>
  withSimulator(async (simulator) => {
    const url = `${simulator.url}/v1/completions`;
    const body = {
      model: 'gpt-3.5-turbo-instruct',
      prompt: 'A boat',
      echo: true,
      max_tokens: 9,
      logprobs: 1,
    };
    const unary = await send(url, body, { headers: openaiKey });
    const streamed = await send(
      url,
      { ...body, stream: true, stream_options: { include_usage: true } },
      { headers: openaiKey },
    );
    const events = eventsOf(streamed.text);
    const text = events.map((event) => textAt(event, 'choices', 0, 'text')).join('');
    assert.equal(text, at(unary.json, 'choices', 0, 'text'));
    assert.ok(text.startsWith('A boat'));
    assert.deepEqual(at(events.at(-1), 'usage'), at(unary.json, 'usage'));
    assert.ok(streamed.text.endsWith('data: [DONE]\n\n'));
  }));

test('chat models and unknown fields are refused', () =>
  withSimulator(async (simulator) => {
    const url = `${simulator.url}/v1/completions`;
    const chat = await send(url, { model: 'gpt-4o', prompt: 'x' }, { headers: openaiKey });
    assert.equal(chat.status, 404);
    const unknown = await send(
      url,
      { model: 'davinci-002', prompt: 'x', messages: [] },
      { headers: openaiKey },
    );
    assert.equal(at(unknown.json, 'error', 'message'), 'Unrecognized request argument supplied: messages');
  }));
