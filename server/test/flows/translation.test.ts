import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI, { BadRequestError } from 'openai';
import { bootRelay, type BootedRelay } from './boot-relay.ts';
import { pixelPng, weatherSchema } from './samples.ts';

/** A model behind the other protocol, through the whole relay: the simulator refuses whatever its provider would. */
let relay: BootedRelay;
let openai: OpenAI;
let anthropic: Anthropic;
const claude = 'claude-sonnet-4-5';
const gpt = 'gpt-4.1-mini';

before(async () => {
  relay = await bootRelay();
  openai = new OpenAI({ baseURL: `${relay.url}/v1`, apiKey: relay.key, maxRetries: 0 });
  anthropic = new Anthropic({ baseURL: relay.url, apiKey: relay.key, maxRetries: 0 });
});
after(() => relay[Symbol.asyncDispose]());

async function usageOf(callId: string | null) {
  const call = await relay.workspace.store.findCall(relay.workspace.organizationId, (callId ?? '') as never);
  return call;
}

suite('the openai client with a Claude model', () => {
  test('gets a whole answer, and the metered usage is what it is told', async () => {
    const { data, response } = await openai.chat.completions
      .create({
        model: claude,
        messages: [
          { role: 'system', content: 'Be kind.' },
          { role: 'user', content: '[[say:good morning]]' },
        ],
      })
      .withResponse();
    assert.equal(data.choices[0]?.message.content, 'good morning');
    assert.equal(data.choices[0].finish_reason, 'stop');
    const call = await usageOf(response.headers.get('x-relay-call-id'));
    assert.equal(call?.usageSource, 'reported');
    assert.equal(call?.usage.output, data.usage?.completion_tokens);
  });

  test('gets a stream piece by piece, ended in its own protocol', async () => {
    const stream = openai.chat.completions.stream({
      model: claude,
      messages: [{ role: 'user', content: '[[say:one two three four]]' }],
      stream_options: { include_usage: true },
    });
    const completion = await stream.finalChatCompletion();
    assert.equal(completion.choices[0]?.message.content, 'one two three four');
    assert.ok((completion.usage?.completion_tokens ?? 0) >= 4);
  });

  test('calls tools, answers their results, and shows an image', async () => {
    const tools: OpenAI.ChatCompletionTool[] = [
      { type: 'function', function: { name: 'get_weather', parameters: weatherSchema } },
    ];
    const messages: OpenAI.ChatCompletionMessageParam[] = [
      {
        role: 'user',
        content: [
          { type: 'image_url', image_url: { url: `data:image/png;base64,${pixelPng}` } },
          { type: 'text', text: 'Call get_weather for Paris.' },
        ],
      },
    ];
    const first = await openai.chat.completions.create({
      model: claude,
      messages,
      tools,
      tool_choice: 'required',
    });
    const [choice] = first.choices;
    assert.equal(choice?.finish_reason, 'tool_calls');
    const calls = choice.message.tool_calls ?? [];
    assert.equal(calls[0]?.type === 'function' && calls[0].function.name, 'get_weather');
    const results = calls.map((call) => ({ role: 'tool', tool_call_id: call.id, content: '12 C' }) as const);
    const second = await openai.chat.completions.create({
      model: claude,
      messages: [...messages, choice.message, ...results],
      tools,
    });
    assert.ok((second.choices[0]?.message.content ?? '').length > 0);
  });

  test('gets structured output and the names of what was lost', async () => {
    const schema = {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    };
    const { data, response } = await openai.chat.completions
      .create({
        model: claude,
        messages: [{ role: 'user', content: 'Name a city.' }],
        response_format: { type: 'json_schema', json_schema: { name: 'city', schema, strict: true } },
        seed: 7,
      })
      .withResponse();
    const content = JSON.parse(data.choices[0]?.message.content ?? '') as { readonly city: unknown };
    assert.equal(typeof content.city, 'string');
    assert.equal(response.headers.get('x-relay-warnings'), 'seed_dropped');
  });

  const generations = [
    'claude-3-haiku-20240307',
    'claude-sonnet-4-20250514',
    'claude-sonnet-4-5',
    'claude-opus-4-6',
    'claude-opus-4-8',
    'claude-sonnet-5',
    'claude-sonnet-5-5',
    'claude-opus-5-5',
    'claude-fable-5-2',
  ];
  for (const model of generations) {
    test(`asks ${model} only for what it takes: forced tools, schemas, effort, sampling, late instructions`, async () => {
      const messages: OpenAI.ChatCompletionMessageParam[] = [
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: 'Hello.' },
        { role: 'system', content: 'The user is in a hurry.' },
        { role: 'user', content: 'Weather in Paris? [[tool:get_weather {"city":"Paris"}]]' },
      ];
      const tools: OpenAI.ChatCompletionTool[] = [
        { type: 'function', function: { name: 'get_weather', parameters: weatherSchema } },
      ];
      const common = { model, temperature: 0.3, top_p: 0.9, stop: ['END'], max_completion_tokens: 3000 };
      const forced = await openai.chat.completions.create({
        ...common,
        messages,
        tools,
        tool_choice: 'required',
      });
      const [call] = forced.choices[0]?.message.tool_calls ?? [];
      assert.equal(call?.type === 'function' && call.function.name, 'get_weather');

      const format = { type: 'json_schema', json_schema: { name: 'x', schema: weatherSchema } } as const;
      const structured = await openai.chat.completions.create({
        ...common,
        messages: [{ role: 'user', content: 'A city?' }],
        response_format: format,
      });
      const answer = JSON.parse(structured.choices[0]?.message.content ?? '') as { readonly city: unknown };
      assert.equal(typeof answer.city, 'string');

      for (const effort of ['none', 'low', 'xhigh'] as const) {
        const thought = await openai.chat.completions.create({
          ...common,
          messages: [{ role: 'user', content: 'Hi' }],
          reasoning_effort: effort,
        });
        assert.ok((thought.choices[0]?.message.content ?? '').length > 0, effort);
      }
    });
  }

  test('is refused what cannot be carried over, in its own error form', async () => {
    const asked = openai.chat.completions.create({
      model: claude,
      messages: [{ role: 'user', content: 'Hi' }],
      n: 2,
    });
    await assert.rejects(
      asked,
      (error) => error instanceof BadRequestError && error.message.includes('choices_refused'),
    );
  });
});

suite('the Anthropic client with a GPT model', () => {
  test('gets a whole answer and a stream', async () => {
    const params = {
      model: gpt,
      max_tokens: 200,
      system: 'Be kind.',
      messages: [{ role: 'user', content: '[[say:one two three]]' }],
    } satisfies Anthropic.MessageCreateParams;
    const whole = await anthropic.messages.create(params);
    assert.equal(whole.content[0]?.type === 'text' && whole.content[0].text, 'one two three');
    assert.equal(whole.stop_reason, 'end_turn');
    const streamed = await anthropic.messages.stream(params).finalMessage();
    assert.equal(streamed.content[0]?.type === 'text' && streamed.content[0].text, 'one two three');
    assert.ok(streamed.usage.input_tokens > 0 && streamed.usage.output_tokens >= 3);
  });

  test('calls tools, answers with an image in the result, and goes on', async () => {
    const tools: Anthropic.Tool[] = [{ name: 'get_weather', input_schema: weatherSchema }];
    const messages: Anthropic.MessageParam[] = [{ role: 'user', content: 'Call get_weather for Paris.' }];
    const stream = anthropic.messages.stream({
      model: gpt,
      max_tokens: 500,
      messages,
      tools,
      tool_choice: { type: 'any' },
    });
    const first = await stream.finalMessage();
    assert.equal(first.stop_reason, 'tool_use');
    const calls = first.content.filter((block) => block.type === 'tool_use');
    assert.equal(calls[0]?.name, 'get_weather');
    const results = calls.map((call): Anthropic.ToolResultBlockParam => ({
      type: 'tool_result',
      tool_use_id: call.id,
      content: [
        { type: 'text', text: '12 C' },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixelPng } },
      ],
    }));
    const { data, response } = await anthropic.messages
      .create({
        model: gpt,
        max_tokens: 500,
        messages: [
          ...messages,
          { role: 'assistant', content: first.content },
          { role: 'user', content: results },
        ],
        tools,
      })
      .withResponse();
    assert.ok(data.content.length > 0);
    // Responses takes media in results, so nothing had to move.
    assert.equal(response.headers.get('x-relay-warnings'), null);
  });

  for (const model of ['gpt-4.1', 'o3', 'gpt-5', 'gpt-5.5', 'gpt-5.6-sol', 'gpt-6-sol']) {
    test(`asks ${model} only for what it takes: thinking, sampling, tools, schemas`, async () => {
      const tools: Anthropic.Tool[] = [{ name: 'get_weather', input_schema: weatherSchema }];
      const common = { model, max_tokens: 4000, stop_sequences: ['END'], temperature: 0.5, top_k: 5 };
      const thinking = [
        { type: 'enabled', budget_tokens: 2048 },
        { type: 'adaptive' },
        { type: 'disabled' },
      ] as const;
      for (const setting of thinking) {
        const answer = await anthropic.messages.create({
          ...common,
          thinking: setting,
          messages: [{ role: 'user', content: 'Paris? [[tool:get_weather {"city":"Paris"}]]' }],
          tools,
        });
        assert.equal(answer.stop_reason, 'tool_use', setting.type);
      }
      const schema = { ...weatherSchema, additionalProperties: false };
      const structured = await anthropic.messages.create({
        ...common,
        messages: [{ role: 'user', content: 'A city?' }],
        output_config: { format: { type: 'json_schema', schema } },
      });
      const text = structured.content.find((block) => block.type === 'text')?.text ?? '';
      assert.equal(typeof (JSON.parse(text) as { readonly city: unknown }).city, 'string');
    });
  }
});
