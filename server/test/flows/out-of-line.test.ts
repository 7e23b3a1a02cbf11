import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import OpenAI from 'openai';
import { bootRelay, type BootedRelay } from './boot-relay.ts';
import { pixelPng, weatherSchema } from './samples.ts';

/** What tools send to the chat address in other forms, with models behind every protocol, through the whole relay. */
let relay: BootedRelay;
let openai: OpenAI;

before(async () => {
  relay = await bootRelay({
    accounts: (url) => [
      { name: 'anthropic', kind: 'anthropic', credential: 'sk-ant-test-0000000000', baseUrl: url },
      { name: 'gemini', kind: 'gemini', credential: 'AIzaTest000000000000000000000000000000', baseUrl: url },
      {
        name: 'chat only',
        kind: 'openai-compatible',
        credential: 'sk-test-0000000000',
        baseUrl: `${url}/v1`,
        modelMap: { 'chat-only': 'gpt-4.1-mini' },
      },
      {
        name: 'openai',
        kind: 'openai',
        credential: 'sk-test-0000000000',
        baseUrl: `${url}/v1`,
      },
    ],
  });
  openai = new OpenAI({ baseURL: `${relay.url}/v1`, apiKey: relay.key, maxRetries: 0 });
});
after(() => relay[Symbol.asyncDispose]());

/** The client as it is, with a body that its types know nothing of. */
function send(body: object): Promise<OpenAI.ChatCompletion> {
  return openai.post('/chat/completions', { body });
}

const flatTool = {
  type: 'function',
  name: 'get_weather',
  description: 'Weather.',
  parameters: weatherSchema,
};
const anthropicTool = { name: 'get_weather', description: 'Weather.', input_schema: weatherSchema };

for (const model of ['chat-only', 'gpt-5.4', 'claude-sonnet-4-5', 'gemini-2.5-flash']) {
  suite(`the chat address with ${model}`, () => {
    test('answers a Responses body as a chat completion', async () => {
      const completion = await send({
        model,
        instructions: 'Be kind.',
        input: [
          {
            role: 'user',
            content: [
              { type: 'input_image', image_url: `data:image/png;base64,${pixelPng}`, detail: 'auto' },
              { type: 'input_text', text: '[[say:good morning]]' },
            ],
          },
        ],
        max_output_tokens: 500,
      });
      assert.equal(completion.object, 'chat.completion');
      assert.equal(completion.choices[0]?.message.content, 'good morning');
    });

    test('streams a Responses body with flat tools, and takes the results back in the same form', async () => {
      const input: object[] = [{ role: 'user', content: 'Call get_weather for Paris.' }];
      const body = { model, input, tools: [flatTool], tool_choice: 'required', stream: true } as const;
      const stream = await openai.chat.completions.create(
        body as unknown as OpenAI.ChatCompletionCreateParamsStreaming,
      );
      const calls: { id: string; name: string; written: string }[] = [];
      let reason: string | undefined;
      for await (const { choices } of stream) {
        for (const call of choices[0]?.delta.tool_calls ?? []) {
          calls[call.index] ??= { id: call.id ?? '', name: call.function?.name ?? '', written: '' };
          const growing = calls[call.index];
          if (growing !== undefined) growing.written += call.function?.arguments ?? '';
        }
        reason = choices[0]?.finish_reason ?? reason;
      }
      assert.equal(reason, 'tool_calls');
      assert.equal(calls[0]?.name, 'get_weather');
      const replay = calls.flatMap(({ id, name, written }) => [
        { type: 'function_call', call_id: id, name, arguments: written },
        { type: 'function_call_output', call_id: id, output: '12 C' },
      ]);
      const second = await send({ model, input: [...input, ...replay], tools: [flatTool] });
      assert.ok((second.choices[0]?.message.content ?? '').length > 0);
    });

    test("takes Anthropic's tool definitions and blocks", async () => {
      const first = await send({
        model,
        messages: [{ role: 'user', content: 'Call get_weather for Paris.' }],
        tools: [anthropicTool],
        tool_choice: { type: 'any' },
      });
      const call = first.choices[0]?.message.tool_calls?.[0];
      assert.ok(call?.type === 'function' && call.function.name === 'get_weather');
      const second = await send({
        model,
        messages: [
          { role: 'user', content: 'Call get_weather for Paris.' },
          {
            role: 'assistant',
            content: [
              {
                type: 'tool_use',
                id: call.id,
                name: 'get_weather',
                input: JSON.parse(call.function.arguments) as object,
              },
            ],
          },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: '12 C' }] },
        ],
        tools: [anthropicTool],
      });
      assert.ok((second.choices[0]?.message.content ?? '').length > 0);
    });

    test('takes both output limits at once, and arguments that are objects or no JSON at all', async () => {
      const completion = await send({
        model,
        max_tokens: 400,
        max_completion_tokens: 300,
        messages: [
          { role: 'user', content: 'Weather?' },
          {
            role: 'assistant',
            content: null,
            tool_calls: [
              {
                id: 'call_a',
                type: 'function',
                function: { name: 'get_weather', arguments: { city: 'Paris' } },
              },
              {
                id: 'call_b',
                type: 'function',
                function: { name: 'get_weather', arguments: 'Rome, please' },
              },
            ],
          },
          { role: 'tool', tool_call_id: 'call_a', content: '12 C' },
          { role: 'tool', tool_call_id: 'call_b', content: [{ type: 'text', text: 'what?' }] },
          { role: 'user', content: '[[say:understood]]' },
        ],
        tools: [{ type: 'function', function: { name: 'get_weather', parameters: weatherSchema } }],
      });
      assert.equal(completion.choices[0]?.message.content, 'understood');
    });

    test('answers the deprecated functions with a deprecated call, whole and streamed', async () => {
      const body: OpenAI.ChatCompletionCreateParamsNonStreaming = {
        model,
        messages: [{ role: 'user', content: 'Call get_weather for Paris.' }],
        functions: [{ name: 'get_weather', parameters: weatherSchema }],
        function_call: { name: 'get_weather' },
      };
      const whole = await openai.chat.completions.create(body);
      const choice = whole.choices[0];
      // oxlint-disable-next-line typescript/no-deprecated -- the deprecated form is what is tested
      assert.equal(choice?.message.function_call?.name, 'get_weather');
      assert.equal(choice?.message.tool_calls, undefined);
      const stream = await openai.chat.completions.create({ ...body, stream: true });
      let name = '';
      for await (const chunk of stream) {
        // oxlint-disable-next-line typescript/no-deprecated -- the deprecated form is what is tested
        name += chunk.choices[0]?.delta.function_call?.name ?? '';
      }
      assert.equal(name, 'get_weather');
      const followed = await openai.chat.completions.create({
        ...body,
        function_call: 'auto',
        messages: [
          ...body.messages,
          {
            role: 'assistant',
            content: null,
            function_call: { name: 'get_weather', arguments: '{"city":"Paris"}' },
          },
          { role: 'function', name: 'get_weather', content: '12 C' },
        ],
      });
      assert.ok((followed.choices[0]?.message.content ?? '').length > 0);
    });
  });
}

test('a body in line reaches a chat upstream byte for byte', async () => {
  const body =
    '{"model":"gpt-4.1-mini", "messages":[{"role":"user","content":"[[say:hi]]"}],\n "functions":[{"name":"f","parameters":{"type":"object","properties":{"name":{"type":"string"}}}}] }';
  const response = await fetch(`${relay.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${relay.key}`, 'content-type': 'application/json' },
    body,
  });
  assert.equal(response.status, 200);
  assert.equal(relay.simulator.requests.at(-1)?.bodyText, body);
});
