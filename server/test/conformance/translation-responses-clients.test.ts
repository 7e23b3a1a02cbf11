import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { createFoldPipe, createTranslationPipe } from '../../src/protocols/translation-pipe.ts';
import { RelayError } from '../../src/domain/errors.ts';
import type { JsonObject } from '../../src/protocols/canonical/request.ts';
import { carrying, returned } from './carried.ts';
import {
  anthropic,
  chat,
  parseSse,
  readFixture,
  responses,
  target,
  type Side,
} from './translation-material.ts';

/** The official clients read what translation from and to Responses writes; they throw where its order is not kept. */
interface Meeting {
  readonly client: Side;
  readonly upstream: Side;
  readonly fixture: string;
}

function serve({ client, upstream, fixture }: Meeting): typeof fetch {
  return async (_url, init) => {
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

function openAiClient(upstream: Side, fixture: string): OpenAI {
  return new OpenAI({
    apiKey: 'k',
    baseURL: 'http://relay.test/v1',
    fetch: serve({ client: responses, upstream, fixture }),
    maxRetries: 0,
  });
}

function tool(name: string): OpenAI.Responses.FunctionTool {
  return { type: 'function', name, parameters: { type: 'object', properties: {} }, strict: false };
}

const params = {
  model: 'claude-sonnet-4-5',
  input: 'Hello!',
  tools: [tool('get_weather'), tool('get_time')],
};

suite('the Responses helper of the official openai client', () => {
  for (const upstream of [anthropic, chat]) {
    test(`accumulates parallel calls of ${upstream.id} with whole arguments and counts cached tokens once`, async () => {
      const response = await openAiClient(upstream, 'parallel-tools')
        .responses.stream(params)
        .finalResponse();
      const calls = response.output.flatMap((item) =>
        item.type === 'function_call' ? [[item.name, item.arguments]] : [],
      );
      assert.deepEqual(calls, [
        ['get_weather', '{"city":"Paris","unit":"c"}'],
        ['get_time', '{}'],
      ]);
      assert.equal(response.usage?.input_tokens_details.cached_tokens, 1024);
      const { input_tokens: input, output_tokens: output, total_tokens: total } = response.usage;
      assert.equal(input + output, total);
    });

    test(`is refused nothing in a text of ${upstream.id}, whose unary form is the same`, async () => {
      const client = openAiClient(upstream, 'text');
      const streamed = await client.responses.stream(params).finalResponse();
      const whole = await client.responses.create(params);
      assert.equal(streamed.output_text, whole.output_text);
      assert.deepEqual(streamed.usage, whole.usage);
      assert.equal(whole.tools.length, 2);
    });
  }

  test('gets the sources of a web search with the span of their text', async () => {
    const response = await openAiClient(anthropic, 'cited-search').responses.stream(params).finalResponse();
    const message = response.output.find((item) => item.type === 'message');
    const part = message?.content.find(
      (inner) => inner.type === 'output_text' && inner.annotations.length > 0,
    );
    const [annotation] = part?.type === 'output_text' ? part.annotations : [];
    assert.equal(annotation?.type === 'url_citation' && annotation.url, 'https://towers.example/a');
  });

  test('gets raw reasoning of a compatible server as content, with an envelope that leads back', async () => {
    const response = await openAiClient(chat, 'reasoning').responses.stream(params).finalResponse();
    const [thought] = response.output;
    assert.equal(thought?.type, 'reasoning');
    assert.equal(thought.content?.[0]?.text, 'Two and two are four.');
    const history = [{ role: 'user', content: 'Hi' }, ...response.output, { role: 'user', content: 'And?' }];
    const again = responses.translation.decodeRequest(
      { ...params, input: history } as unknown as JsonObject,
      target,
    );
    const back = chat.translation.encodeRequest(returned(again, chat), undefined).value['messages'];
    assert.ok(JSON.stringify(back).includes('Two and two are four.'));
    const foreign = anthropic.translation.encodeRequest(returned(again, anthropic), undefined);
    assert.ok(!JSON.stringify(foreign.value).includes('Two and two are four.'));
  });

  test('is told that an answer was cut', async () => {
    const response = await openAiClient(chat, 'length').responses.create(params);
    assert.equal(response.status, 'incomplete');
    assert.equal(response.incomplete_details?.reason, 'max_output_tokens');
  });

  test('is told of a refusal in words, and of one without', async () => {
    const said = await openAiClient(chat, 'refusal').responses.stream(params).finalResponse();
    const [message] = said.output;
    assert.equal(message?.type === 'message' && message.content[0]?.type, 'refusal');
    const silent = await openAiClient(anthropic, 'refusal').responses.create(params);
    assert.equal(silent.incomplete_details?.reason, 'content_filter');
  });
});

suite('official clients of other protocols in front of Responses', () => {
  const messages = {
    model: 'gpt-5.5',
    max_tokens: 2000,
    messages: [{ role: 'user', content: 'Hello!' }],
    thinking: { type: 'adaptive' },
  } satisfies Anthropic.MessageCreateParams;
  const anthropicClient = (fixture: string): Anthropic =>
    new Anthropic({
      apiKey: 'k',
      baseURL: 'http://relay.test',
      fetch: serve({ client: anthropic, upstream: responses, fixture }),
      maxRetries: 0,
    });

  test('the Anthropic client streams calls one block after the other, the arguments told at the end too', async () => {
    const message = await anthropicClient('parallel-tools').messages.stream(messages).finalMessage();
    assert.equal(message.stop_reason, 'tool_use');
    const calls = message.content.flatMap((block) =>
      block.type === 'tool_use' ? [[block.id, block.input]] : [],
    );
    assert.deepEqual(calls, [
      ['call_Paris01', { city: 'Paris', unit: 'c' }],
      ['call_Now01', {}],
    ]);
    assert.equal(message.usage.input_tokens, 1500 - 1024 - 256);
  });

  test('the Anthropic client carries encrypted reasoning back to its origin and to nobody else', async () => {
    const message = await anthropicClient('reasoning').messages.stream(messages).finalMessage();
    const [thinking] = message.content;
    assert.equal(thinking?.type === 'thinking' && thinking.thinking, 'Two and two.\n\nIt is four.');
    const history = [
      ...messages.messages,
      { role: 'assistant', content: message.content },
      { role: 'user', content: 'And?' },
    ];
    const again = anthropic.translation.decodeRequest(
      { ...messages, messages: history } as unknown as JsonObject,
      target,
    );
    const back = responses.translation.encodeRequest(returned(again, responses), undefined).value;
    assert.ok(JSON.stringify(back).includes('"encrypted_content":"gAAAAAB-sealed-reasoning"'));
    for (const side of [anthropic, chat]) {
      const foreign = side.translation.encodeRequest(returned(again, side), undefined).value;
      assert.ok(!JSON.stringify(foreign).includes('sealed'), side.id);
    }
  });

  test('the openai client reads text, citations and reasoning as chat chunks', async () => {
    const openai = (fixture: string): OpenAI =>
      new OpenAI({
        apiKey: 'k',
        baseURL: 'http://relay.test/v1',
        fetch: serve({ client: chat, upstream: responses, fixture }),
        maxRetries: 0,
      });
    const asked = {
      model: 'gpt-5.5',
      messages: [{ role: 'user', content: 'Hi' }],
    } satisfies OpenAI.ChatCompletionCreateParams;
    const thought = await openai('reasoning').chat.completions.stream(asked).finalChatCompletion();
    assert.equal(thought.choices[0]?.message.content, 'Four.');
    const cited = await openai('cited').chat.completions.create(asked);
    assert.deepEqual(cited.choices[0]?.message.annotations?.[0]?.url_citation, {
      start_index: 0,
      end_index: 24,
      title: 'Towers',
      url: 'https://towers.example/a',
    });
  });
});

test('our own error ends a begun response under its own id and number', () => {
  const request = responses.translation.decodeRequest(
    { model: 'claude-x', input: 'Hi', stream: true },
    target,
  );
  const pipe = createTranslationPipe({
    upstream: anthropic.translation,
    client: responses.translation,
    request,
  });
  const bytes = readFixture(anthropic, 'text.answer.sse');
  const begun = Buffer.from(pipe.push(bytes.subarray(0, bytes.length - 400)));
  const before = parseSse(begun.toString());
  const [last] = parseSse((pipe.encodeError?.(new RelayError('upstream_failed'), 'qzc_1') ?? '').toString());
  assert.equal(last?.['type'], 'response.failed');
  assert.equal(last['sequence_number'], before.length);
  const created = before[0]?.['response'] as JsonObject;
  assert.equal((last['response'] as JsonObject)['id'], created['id']);
});
