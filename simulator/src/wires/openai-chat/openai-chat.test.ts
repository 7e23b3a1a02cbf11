import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import type { Simulator } from '../../index.ts';
import { at, eventsOf, openaiKey, send, textAt, withSimulator } from '../wire-test-kit.ts';

const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    },
    strict: true,
  },
} as const;

const hello = { model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello' }] };

function clientOf(simulator: Simulator): OpenAI {
  return new OpenAI({ apiKey: 'sk-wire-tests', baseURL: `${simulator.url}/v1`, maxRetries: 0 });
}

test('the official client gets text and an exact sum of usage', () =>
  withSimulator(async (simulator) => {
    const completion = await clientOf(simulator).chat.completions.create({
      model: 'gpt-4o',
      messages: [{ role: 'user', content: 'Say it. [[say: Good morning]]' }],
    });
    assert.equal(completion.choices[0]?.message.content, 'Good morning');
    assert.equal(completion.choices[0]?.finish_reason, 'stop');
    assert.equal(completion.model, 'gpt-4o-2024-08-06');
    const usage = completion.usage;
    assert.equal(usage?.total_tokens, (usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0));
  }));

test('several choices, log-probabilities and a cut by the token limit come as asked', () =>
  withSimulator(async (simulator) => {
    const completion = await clientOf(simulator).chat.completions.create({
      model: 'gpt-4o',
      messages: [{ role: 'user', content: 'Hello' }],
      n: 2,
      logprobs: true,
      top_logprobs: 2,
      max_tokens: 3,
    });
    assert.equal(completion.choices.length, 2);
    for (const choice of completion.choices) {
      assert.equal(choice.finish_reason, 'length');
      assert.equal(choice.logprobs?.content?.length, 3);
      assert.equal(choice.logprobs?.content?.[0]?.top_logprobs.length, 2);
      assert.equal(choice.logprobs?.content?.map(({ token }) => token).join(''), choice.message.content);
    }
    assert.equal(completion.usage?.completion_tokens, 6);
  }));

test('the stream helper of the official client assembles calls, and its usage equals the unary one', () =>
  withSimulator(async (simulator) => {
    const request = {
      model: 'gpt-5',
      messages: [
        {
          role: 'user',
          content: '[[tool: get_weather {"city":"Oslo"}]] [[tool: get_weather {"city":"Bergen"}]]',
        },
      ],
      tools: [weather],
    } as const;
    const client = clientOf(simulator);
    const body = { ...request, messages: [...request.messages], tools: [...request.tools] };
    const streamed = await client.chat.completions
      .stream({ ...body, stream_options: { include_usage: true } })
      .finalChatCompletion();
    const unary = await client.chat.completions.create(body);
    const calls = unary.choices[0]?.message.tool_calls ?? [];
    assert.deepEqual(
      calls.map((call) => (call.type === 'function' ? call.function.arguments : '')),
      ['{"city":"Oslo"}', '{"city":"Bergen"}'],
    );
    assert.deepEqual(
      streamed.choices[0]?.message.tool_calls?.map(({ id }) => id),
      calls.map(({ id }) => id),
    );
    assert.equal(streamed.choices[0]?.finish_reason, 'tool_calls');
    assert.deepEqual(streamed.usage, unary.usage);
    assert.ok((unary.usage?.completion_tokens_details?.reasoning_tokens ?? 0) > 0);
  }));

test('a stream begins with the role, ends with the mark, and tells usage only when asked', () =>
  withSimulator(async (simulator) => {
    const url = `${simulator.url}/v1/chat/completions`;
    const plain = await send(url, { ...hello, stream: true }, { headers: openaiKey });
    const asked = await send(
      url,
      { ...hello, stream: true, stream_options: { include_usage: true } },
      { headers: openaiKey },
    );
    assert.deepEqual(at(eventsOf(plain.text)[0], 'choices', 0, 'delta'), {
      role: 'assistant',
      content: '',
      refusal: null,
    });
    assert.ok(plain.text.endsWith('data: [DONE]\n\n'));
    assert.ok(eventsOf(plain.text).every((event) => at(event, 'usage') === undefined));
    const events = eventsOf(asked.text);
    assert.ok(events.slice(0, -1).every((event) => at(event, 'usage') === null));
    assert.deepEqual(at(events.at(-1), 'choices'), []);
    assert.ok(Number(at(events.at(-1), 'usage', 'completion_tokens')) > 0);
  }));

test('a second call with the same long prefix reads it from the cache', () =>
  withSimulator(async (simulator) => {
    const client = clientOf(simulator);
    const long = 'All boats leave at dawn and come back with the tide. '.repeat(200);
    const ask = (model: string, question: string) =>
      client.chat.completions.create({
        model,
        messages: [
          { role: 'system', content: long },
          { role: 'user', content: question },
        ],
      });
    const first = await ask('gpt-6-sol', 'One?');
    const second = await ask('gpt-6-sol', 'Two?');
    assert.equal(first.usage?.prompt_tokens_details?.cached_tokens, 0);
    const written = first.usage?.prompt_tokens_details?.cache_write_tokens ?? 0;
    assert.ok(written > 1024);
    assert.ok((second.usage?.prompt_tokens_details?.cached_tokens ?? 0) > 1024);
    assert.equal(second.usage?.prompt_tokens, first.usage?.prompt_tokens);
  }));

test('a refusal asked for in the prompt comes in the refusal field, streamed and not', () =>
  withSimulator(async (simulator) => {
    const client = clientOf(simulator);
    const messages = [{ role: 'user', content: '[[refuse]] [[say: I will not]]' } as const];
    const unary = await client.chat.completions.create({ model: 'gpt-4o', messages });
    assert.deepEqual(
      [unary.choices[0]?.message.content, unary.choices[0]?.message.refusal],
      [null, 'I will not'],
    );
    const streamed = await client.chat.completions
      .stream({ model: 'gpt-4o', messages })
      .finalChatCompletion();
    assert.equal(streamed.choices[0]?.message.refusal, 'I will not');
  }));

test('free-text tools are called with their input as it is', () =>
  withSimulator(async (simulator) => {
    const completion = await clientOf(simulator).chat.completions.create({
      model: 'gpt-5',
      messages: [{ role: 'user', content: '[[tool: write_patch "*** Begin"]]' }],
      tools: [{ type: 'custom', custom: { name: 'write_patch' } }],
    });
    const call = completion.choices[0]?.message.tool_calls?.[0];
    assert.deepEqual(call?.type === 'custom' ? call.custom : undefined, {
      name: 'write_patch',
      input: '*** Begin',
    });
  }));

test('a compatible server takes any model and unknown fields, and shows its thinking', () =>
  withSimulator(async (simulator) => {
    const body = { ...hello, model: 'deep/thinker-1', thinking: { type: 'enabled' }, whatever: 1 };
    const url = `${simulator.url}/compatible/v1/chat/completions`;
    const unary = await send(url, body, { headers: openaiKey });
    assert.equal(unary.status, 200);
    const thinking = at(unary.json, 'choices', 0, 'message', 'reasoning_content');
    assert.equal(typeof thinking, 'string');
    const streamed = await send(url, { ...body, stream: true }, { headers: openaiKey });
    const told = eventsOf(streamed.text).map((event) =>
      textAt(event, 'choices', 0, 'delta', 'reasoning_content'),
    );
    assert.equal(told.join(''), thinking);
    const broken = await send(url, { model: 'x' }, { headers: openaiKey });
    assert.equal(broken.status, 400);
  }));
