import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { CanonicalEvent } from '../../src/protocols/canonical/events.ts';
import type { CanonicalRequest, JsonObject } from '../../src/protocols/canonical/request.ts';
import { protocolRegistry } from '../../src/protocols/registry.ts';
import { clientHalfOf } from '../../src/protocols/wire-protocol.ts';
import { answersOf, reports, type UpstreamName } from './usage-reports.ts';

/** Every class of tokens that an upstream counts, as each client is told of it: in a stream and in a whole body. */
const clients = ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'] as const;
type Told = Readonly<Record<(typeof clients)[number], JsonObject>>;

interface Counted {
  readonly fresh: number;
  readonly read?: number;
  readonly short?: number;
  readonly long?: number;
  readonly reasoning?: number;
  readonly tool?: number;
  readonly audioIn?: number;
  readonly imageIn?: number;
  readonly audioOut?: number;
}

/** The rules of every client's own way to count: what a prompt includes, and what an answer does. */
function told(counted: Counted): Told {
  const { fresh, read = 0, short = 0, long = 0, reasoning = 0, tool = 0 } = counted;
  const { audioIn = 0, imageIn = 0, audioOut = 0 } = counted;
  const prompt = fresh + read + short + long;
  const written = short + long;
  const some = (name: string, value: number): JsonObject => (value === 0 ? {} : { [name]: value });
  const inputs = [
    ...(audioIn === 0 ? [] : [{ modality: 'AUDIO', tokenCount: audioIn }]),
    ...(imageIn === 0 ? [] : [{ modality: 'IMAGE', tokenCount: imageIn }]),
  ];
  return {
    'openai-chat': {
      prompt_tokens: prompt,
      completion_tokens: 30,
      total_tokens: prompt + 30,
      prompt_tokens_details: {
        cached_tokens: read,
        ...some('cache_write_tokens', written),
        audio_tokens: audioIn,
        ...some('image_tokens', imageIn),
      },
      completion_tokens_details: { reasoning_tokens: reasoning, audio_tokens: audioOut },
    },
    'openai-responses': {
      input_tokens: prompt,
      input_tokens_details: {
        cached_tokens: read,
        cache_write_tokens: written,
        ...(written === 0
          ? {}
          : { cache_write_tokens_details: { ttl_30m_tokens: short, ttl_12h_tokens: long } }),
      },
      output_tokens: 30,
      output_tokens_details: { reasoning_tokens: reasoning },
      total_tokens: prompt + 30,
    },
    'anthropic-messages': {
      input_tokens: fresh,
      cache_creation_input_tokens: written,
      cache_read_input_tokens: read,
      cache_creation: { ephemeral_5m_input_tokens: short, ephemeral_1h_input_tokens: long },
      output_tokens: 30,
      ...(reasoning === 0 ? {} : { output_tokens_details: { thinking_tokens: reasoning } }),
    },
    gemini: {
      promptTokenCount: prompt - tool,
      ...some('toolUsePromptTokenCount', tool),
      ...some('cachedContentTokenCount', read),
      candidatesTokenCount: 30 - reasoning,
      ...some('thoughtsTokenCount', reasoning),
      totalTokenCount: prompt + 30,
      ...(inputs.length === 0 ? {} : { promptTokensDetails: inputs }),
      ...(audioOut === 0 ? {} : { candidatesTokensDetails: [{ modality: 'AUDIO', tokenCount: audioOut }] }),
    },
  };
}

/** What each upstream's report in `usage-reports.ts` says, by class. */
const counted: Readonly<Record<UpstreamName, Counted>> = {
  'anthropic-messages': { fresh: 100, read: 40, short: 7, long: 5, reasoning: 12 },
  'openai-responses': { fresh: 100, read: 40, short: 7, long: 5, reasoning: 12 },
  'openai-chat': { fresh: 100, read: 40, short: 12, reasoning: 12, audioIn: 3, imageIn: 2, audioOut: 4 },
  gemini: { fresh: 109, read: 40, reasoning: 12, tool: 9, audioIn: 3, imageIn: 2, audioOut: 4 },
  'bedrock-converse': { fresh: 100, read: 40, short: 7, long: 5 },
};

const asked: CanonicalRequest = {
  origin: 'openai-chat',
  model: 'm',
  stream: true,
  system: [],
  turns: [],
  tools: [],
  stop: [],
  sampling: {},
  includeUsage: true,
  extra: {},
};

function usageIn(body: JsonObject): JsonObject | undefined {
  const inner = (body['response'] ?? body) as JsonObject;
  return (inner['usage'] ?? inner['usageMetadata'] ?? undefined) as JsonObject | undefined;
}

function streamed(id: (typeof clients)[number], events: readonly CanonicalEvent[]): JsonObject | undefined {
  const encoder = clientHalfOf(protocolRegistry[id])?.createEncoder(asked);
  const written = events.map((event) => encoder?.push(event) ?? '').join('');
  return [...written.matchAll(/^data: (\{.*\})\r?$/gm)]
    .map(([, data]) => usageIn(JSON.parse(data ?? '') as JsonObject))
    .findLast((usage) => usage !== undefined);
}

for (const upstream of Object.keys(reports) as UpstreamName[]) {
  suite(`tokens that ${upstream} counts`, () => {
    const expected = told(counted[upstream]);
    for (const [form, events] of Object.entries(answersOf(upstream, asked))) {
      for (const client of clients) {
        test(`are told to a client of ${client}, from ${form}`, () => {
          const whole = clientHalfOf(protocolRegistry[client])?.encodeUnary(events, asked);
          assert.deepEqual(usageIn(whole ?? {}), expected[client]);
          assert.deepEqual(streamed(client, events), expected[client]);
        });
      }
    }
  });
}
