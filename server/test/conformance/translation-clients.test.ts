import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { createFoldPipe, createTranslationPipe } from '../../src/protocols/translation-pipe.ts';
import type { JsonObject } from '../../src/protocols/canonical/request.ts';
import { carrying, returned } from './carried.ts';
import { anthropic, chat, otherSide, readFixture, target, type Side } from './translation-material.ts';

/**
 * The official clients read what translation writes. They check the order of events, the identity of calls and the end
 * of a stream by themselves and throw where they are not kept; the requests are what these clients really send.
 */
function serve(client: Side, fixture: string): typeof fetch {
  return async (_url, init) => {
    const upstream = otherSide(client);
    const body = JSON.parse(typeof init?.body === 'string' ? init.body : '{}') as JsonObject;
    const request = client.translation.decodeRequest(body, target);
    const options = {
      upstream: carrying(upstream, client),
      client: client.translation,
      request,
      createdAtSeconds: 1_763_800_000,
    };
    const pipe = request.stream ? createTranslationPipe(options) : createFoldPipe(options);
    const pushed = Buffer.from(pipe.push(readFixture(upstream, `${fixture}.answer.sse`)));
    const bytes = Buffer.concat([pushed, pipe.finish(), pipe.terminalBytes()]);
    assert.equal(pipe.phase, 'terminal', String(pipe.failure));
    const type = request.stream ? 'text/event-stream' : 'application/json';
    return new Response(bytes, { status: 200, headers: { 'content-type': type } });
  };
}

function openAiClient(fixture: string): OpenAI {
  return new OpenAI({
    apiKey: 'k',
    baseURL: 'http://relay.test/v1',
    fetch: serve(chat, fixture),
    maxRetries: 0,
  });
}

function anthropicClient(fixture: string): Anthropic {
  return new Anthropic({
    apiKey: 'k',
    baseURL: 'http://relay.test',
    fetch: serve(anthropic, fixture),
    maxRetries: 0,
  });
}

const chatParams = {
  model: 'claude-sonnet-4-5',
  messages: [{ role: 'user', content: 'Hello!' }],
  tools: [
    { type: 'function', function: { name: 'get_weather', parameters: { type: 'object', properties: {} } } },
    { type: 'function', function: { name: 'get_time', parameters: { type: 'object', properties: {} } } },
  ],
} satisfies OpenAI.ChatCompletionCreateParams;

const messageParams = {
  model: 'gpt-4.1',
  max_tokens: 1000,
  messages: [{ role: 'user', content: 'Hello!' }],
} satisfies Anthropic.MessageCreateParams;

suite('the official openai client in front of an Anthropic upstream', () => {
  test('streams a text and its usage', async () => {
    const stream = openAiClient('text').chat.completions.stream({
      ...chatParams,
      stream_options: { include_usage: true },
    });
    const completion = await stream.finalChatCompletion();
    assert.equal(
      completion.choices[0]?.message.content,
      '轻舟已过万重山。\nA light boat — past “ten thousand” hills 🛶.',
    );
    assert.equal(completion.choices[0].finish_reason, 'stop');
    assert.equal(completion.usage?.prompt_tokens, 21);
    assert.equal(completion.usage.total_tokens, 55);
    assert.equal(completion.created, 1_763_800_000);
  });

  test('streams parallel tool calls with whole arguments and counts cached tokens once', async () => {
    const stream = openAiClient('parallel-tools').chat.completions.stream({
      ...chatParams,
      stream_options: { include_usage: true },
    });
    const completion = await stream.finalChatCompletion();
    const [choice] = completion.choices;
    assert.equal(choice?.finish_reason, 'tool_calls');
    const calls = choice.message.tool_calls?.map((call) => [
      call.id,
      call.type === 'function' ? call.function.name : '',
      call.type === 'function' ? call.function.arguments : '',
    ]);
    assert.deepEqual(calls, [
      ['toolu_01Paris', 'get_weather', '{"city":"Paris","unit":"c"}'],
      ['toolu_01Now', 'get_time', '{}'],
    ]);
    assert.equal(completion.usage?.prompt_tokens, 410 + 1024 + 300);
    assert.equal(completion.usage.prompt_tokens_details?.cached_tokens, 1024);
  });

  test('gives no usage chunk to a client that did not ask for it', async () => {
    const stream = await openAiClient('text').chat.completions.create({ ...chatParams, stream: true });
    for await (const chunk of stream) assert.equal(chunk.usage ?? null, null);
  });

  test('answers a unary call with the folded stream', async () => {
    const completion = await openAiClient('thinking').chat.completions.create(chatParams);
    const [choice] = completion.choices;
    assert.equal(choice?.message.content, 'Four.');
    assert.equal(
      (choice.message as { reasoning_content?: string }).reasoning_content,
      'The sum of 2 and 2 is 4; check: 4 - 2 = 2.',
    );
    assert.equal(completion.usage?.completion_tokens_details?.reasoning_tokens, 52);
  });

  test('tells the sources of a web search as annotations that span their block', async () => {
    const completion = await openAiClient('cited-search').chat.completions.create(chatParams);
    const message = completion.choices[0]?.message;
    const [annotation] = message?.annotations ?? [];
    assert.deepEqual(annotation?.url_citation, {
      start_index: 0,
      end_index: 17,
      title: 'Towers',
      url: 'https://towers.example/a',
    });
  });

  test('ends a refusal without words as filtered', async () => {
    const completion = await openAiClient('refusal').chat.completions.create(chatParams);
    assert.equal(completion.choices[0]?.finish_reason, 'content_filter');
  });
});

suite('the official Anthropic client in front of a Chat Completions upstream', () => {
  test('streams a text and its usage', async () => {
    const message = await anthropicClient('text').messages.stream(messageParams).finalMessage();
    assert.deepEqual(
      message.content.map((block) => (block.type === 'text' ? block.text : block.type)),
      ['两岸猿声啼不住 — “done” 🛶'],
    );
    assert.equal(message.stop_reason, 'end_turn');
    assert.equal(message.usage.input_tokens, 30);
    assert.equal(message.usage.output_tokens, 14);
  });

  test('streams interleaved parallel calls one block after the other, each with its own input', async () => {
    const stream = anthropicClient('parallel-tools').messages.stream(messageParams);
    const stops: number[] = [];
    stream.on('streamEvent', (event) => {
      if (event.type === 'content_block_stop') stops.push(event.index);
    });
    const message = await stream.finalMessage();
    assert.deepEqual(stops, [0, 1, 2]);
    assert.equal(message.stop_reason, 'tool_use');
    const calls = message.content.flatMap((block) =>
      block.type === 'tool_use' ? [[block.id, block.name, block.input]] : [],
    );
    assert.deepEqual(calls, [
      ['call_Paris01', 'get_weather', { city: 'Paris', unit: 'c' }],
      ['call_Now01', 'get_time', {}],
    ]);
    const {
      input_tokens: input,
      cache_read_input_tokens: read,
      cache_creation_input_tokens: written,
    } = message.usage;
    assert.deepEqual({ input, read, written }, { input: 1500 - 1024 - 256, read: 1024, written: 256 });
  });

  test('shows foreign reasoning as thinking with an envelope that leads back to its origin', async () => {
    const message = await anthropicClient('reasoning').messages.stream(messageParams).finalMessage();
    const [thinking, text] = message.content;
    assert.equal(thinking?.type === 'thinking' && thinking.thinking, 'Two and two are four.');
    assert.equal(text?.type === 'text' && text.text, 'Four.');

    const history = [...messageParams.messages, { role: 'assistant', content: message.content }];
    const body = { ...messageParams, messages: history } as unknown as JsonObject;
    const again = anthropic.translation.decodeRequest(body, target);
    const [, back] = chat.translation.encodeRequest(returned(again, chat), undefined).value[
      'messages'
    ] as readonly JsonObject[];
    assert.equal(back?.['reasoning_content'], 'Two and two are four.');
    const own = anthropic.translation.encodeRequest(returned(again, anthropic), undefined);
    assert.ok(!JSON.stringify(own.value).includes('Two and two'));
  });

  test('answers a unary call with the folded stream', async () => {
    const message = await anthropicClient('refusal').messages.create(messageParams);
    assert.equal(message.stop_reason, 'refusal');
    assert.equal(message.content[0]?.type === 'text' && message.content[0].text, 'I cannot help with that.');
  });

  test('attaches annotations to the text they cite', async () => {
    const message = await anthropicClient('cited').messages.stream(messageParams).finalMessage();
    const [block] = message.content;
    const citation = block?.type === 'text' ? block.citations?.[0] : undefined;
    assert.equal(citation?.type === 'web_search_result_location' && citation.url, 'https://towers.example/a');
  });

  test('ends a cut answer with max_tokens', async () => {
    const message = await anthropicClient('length').messages.stream(messageParams).finalMessage();
    assert.equal(message.stop_reason, 'max_tokens');
  });
});
