import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI, { BadRequestError } from 'openai';
import { bootRelay, type BootedRelay } from './boot-relay.ts';
import { pixelPng, weatherSchema } from './samples.ts';

/** The openai client's Responses calls with models behind other protocols, through the whole relay. */
let relay: BootedRelay;
let openai: OpenAI;

before(async () => {
  relay = await bootRelay({
    accounts: (url) => [
      { name: 'anthropic', kind: 'anthropic', credential: 'sk-ant-test-0000000000', baseUrl: url },
      {
        name: 'chat only',
        kind: 'openai-compatible',
        credential: 'sk-test-0000000000',
        baseUrl: `${url}/v1`,
        modelMap: { 'gpt-4.1-mini': 'gpt-4.1-mini' },
      },
    ],
  });
  openai = new OpenAI({ baseURL: `${relay.url}/v1`, apiKey: relay.key, maxRetries: 0 });
});
after(() => relay[Symbol.asyncDispose]());

const weather: OpenAI.Responses.FunctionTool = {
  type: 'function',
  name: 'get_weather',
  parameters: weatherSchema,
  strict: false,
};

function callsOf(response: OpenAI.Responses.Response): readonly OpenAI.Responses.ResponseFunctionToolCall[] {
  return response.output.filter((item) => item.type === 'function_call');
}

for (const model of ['claude-sonnet-4-5', 'gpt-4.1-mini']) {
  suite(`the openai client's Responses with ${model} behind another protocol`, () => {
    test('gets a whole answer, and the metered usage is what it is told', async () => {
      const { data, response } = await openai.responses
        .create({ model, instructions: 'Be kind.', input: '[[say:good morning]]' })
        .withResponse();
      assert.equal(data.output_text, 'good morning');
      assert.equal(data.status, 'completed');
      assert.equal(data.instructions, 'Be kind.');
      const callId = response.headers.get('x-relay-call-id') ?? '';
      const call = await relay.workspace.store.findCall(relay.workspace.organizationId, callId as never);
      assert.equal(call?.usageSource, 'reported');
      assert.equal(call.usage.output, data.usage?.output_tokens);
    });

    test('gets a stream that its own accumulator takes', async () => {
      const stream = openai.responses.stream({ model, input: '[[say:one two three four]]' });
      const texts: string[] = [];
      stream.on('response.output_text.delta', (event) => texts.push(event.delta));
      const final = await stream.finalResponse();
      assert.equal(final.output_text, 'one two three four');
      assert.equal(texts.join(''), 'one two three four');
      assert.ok((final.usage?.output_tokens ?? 0) >= 4);
    });

    test('calls a tool, answers with an image in the result, and goes on', async () => {
      const input: OpenAI.Responses.ResponseInput = [
        {
          role: 'user',
          content: [
            { type: 'input_image', image_url: `data:image/png;base64,${pixelPng}`, detail: 'auto' },
            { type: 'input_text', text: 'Call get_weather for Paris.' },
          ],
        },
      ];
      const first = await openai.responses
        .stream({ model, input, tools: [weather], tool_choice: 'required' })
        .finalResponse();
      const calls = callsOf(first);
      assert.equal(calls[0]?.name, 'get_weather');
      const results = calls.map((call): OpenAI.Responses.ResponseInputItem => ({
        type: 'function_call_output',
        call_id: call.call_id,
        output: [
          { type: 'input_text', text: '12 C' },
          { type: 'input_image', image_url: `data:image/png;base64,${pixelPng}`, detail: 'auto' },
        ],
      }));
      const replay = calls.map(({ call_id, name, arguments: written }) => ({
        type: 'function_call' as const,
        call_id,
        name,
        arguments: written,
      }));
      const second = await openai.responses.create({
        model,
        input: [...input, ...replay, ...results],
        tools: [weather],
      });
      assert.ok(second.output_text.length > 0);
    });

    test('gets the call of a free-text tool as such, and its result is understood', async () => {
      const tools: OpenAI.Responses.Tool[] = [
        { type: 'custom', name: 'apply_patch', description: 'Patches.' },
      ];
      const asked = 'Patch. [[tool:apply_patch {"input":"*** Begin \\"x\\""}]] [[then:patched]]';
      const stream = openai.responses.stream({ model, input: asked, tools });
      const written: string[] = [];
      stream.on('response.custom_tool_call_input.delta', (event) => written.push(event.delta));
      const first = await stream.finalResponse();
      const call = first.output.find((item) => item.type === 'custom_tool_call');
      assert.equal(call?.name, 'apply_patch');
      assert.equal(call.input, '*** Begin "x"');
      assert.equal(written.join(''), call.input);
      const second = await openai.responses.create({
        model,
        input: [
          { role: 'user', content: asked },
          { type: 'custom_tool_call', call_id: call.call_id, name: call.name, input: call.input },
          { type: 'custom_tool_call_output', call_id: call.call_id, output: 'Done.' },
        ],
        tools,
      });
      assert.equal(second.output_text, 'patched');
    });

    test('gets calls of a namespace by its own names', async () => {
      const response = await openai.responses.create({
        model,
        input: 'Weather? [[tool:far__get_weather {"city":"Paris"}]]',
        tools: [{ type: 'namespace', name: 'far', description: 'Far away.', tools: [weather] }],
      });
      const [call] = callsOf(response);
      assert.deepEqual([call?.namespace, call?.name], ['far', 'get_weather']);
    });

    test('gets structured output', async () => {
      const schema = { ...weatherSchema, additionalProperties: false };
      const { data } = await openai.responses
        .create({
          model,
          input: 'Name a city.',
          text: { format: { type: 'json_schema', name: 'city', schema, strict: true } },
        })
        .withResponse();
      assert.equal(typeof (JSON.parse(data.output_text) as { readonly city: unknown }).city, 'string');
    });

    test('is told that what another provider keeps is not there', async () => {
      const asked = openai.responses.create({ model, input: 'Hi', previous_response_id: 'resp_1' });
      await assert.rejects(
        asked,
        (error) => error instanceof BadRequestError && error.param === 'previous_response_id',
      );
    });
  });
}

test('reasoning of Claude comes as an item that leads back to it, through a loop of tools', async () => {
  const model = 'claude-sonnet-4-5';
  const settings = {
    reasoning: { effort: 'high', summary: 'auto' },
    tools: [weather],
  } satisfies Partial<OpenAI.Responses.ResponseCreateParams>;
  const asked: OpenAI.Responses.ResponseInputItem = {
    role: 'user',
    content: 'Weather? [[think:30]] [[tool:get_weather {"city":"Paris"}]]',
  };
  const first = await openai.responses.stream({ model, ...settings, input: [asked] }).finalResponse();
  const [thought] = first.output;
  assert.equal(thought?.type, 'reasoning');
  assert.ok((thought.summary[0]?.text ?? '').length > 0);
  assert.ok((thought.encrypted_content ?? '').length > 0);
  const [call] = callsOf(first);
  const result = { type: 'function_call_output', call_id: call?.call_id ?? '', output: '12 C' } as const;
  const history = first.output as OpenAI.Responses.ResponseInput;
  const { data, response } = await openai.responses
    .create({ model, ...settings, input: [asked, ...history, result] })
    .withResponse();
  assert.ok(data.output_text.length > 0);
  // Thinking stays on in the open loop only where the model got its own thinking back.
  assert.equal(response.headers.get('x-relay-warnings'), null);
});

test('reasoning of a GPT model comes back to it from a client of Messages', async () => {
  await using native = await bootRelay();
  const client = new Anthropic({ baseURL: native.url, apiKey: native.key, maxRetries: 0 });
  const params = {
    model: 'gpt-5.5',
    max_tokens: 4000,
    thinking: { type: 'enabled', budget_tokens: 2048 },
    tools: [{ name: 'get_weather', input_schema: weatherSchema }],
  } satisfies Partial<Anthropic.MessageCreateParams>;
  const asked: Anthropic.MessageParam = {
    role: 'user',
    content: 'Weather? [[think:30]] [[tool:get_weather {"city":"Paris"}]]',
  };
  const first = await client.messages.stream({ ...params, messages: [asked] }).finalMessage();
  assert.match(first.content[0]?.type ?? '', /thinking/);
  const call = first.content.find((block) => block.type === 'tool_use');
  const second = await client.messages.create({
    ...params,
    messages: [
      asked,
      { role: 'assistant', content: first.content },
      {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: call?.id ?? '', content: '12 C' }],
      },
    ],
  });
  assert.equal(second.stop_reason, 'end_turn');
  const sent = JSON.stringify(native.simulator.requests.at(-1));
  assert.ok(sent.includes('encrypted_content'), sent.slice(0, 300));
});
