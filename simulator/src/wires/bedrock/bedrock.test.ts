import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { after, before, suite, test } from 'node:test';
import { AnthropicBedrock } from '@anthropic-ai/bedrock-sdk';
import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  CountTokensCommand,
  type BedrockRuntimeClientConfig,
  type ConverseCommandInput,
  type ConverseStreamOutput,
} from '@aws-sdk/client-bedrock-runtime';
import { startSimulator } from '../../index.ts';
import type { Simulator } from '../../index.ts';
import { secretOf } from './verify-signature.ts';

const accessKeyId = 'AKIASIMULATED0001';
const temporaryKeyId = 'ASIASIMULATED0001';
const sonnet = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0';
const nova = 'us.amazon.nova-lite-v1:0';
const pixelPng = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const inputSchema = {
  json: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
const toolConfig = { tools: [{ toolSpec: { name: 'get_weather', inputSchema } }] };

let simulator: Simulator;
let signed: BedrockRuntimeClient;

before(async () => {
  simulator = await startSimulator();
  signed = runtime({ accessKeyId, secretAccessKey: secretOf(accessKeyId) });
});
after(() => simulator.close());

/** The client speaks HTTP/2 by itself, for which AWS has TLS; this is the same over HTTP/1.1. */
const requestHandler: NonNullable<BedrockRuntimeClientConfig['requestHandler']> = {
  metadata: { handlerProtocol: 'http/1.1' },
  async handle(request: {
    method: string;
    path: string;
    headers: Record<string, string>;
    body?: Uint8Array | string;
  }) {
    const { host: _host, 'content-length': _length, ...headers } = request.headers;
    const response = await fetch(simulator.url + request.path, {
      method: request.method,
      headers,
      body: request.body === undefined ? null : Buffer.from(request.body as Uint8Array),
    });
    const body = response.body === null ? Readable.from([]) : Readable.fromWeb(response.body);
    return {
      response: { statusCode: response.status, headers: Object.fromEntries(response.headers), body },
    };
  },
};

function runtime(credentials: {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}): BedrockRuntimeClient {
  return new BedrockRuntimeClient({
    region: 'us-east-1',
    endpoint: simulator.url,
    requestHandler,
    credentials,
    maxAttempts: 1,
  });
}

const say = (text: string): ConverseCommandInput['messages'] => [{ role: 'user', content: [{ text }] }];

async function eventsOf(input: ConverseCommandInput): Promise<readonly ConverseStreamOutput[]> {
  const { stream } = await signed.send(new ConverseStreamCommand(input));
  const events: ConverseStreamOutput[] = [];
  for await (const event of stream ?? []) events.push(event);
  return events;
}

suite('the AWS client', () => {
  test('gets a whole answer with its usage', async () => {
    const answer = await signed.send(
      new ConverseCommand({
        modelId: nova,
        messages: say('[[say:good morning]]'),
        system: [{ text: 'Be kind.' }],
      }),
    );
    assert.deepEqual(answer.output?.message?.content, [{ text: 'good morning' }]);
    assert.equal(answer.stopReason, 'end_turn');
    assert.equal(
      answer.usage?.totalTokens,
      (answer.usage?.inputTokens ?? 0) + (answer.usage?.outputTokens ?? 0),
    );
  });

  test('gets a stream of real frames, usage after the stop', async () => {
    const events = await eventsOf({ modelId: nova, messages: say('[[say:one two three]]') });
    const text = events.map((event) => event.contentBlockDelta?.delta?.text ?? '').join('');
    assert.equal(text, 'one two three');
    assert.ok(events[0]?.messageStart);
    assert.deepEqual(
      [events.at(-2)?.messageStop?.stopReason, events.at(-1)?.metadata?.usage?.outputTokens],
      ['end_turn', 3],
    );
  });

  test('calls a tool, answers it with an image, and thinks where asked', async () => {
    const messages = [
      {
        role: 'user' as const,
        content: [
          { image: { format: 'png' as const, source: { bytes: pixelPng } } },
          { text: '[[tool:get_weather {"city":"Paris"}]] [[then:sunny]]' },
        ],
      },
    ];
    const input = {
      modelId: sonnet,
      toolConfig,
      additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 1024 } },
    };
    const first = await signed.send(new ConverseCommand({ ...input, messages }));
    const turn = first.output?.message;
    const call = turn?.content?.find((block) => block.toolUse !== undefined)?.toolUse;
    assert.equal(first.stopReason, 'tool_use');
    assert.deepEqual(call?.input, { city: 'Paris' });
    assert.ok(turn?.content?.[0]?.reasoningContent?.reasoningText?.signature);
    const content = [{ text: 'sunny' }, { image: { format: 'png' as const, source: { bytes: pixelPng } } }];
    const second = await signed.send(
      new ConverseCommand({
        ...input,
        messages: [
          ...messages,
          turn,
          {
            role: 'user',
            content: [{ toolResult: { toolUseId: call?.toolUseId, content, status: 'success' } }],
          },
        ],
      }),
    );
    assert.equal(second.output?.message?.content?.at(-1)?.text, 'sunny');
  });

  test('counts tokens of both forms', async () => {
    const counted = await signed.send(
      new CountTokensCommand({
        modelId: 'amazon.nova-lite-v1:0',
        input: { converse: { messages: say('one two three') } },
      }),
    );
    assert.ok((counted.inputTokens ?? 0) > 0);
    const body = {
      anthropic_version: 'bedrock-2023-05-31',
      max_tokens: 5,
      messages: [{ role: 'user', content: 'one' }],
    };
    const invoked = await signed.send(
      new CountTokensCommand({
        modelId: 'anthropic.claude-sonnet-4-5-20250929-v1:0',
        input: { invokeModel: { body: Buffer.from(JSON.stringify(body)) } },
      }),
    );
    assert.ok((invoked.inputTokens ?? 0) > 0);
  });

  test('is told by their own names what fails, whole and inside a stream', async () => {
    const named = async (input: ConverseCommandInput): Promise<string> =>
      signed.send(new ConverseCommand(input)).then(
        () => 'none',
        (error: unknown) => (error as Error).name,
      );
    assert.equal(await named({ modelId: nova, messages: say('[[fault:429]]') }), 'ThrottlingException');
    assert.equal(
      await named({ modelId: nova, messages: say('[[fault:503]]') }),
      'ServiceUnavailableException',
    );
    assert.equal(await named({ modelId: 'us.no.such-model', messages: say('Hi') }), 'ValidationException');
    await assert.rejects(
      eventsOf({
        modelId: nova,
        messages: say('[[tokens:30]] [[fault:overloaded-mid-stream after-frames=5]]'),
      }),
      { name: 'ServiceUnavailableException' },
    );
    for (const fault of ['garbage', 'truncated-json after-frames=3', 'reset-mid-stream']) {
      await assert.rejects(
        eventsOf({ modelId: nova, messages: say(`[[tokens:30]] [[fault:${fault}]]`) }),
        fault,
      );
    }
  });

  test('is believed only with the right secret, region and token', async () => {
    const outcome = async (client: BedrockRuntimeClient): Promise<string> =>
      client.send(new ConverseCommand({ modelId: nova, messages: say('[[say:hi]]') })).then(
        () => 'answered',
        (error: unknown) => (error as Error).name,
      );
    assert.equal(
      await outcome(runtime({ accessKeyId, secretAccessKey: 'wrong' })),
      'InvalidSignatureException',
    );
    const temporary = { accessKeyId: temporaryKeyId, secretAccessKey: secretOf(temporaryKeyId) };
    assert.equal(await outcome(runtime({ ...temporary, sessionToken: 'session' })), 'answered');
    assert.equal(await outcome(runtime(temporary)), 'UnrecognizedClientException');
    const keyed = new BedrockRuntimeClient({
      region: 'us-east-1',
      endpoint: simulator.url,
      token: { token: 'ABSKsimulated0001' },
      authSchemePreference: ['httpBearerAuth'],
      requestHandler,
      maxAttempts: 1,
    });
    assert.equal(await outcome(keyed), 'answered');
  });
});

suite("Anthropic's client for Bedrock", () => {
  test('gets whole answers and streams, signed and with an API key', async () => {
    const clients = [
      new AnthropicBedrock({
        baseURL: simulator.url,
        awsRegion: 'us-east-1',
        awsAccessKey: accessKeyId,
        awsSecretKey: secretOf(accessKeyId),
        maxRetries: 0,
      }),
      new AnthropicBedrock({
        baseURL: simulator.url,
        awsRegion: 'us-east-1',
        apiKey: 'ABSKsimulated0001',
        maxRetries: 0,
      }),
    ];
    for (const client of clients) {
      const common = {
        model: sonnet,
        max_tokens: 100,
        messages: [{ role: 'user' as const, content: '[[say:good morning]]' }],
      };
      const whole = await client.messages.create(common);
      assert.deepEqual(whole.content[0]?.type === 'text' && whole.content[0].text, 'good morning');
      const streamed = await client.messages.stream(common).finalMessage();
      assert.deepEqual(
        [streamed.content, streamed.usage.output_tokens],
        [whole.content, whole.usage.output_tokens],
      );
    }
  });

  test('is refused a beta that Bedrock does not know', async () => {
    const client = new AnthropicBedrock({
      baseURL: simulator.url,
      awsRegion: 'us-east-1',
      apiKey: 'ABSKsimulated0001',
      maxRetries: 0,
    });
    const ask = (betas: string): Promise<unknown> =>
      client.messages.create(
        { model: sonnet, max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] },
        { headers: { 'anthropic-beta': betas } },
      );
    await assert.rejects(ask('claude-code-20250219'), /invalid beta flag/);
    await ask('interleaved-thinking-2025-05-14');
  });
});
