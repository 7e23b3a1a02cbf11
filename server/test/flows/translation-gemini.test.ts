import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI, type Content, type GenerateContentConfig } from '@google/genai';
import OpenAI from 'openai';
import { bootRelay, type BootedRelay } from './boot-relay.ts';
import { pixelPng, weatherSchema } from './samples.ts';

/** Gemini's client on the models of others, and the others' clients on Gemini models; the simulator refuses what its provider would. */
let relay: BootedRelay;
let google: GoogleGenAI;
let openai: OpenAI;
let anthropic: Anthropic;

before(async () => {
  relay = await bootRelay();
  google = new GoogleGenAI({ apiKey: relay.key, httpOptions: { baseUrl: relay.url } });
  openai = new OpenAI({ baseURL: `${relay.url}/v1`, apiKey: relay.key, maxRetries: 0 });
  anthropic = new Anthropic({ baseURL: relay.url, apiKey: relay.key, maxRetries: 0 });
});
after(() => relay[Symbol.asyncDispose]());

const declared: GenerateContentConfig = {
  tools: [{ functionDeclarations: [{ name: 'get_weather', parametersJsonSchema: weatherSchema }] }],
};
const callWeather = '[[tool:get_weather {"city":"Paris"}]] [[then:it is sunny]]';

for (const model of ['claude-sonnet-4-5', 'claude-opus-4-8', 'gpt-4.1-mini', 'gpt-5.5']) {
  suite(`the Google client with ${model}`, () => {
    test('gets a whole answer and its usage', async () => {
      const answer = await google.models.generateContent({
        model,
        contents: '[[say:good morning]]',
        config: { systemInstruction: 'Be kind.' },
      });
      assert.equal(answer.text, 'good morning');
      assert.equal(answer.candidates?.[0]?.finishReason, 'STOP');
      assert.ok((answer.usageMetadata?.totalTokenCount ?? 0) > 0);
      assert.ok(answer.responseId);
    });

    test('gets a stream piece by piece, as events and as one array', async () => {
      const contents = '[[say:one two three four]]';
      const pieces: string[] = [];
      for await (const chunk of await google.models.generateContentStream({ model, contents })) {
        pieces.push(chunk.text ?? '');
      }
      assert.equal(pieces.join(''), 'one two three four');
      assert.ok(pieces.length >= 4);

      const response = await fetch(`${relay.url}/v1beta/models/${model}:streamGenerateContent`, {
        method: 'POST',
        headers: { 'x-goog-api-key': relay.key, 'content-type': 'application/json' },
        body: JSON.stringify({ contents: [{ parts: [{ text: contents }] }] }),
      });
      assert.match(response.headers.get('content-type') ?? '', /application\/json/);
      const chunks = (await response.json()) as readonly {
        readonly candidates: readonly {
          readonly content?: { readonly parts: readonly { text: string }[] };
        }[];
        readonly usageMetadata?: { readonly totalTokenCount: number };
      }[];
      const parts = chunks.flatMap((chunk) => chunk.candidates[0]?.content?.parts ?? []);
      assert.equal(parts.map((part) => part.text).join(''), 'one two three four');
      assert.ok((chunks.at(-1)?.usageMetadata?.totalTokenCount ?? 0) > 0);
    });

    test('calls a tool and answers its result, also where the client leaves ids out', async () => {
      for (const keepsIds of [true, false]) {
        const contents: Content[] = [
          {
            role: 'user',
            parts: [{ inlineData: { mimeType: 'image/png', data: pixelPng } }, { text: callWeather }],
          },
        ];
        const first = await google.models.generateContent({ model, contents, config: declared });
        const call = first.functionCalls?.[0];
        assert.deepEqual(call?.args, { city: 'Paris' });
        const id = keepsIds && call.id !== undefined ? { id: call.id } : {};
        contents.push(
          {
            role: 'model',
            parts: [{ functionCall: { ...id, name: 'get_weather', args: { city: 'Paris' } } }],
          },
          {
            role: 'user',
            parts: [{ functionResponse: { ...id, name: 'get_weather', response: { output: 'sunny' } } }],
          },
        );
        const second = await google.models.generateContent({ model, contents, config: declared });
        assert.equal(second.text, 'it is sunny');
      }
    });

    test('is told in its own words what the model cannot do', async () => {
      await assert.rejects(
        google.models.generateContent({
          model,
          contents: 'Hi',
          config: { cachedContent: 'cachedContents/a' },
        }),
        /cached_content_refused/,
      );
      await assert.rejects(
        google.models.generateContent({ model, contents: 'Hi', config: { responseModalities: ['AUDIO'] } }),
        /audio_output_refused/,
      );
    });
  });
}

test('the Google client sees the thoughts of a Claude model when it asks, and brings them back with its calls', async () => {
  const model = 'claude-sonnet-4-5';
  const config = { ...declared, thinkingConfig: { includeThoughts: true, thinkingBudget: 2048 } };
  const contents: Content[] = [{ role: 'user', parts: [{ text: callWeather }] }];
  const first = await google.models.generateContent({ model, contents, config });
  const turn = first.candidates?.[0]?.content;
  assert.ok(turn?.parts);
  assert.ok(turn.parts.some((part) => part.thought === true && (part.text ?? '') !== ''));
  const signed = turn.parts.find((part) => part.thoughtSignature !== undefined);
  assert.ok(Buffer.from(signed?.thoughtSignature ?? '', 'base64').length > 0);
  contents.push(turn, {
    role: 'user',
    parts: [{ functionResponse: { name: 'get_weather', response: { output: 'sunny' } } }],
  });
  const stream = await google.models.generateContentStream({ model, contents, config });
  let text = '';
  for await (const chunk of stream) text += chunk.text ?? '';
  assert.equal(text, 'it is sunny');
  const silent = await google.models.generateContent({ model, contents: '[[say:hi]]' });
  assert.ok(silent.candidates?.[0]?.content?.parts?.every((part) => part.thought !== true));
});

const generations = [
  'gemini-2.0-flash',
  'gemini-2.5-pro',
  'gemini-2.5-flash',
  'gemini-3.1-pro-preview',
  'gemini-3.8-flash',
  'gemini-4-hydrogen',
  'gemini-4-carbon',
];

for (const model of generations) {
  suite(`${model} behind other protocols`, () => {
    test('calls tools for the openai client over two steps, streaming and not, and sees images', async () => {
      const tools: OpenAI.ChatCompletionTool[] = [
        { type: 'function', function: { name: 'get_weather', parameters: weatherSchema } },
      ];
      const messages: OpenAI.ChatCompletionMessageParam[] = [
        { role: 'system', content: 'Be kind.' },
        {
          role: 'user',
          content: [
            { type: 'image_url', image_url: { url: `data:image/png;base64,${pixelPng}` } },
            { type: 'text', text: callWeather },
          ],
        },
      ];
      const common = { model, tools, reasoning_effort: 'high', max_completion_tokens: 4000 } as const;
      const first = await openai.chat.completions
        .stream({ ...common, messages, stream_options: { include_usage: true } })
        .finalChatCompletion();
      const message = first.choices[0]?.message;
      assert.equal(first.choices[0]?.finish_reason, 'tool_calls');
      assert.ok((first.usage?.total_tokens ?? 0) > 0);
      const calls = message?.tool_calls ?? [];
      const [call] = calls;
      assert.equal(call?.type === 'function' && call.function.arguments, '{"city":"Paris"}');
      const results = calls.map(
        (call) => ({ role: 'tool', tool_call_id: call.id, content: 'sunny' }) as const,
      );
      assert.ok(message);
      for (const turn of [message, unsigned(message)]) {
        const second = await openai.chat.completions.create({
          ...common,
          messages: [...messages, turn as OpenAI.ChatCompletionMessageParam, ...results],
        });
        assert.equal(second.choices[0]?.message.content, 'it is sunny');
      }
    });

    test('thinks and calls tools for the Anthropic client, with images in the results', async () => {
      const tools: Anthropic.Tool[] = [{ name: 'get_weather', input_schema: weatherSchema }];
      const messages: Anthropic.MessageParam[] = [{ role: 'user', content: callWeather }];
      const settings = [
        { type: 'enabled', budget_tokens: 2048 },
        { type: 'adaptive' },
        { type: 'disabled' },
      ] as const;
      for (const thinking of settings) {
        const common = { model, tools, thinking, max_tokens: 4000, stop_sequences: ['END'] };
        const first = await anthropic.messages.stream({ ...common, messages }).finalMessage();
        assert.equal(first.stop_reason, 'tool_use', thinking.type);
        const results = first.content.flatMap((block) =>
          block.type === 'tool_use'
            ? [{ type: 'tool_result' as const, tool_use_id: block.id, content: resultWithImage }]
            : [],
        );
        const second = await anthropic.messages.create({
          ...common,
          messages: [
            ...messages,
            { role: 'assistant', content: first.content },
            { role: 'user', content: results },
          ],
        });
        const text = second.content.find((block) => block.type === 'text');
        assert.equal(text?.text, 'it is sunny', thinking.type);
      }
    });

    test('gives structured output and is forced to call', async () => {
      const structured = await openai.chat.completions.create({
        model,
        messages: [{ role: 'user', content: 'A city?' }],
        response_format: { type: 'json_schema', json_schema: { name: 'x', schema: weatherSchema } },
      });
      const content = JSON.parse(structured.choices[0]?.message.content ?? '') as { readonly city: unknown };
      assert.equal(typeof content.city, 'string');
      const forced = await anthropic.messages.create({
        model,
        max_tokens: 500,
        messages: [{ role: 'user', content: 'Hi' }],
        tools: [{ name: 'get_weather', input_schema: weatherSchema }],
        tool_choice: { type: 'tool', name: 'get_weather' },
      });
      assert.equal(forced.stop_reason, 'tool_use');
    });
  });
}

const resultWithImage: NonNullable<Anthropic.ToolResultBlockParam['content']> = [
  { type: 'text', text: 'sunny' },
  { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixelPng } },
];

/** The turn as a client keeps it that knows nothing of signatures. */
function unsigned(message: OpenAI.ChatCompletionMessage): unknown {
  const calls = message.tool_calls?.map((call) => ({ ...call, extra_content: undefined }));
  return { ...message, tool_calls: calls };
}

test('a signed call of a Gemini 3 model comes back to it with its own signature through both clients', async () => {
  const model = 'gemini-3.5-flash';
  const asked = await openai.chat.completions.create({
    model,
    messages: [{ role: 'user', content: callWeather }],
    tools: [{ type: 'function', function: { name: 'get_weather', parameters: weatherSchema } }],
  });
  const call = asked.choices[0]?.message.tool_calls?.[0] as {
    readonly extra_content?: { readonly google: { readonly thought_signature: string } };
  };
  assert.ok((call.extra_content?.google.thought_signature ?? '').length > 0);
  const message = await anthropic.messages.create({
    model,
    max_tokens: 4000,
    thinking: { type: 'adaptive' },
    messages: [{ role: 'user', content: callWeather }],
    tools: [{ name: 'get_weather', input_schema: weatherSchema }],
  });
  const index = message.content.findIndex((block) => block.type === 'tool_use');
  assert.equal(message.content[index - 1]?.type, 'redacted_thinking');
});
