import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI, type Content } from '@google/genai';
import OpenAI from 'openai';
import { bedrockAccounts } from './bedrock-accounts.ts';
import { bootRelay, type BootedRelay } from './boot-relay.ts';
import { pixelPng, weatherSchema } from './samples.ts';

/** Amazon Bedrock behind each client protocol. The simulator verifies signatures, speaks real frames and refuses what AWS would. */
let relay: BootedRelay;
let openai: OpenAI;
let anthropic: Anthropic;
let google: GoogleGenAI;

before(async () => {
  relay = await bootRelay({ accounts: bedrockAccounts });
  openai = new OpenAI({ baseURL: `${relay.url}/v1`, apiKey: relay.key, maxRetries: 0 });
  anthropic = new Anthropic({ baseURL: relay.url, apiKey: relay.key, maxRetries: 0 });
  google = new GoogleGenAI({ apiKey: relay.key, httpOptions: { baseUrl: relay.url } });
});
after(() => relay[Symbol.asyncDispose]());

const callWeather = '[[tool:get_weather {"city":"Paris"}]] [[then:it is sunny]]';
const image = `data:image/png;base64,${pixelPng}`;

/** Text and tokens of output of one plain question, by each client, whole and streamed. */
const askers: Readonly<Record<string, (model: string, text: string) => Promise<readonly [string, number]>>> =
  {
    async 'chat completions'(model, text) {
      const answer = await openai.chat.completions.create({
        model,
        messages: [{ role: 'user', content: text }],
      });
      return [answer.choices[0]?.message.content ?? '', answer.usage?.completion_tokens ?? 0];
    },
    async 'chat completions, streamed'(model, text) {
      const answer = await openai.chat.completions
        .stream({
          model,
          messages: [{ role: 'user', content: text }],
          stream_options: { include_usage: true },
        })
        .finalChatCompletion();
      return [answer.choices[0]?.message.content ?? '', answer.usage?.completion_tokens ?? 0];
    },
    async responses(model, text) {
      const answer = await openai.responses.create({ model, input: text });
      return [answer.output_text, answer.usage?.output_tokens ?? 0];
    },
    async 'responses, streamed'(model, text) {
      const answer = await openai.responses.stream({ model, input: text }).finalResponse();
      return [answer.output_text, answer.usage?.output_tokens ?? 0];
    },
    async messages(model, text) {
      const answer = await anthropic.messages.create({
        model,
        max_tokens: 500,
        messages: [{ role: 'user', content: text }],
      });
      return [textOf(answer), answer.usage.output_tokens];
    },
    async 'messages, streamed'(model, text) {
      const answer = await anthropic.messages
        .stream({ model, max_tokens: 500, messages: [{ role: 'user', content: text }] })
        .finalMessage();
      return [textOf(answer), answer.usage.output_tokens];
    },
    async 'generate content'(model, text) {
      const answer = await google.models.generateContent({ model, contents: text });
      return [answer.text ?? '', outputOf(answer.usageMetadata)];
    },
    async 'generate content, streamed'(model, text) {
      let said = '';
      let output = 0;
      for await (const chunk of await google.models.generateContentStream({ model, contents: text })) {
        said += chunk.text ?? '';
        output = outputOf(chunk.usageMetadata);
      }
      return [said, output];
    },
  };

function textOf(message: Anthropic.Message): string {
  return message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
}

function outputOf(usage: { candidatesTokenCount?: number; thoughtsTokenCount?: number } | undefined): number {
  return (usage?.candidatesTokenCount ?? 0) + (usage?.thoughtsTokenCount ?? 0);
}

const plain = [
  'claude-sonnet-4-5',
  'us.amazon.nova-lite-v1:0',
  'us.meta.llama3-3-70b-instruct-v1:0',
  'us.deepseek.r1-v1:0',
];
for (const model of plain) {
  suite(`${model} on Bedrock`, () => {
    for (const [name, ask] of Object.entries(askers)) {
      test(`answers ${name} with its usage`, async () => {
        const [text, output] = await ask(model, '[[say:one two three]]');
        assert.equal(text, 'one two three');
        assert.ok(output >= 3);
      });
    }
  });
}

for (const model of [
  'claude-sonnet-4-5',
  'claude-opus-4-8',
  'us.amazon.nova-lite-v1:0',
  'us.mistral.pixtral-large-2502-v1:0',
]) {
  suite(`tools and images for ${model} on Bedrock`, () => {
    test('travel from chat completions over two steps', async () => {
      const tools: OpenAI.ChatCompletionTool[] = [
        { type: 'function', function: { name: 'get_weather', parameters: weatherSchema } },
      ];
      const messages: OpenAI.ChatCompletionMessageParam[] = [
        { role: 'system', content: 'Be kind.' },
        {
          role: 'user',
          content: [
            { type: 'image_url', image_url: { url: image } },
            { type: 'text', text: callWeather },
          ],
        },
      ];
      const first = await openai.chat.completions.stream({ model, tools, messages }).finalChatCompletion();
      const message = first.choices[0]?.message;
      assert.equal(first.choices[0]?.finish_reason, 'tool_calls');
      const [call] = message?.tool_calls ?? [];
      assert.equal(call?.type === 'function' && call.function.arguments, '{"city":"Paris"}');
      assert.ok(message);
      const second = await openai.chat.completions.create({
        model,
        tools,
        messages: [...messages, message, { role: 'tool', tool_call_id: call?.id ?? '', content: 'sunny' }],
      });
      assert.equal(second.choices[0]?.message.content, 'it is sunny');
    });

    test('travel from messages, also inside a result that failed', async () => {
      const common = {
        model,
        max_tokens: 500,
        tools: [{ name: 'get_weather', input_schema: weatherSchema }],
      };
      const messages: Anthropic.MessageParam[] = [{ role: 'user', content: callWeather }];
      const first = await anthropic.messages.create({ ...common, messages });
      assert.equal(first.stop_reason, 'tool_use');
      const results = first.content.flatMap((block): Anthropic.ToolResultBlockParam[] =>
        block.type === 'tool_use'
          ? [{ type: 'tool_result', tool_use_id: block.id, is_error: true, content: failedWithImage }]
          : [],
      );
      const second = await anthropic.messages
        .stream({
          ...common,
          messages: [
            ...messages,
            { role: 'assistant', content: first.content },
            { role: 'user', content: results },
          ],
        })
        .finalMessage();
      assert.equal(textOf(second), 'it is sunny');
    });

    test('travel from responses and from generate content', async () => {
      const answer = await openai.responses.create({
        model,
        input: [
          {
            role: 'user',
            content: [
              { type: 'input_image', image_url: image, detail: 'auto' },
              { type: 'input_text', text: callWeather },
            ],
          },
        ],
        tools: [{ type: 'function', name: 'get_weather', parameters: weatherSchema, strict: false }],
      });
      const call = answer.output.find((item) => item.type === 'function_call');
      assert.equal(call?.arguments, '{"city":"Paris"}');
      const contents: Content[] = [
        {
          role: 'user',
          parts: [{ inlineData: { mimeType: 'image/png', data: pixelPng } }, { text: callWeather }],
        },
      ];
      const config = {
        tools: [{ functionDeclarations: [{ name: 'get_weather', parametersJsonSchema: weatherSchema }] }],
      };
      const asked = await google.models.generateContent({ model, contents, config });
      assert.deepEqual(asked.functionCalls?.[0]?.args, { city: 'Paris' });
      const turn = asked.candidates?.[0]?.content;
      assert.ok(turn);
      contents.push(turn, {
        role: 'user',
        parts: [{ functionResponse: { name: 'get_weather', response: { output: 'sunny' } } }],
      });
      const told = await google.models.generateContent({ model, contents, config });
      assert.equal(told.text, 'it is sunny');
    });
  });
}

const failedWithImage: NonNullable<Anthropic.ToolResultBlockParam['content']> = [
  { type: 'text', text: 'no network' },
  { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixelPng } },
];

suite('reasoning on Bedrock', () => {
  test('of Claude comes back signed through the client that asked, and through another', async () => {
    const tools: Anthropic.Tool[] = [{ name: 'get_weather', input_schema: weatherSchema }];
    const common = {
      model: 'claude-sonnet-4-5',
      max_tokens: 3000,
      tools,
      thinking: { type: 'enabled' as const, budget_tokens: 1024 },
    };
    const first = await anthropic.messages.create({
      ...common,
      messages: [{ role: 'user', content: callWeather }],
    });
    assert.equal(first.content[0]?.type, 'thinking');
    const call = first.content.find((block) => block.type === 'tool_use');
    const second = await anthropic.messages.create({
      ...common,
      messages: [
        { role: 'user', content: callWeather },
        { role: 'assistant', content: first.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: call?.id ?? '', content: 'sunny' }] },
      ],
    });
    assert.equal(textOf(second), 'it is sunny');
    const answer = await openai.responses.create({
      model: 'claude-sonnet-4-5',
      input: '[[say:hello]]',
      reasoning: { effort: 'medium', summary: 'auto' },
      max_output_tokens: 5000,
    });
    assert.equal(answer.output[0]?.type, 'reasoning');
    assert.equal(answer.output_text, 'hello');
  });

  test('of other models is shown, and asked for in the words of each family', async () => {
    for (const model of ['us.amazon.nova-2-lite-v1:0', 'us.deepseek.r1-v1:0', 'openai.gpt-oss-120b-1:0']) {
      const streamed = await anthropic.messages
        .stream({
          model,
          max_tokens: 5000,
          thinking: { type: 'enabled', budget_tokens: 10_000 },
          messages: [{ role: 'user', content: '[[say:hello]]' }],
        })
        .finalMessage();
      assert.equal(streamed.content[0]?.type, 'thinking', model);
      assert.equal(textOf(streamed), 'hello');
      const again = await anthropic.messages.create({
        model,
        max_tokens: 5000,
        messages: [
          { role: 'user', content: '[[say:hello]]' },
          { role: 'assistant', content: streamed.content },
          { role: 'user', content: '[[say:again]]' },
        ],
      });
      assert.equal(textOf(again), 'again');
    }
  });
});
