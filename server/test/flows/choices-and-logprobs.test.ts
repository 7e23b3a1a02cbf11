import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { ApiError as GoogleError, GoogleGenAI } from '@google/genai';
import OpenAI, { BadRequestError } from 'openai';
import { bootRelay, type BootedRelay } from './boot-relay.ts';

/** Several answers to one request, and token probabilities, between the protocols that have them. */
let relay: BootedRelay;
let openai: OpenAI;
let google: GoogleGenAI;

before(async () => {
  relay = await bootRelay({
    accounts: (url) => [
      { name: 'anthropic', kind: 'anthropic', credential: 'sk-ant-test-0000000000', baseUrl: url },
      { name: 'openai', kind: 'openai', credential: 'sk-test-0000000000', baseUrl: `${url}/v1` },
      { name: 'gemini', kind: 'gemini', credential: 'AIzaTest000000000000000000000000000000', baseUrl: url },
      {
        name: 'chat only',
        kind: 'openai-compatible',
        credential: 'sk-test-0000000000',
        baseUrl: `${url}/v1`,
        modelMap: { 'chat-only': 'gpt-4.1-mini' },
      },
    ],
  });
  openai = new OpenAI({ baseURL: `${relay.url}/v1`, apiKey: relay.key, maxRetries: 0 });
  google = new GoogleGenAI({ apiKey: relay.key, httpOptions: { baseUrl: relay.url } });
});
after(() => relay[Symbol.asyncDispose]());

const asked = [{ role: 'user' as const, content: 'Tell me something. [[tokens:12]]' }];

suite('several answers to one request', () => {
  test('come whole from Gemini to a Chat Completions client', async () => {
    const { data, response } = await openai.chat.completions
      .create({ model: 'gemini-2.5-flash', n: 2, messages: asked })
      .withResponse();
    assert.deepEqual(
      data.choices.map(({ index, finish_reason }) => [index, finish_reason]),
      [
        [0, 'stop'],
        [1, 'stop'],
      ],
    );
    const [first, second] = data.choices.map(({ message }) => message.content ?? '');
    assert.ok(first !== '' && second !== '' && first !== second);
    const callId = response.headers.get('x-relay-call-id') ?? '';
    const call = await relay.workspace.store.findCall(relay.workspace.organizationId, callId as never);
    assert.equal(call?.usage.output, data.usage?.completion_tokens);
  });

  test('come streamed from Gemini to a Chat Completions client, each in its own choice', async () => {
    const stream = openai.chat.completions.stream({
      model: 'gemini-2.5-flash',
      n: 2,
      messages: asked,
      stream_options: { include_usage: true },
    });
    const final = await stream.finalChatCompletion();
    assert.equal(final.choices.length, 2);
    for (const choice of final.choices) {
      assert.equal(choice.finish_reason, 'stop');
      assert.ok((choice.message.content ?? '').length > 0);
    }
    assert.ok((final.usage?.completion_tokens ?? 0) > 0);
  });

  for (const model of ['chat-only', 'gpt-4.1-mini']) {
    test(`come whole and streamed from ${model} to a Gemini client`, async () => {
      const wish = { model, contents: 'Tell me something. [[tokens:12]]', config: { candidateCount: 2 } };
      const whole = await google.models.generateContent(wish);
      assert.deepEqual(
        whole.candidates?.map(({ index, finishReason }) => [index, finishReason]),
        [
          [0, 'STOP'],
          [1, 'STOP'],
        ],
      );
      const texts = new Map<number, string>();
      let output = 0;
      for await (const chunk of await google.models.generateContentStream(wish)) {
        for (const candidate of chunk.candidates ?? []) {
          const text = candidate.content?.parts?.map((part) => part.text ?? '').join('') ?? '';
          texts.set(candidate.index ?? 0, (texts.get(candidate.index ?? 0) ?? '') + text);
        }
        output = chunk.usageMetadata?.candidatesTokenCount ?? output;
      }
      assert.deepEqual([...texts.keys()], [0, 1]);
      assert.ok([...texts.values()].every((text) => text.length > 0));
      assert.ok(output > 0);
    });
  }

  test('of which each ends at its own stop sequence', async () => {
    const completion = await openai.chat.completions.create({
      model: 'gemini-2.5-flash',
      n: 2,
      stop: ['q', 'x', 'z', 'v', 'j', 'three'],
      messages: [{ role: 'user', content: '[[say:one two three]]' }],
    });
    assert.deepEqual(
      completion.choices.map(({ message }) => message.content),
      ['one two ', 'one two '],
    );
  });

  test('are refused where the upstream gives one', async () => {
    await assert.rejects(
      openai.chat.completions.create({ model: 'claude-sonnet-4-5', n: 2, messages: asked }),
      (error) => error instanceof BadRequestError && error.message.includes('choices_refused'),
    );
    await assert.rejects(
      google.models.generateContent({
        model: 'claude-sonnet-4-5',
        contents: 'hi',
        config: { candidateCount: 2 },
      }),
      (error) => error instanceof GoogleError && error.message.includes('choices_refused'),
    );
  });
});

suite('token probabilities', () => {
  test('come from Chat Completions to a Responses client, whole and streamed', async () => {
    const wish = {
      model: 'chat-only',
      input: '[[say:one two three]]',
      include: ['message.output_text.logprobs' as const],
      top_logprobs: 2,
    };
    const whole = await openai.responses.create(wish);
    const [item] = whole.output;
    const part = item?.type === 'message' ? item.content[0] : undefined;
    assert.ok(part?.type === 'output_text');
    assert.equal(part.logprobs?.map(({ token }) => token).join(''), 'one two three');
    assert.equal(part.logprobs?.[0]?.top_logprobs.length, 2);
    const stream = openai.responses.stream(wish);
    const streamed: string[] = [];
    stream.on('response.output_text.delta', (event) =>
      streamed.push(...event.logprobs.map(({ token }) => token)),
    );
    await stream.finalResponse();
    assert.equal(streamed.join(''), 'one two three');
  });

  test('come from Responses to a Gemini client, whole and streamed', async () => {
    const wish = {
      model: 'gpt-4.1-mini',
      contents: '[[say:one two three]]',
      config: { responseLogprobs: true, logprobs: 3 },
    };
    const whole = await google.models.generateContent(wish);
    const result = whole.candidates?.[0]?.logprobsResult;
    assert.equal(result?.chosenCandidates?.map(({ token }) => token).join(''), 'one two three');
    assert.equal(result?.topCandidates?.[0]?.candidates?.length, 3);
    assert.ok((result?.chosenCandidates?.[0]?.logProbability ?? 1) < 0);
    const tokens: (string | undefined)[] = [];
    for await (const chunk of await google.models.generateContentStream(wish)) {
      tokens.push(
        ...(chunk.candidates?.[0]?.logprobsResult?.chosenCandidates ?? []).map(({ token }) => token),
      );
    }
    assert.equal(tokens.join(''), 'one two three');
  });

  test('come to a client of legacy completions, with the place of each token', async () => {
    const completion = await openai.completions.create({
      model: 'gpt-4.1-mini',
      prompt: '[[say:one two three]]',
      logprobs: 2,
      max_tokens: 100,
    });
    const { logprobs, text } = completion.choices[0] ?? {};
    assert.equal(logprobs?.tokens?.join(''), text);
    assert.equal(logprobs?.text_offset?.[0], 0);
    assert.equal(logprobs?.text_offset?.[1], logprobs?.tokens?.[0]?.length);
    assert.equal(Object.keys(logprobs?.top_logprobs?.[0] ?? {}).length, 2);
  });

  test('are refused where the model gives none', async () => {
    for (const model of ['claude-sonnet-4-5', 'gpt-5']) {
      await assert.rejects(
        google.models.generateContent({ model, contents: 'hi', config: { responseLogprobs: true } }),
        (error) => error instanceof GoogleError && error.message.includes('logprobs_refused'),
      );
    }
  });
});
