import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { suite, test } from 'node:test';
import { jsonOf, bytesOf, readRecordings, type Recording } from '../../../tools/replay/recording.ts';
import { abilitiesOf } from '../../src/domain/model-families.ts';
import { collect } from '../../src/protocols/canonical/collect.ts';
import { asArray, asObject, asObjects, asText } from '../../src/protocols/canonical/read-json.ts';
import type { CanonicalRequest, Json, JsonObject } from '../../src/protocols/canonical/request.ts';
import { protocolRegistry } from '../../src/protocols/registry.ts';
import { dialectNamed, respeak } from '../../src/protocols/shared/openai-dialects/index.ts';
import { createUpstreamReader } from '../../src/protocols/upstream-reader.ts';
import { openaiCompatible } from '../../src/upstreams/openai-compatible.ts';

/** What compatible servers really sent: nothing of it is lost, and nothing they took is changed on the way to them. */
const folder = resolve(
  import.meta.dirname,
  '../../..',
  process.env['RECORDINGS_DIR'] ?? '../shared/recordings',
);
const file = join(folder, 'compatible-chat.jsonl');

interface Heard {
  readonly text: string;
  readonly reasoning: string;
  readonly calls: readonly { readonly name: string; readonly input: string }[];
  readonly promptTokens: number | undefined;
}

/** Read off the bytes with no help of the codecs. */
function plainly(payloads: readonly JsonObject[]): Heard {
  let text = '';
  let reasoning = '';
  let promptTokens: number | undefined;
  const calls = new Map<string, { name: string; input: string }>();
  let last = '';
  for (const payload of payloads) {
    const usage = asObject(payload['usage']) ?? asObject(asObject(payload['x_groq'])?.['usage']);
    const prompt = usage?.['prompt_tokens'];
    if (typeof prompt === 'number') promptTokens = Math.max(prompt, cachedIn(usage ?? {}));
    const [choice] = asObjects(payload['choices']);
    const said = asObject(choice?.['delta'] ?? choice?.['message']) ?? {};
    reasoning += asText(said['reasoning_content']) ?? asText(said['reasoning']) ?? '';
    const content = said['content'];
    for (const part of asArray(content) ?? [{ type: 'text', text: content ?? '' }]) {
      const block = asObject(part) ?? {};
      text += asText(block['text']) ?? '';
      reasoning += asObjects(block['thinking'])
        .map((inner) => asText(inner['text']) ?? '')
        .join('');
    }
    for (const call of asObjects(said['tool_calls'])) {
      const called = asObject(call['function']) ?? {};
      last =
        JSON.stringify(call['index'] ?? null) +
        (asText(call['id']) ?? (call['index'] === undefined ? last : ''));
      const known = [...calls.keys()].find(
        (key) => key === last || (asText(call['id']) === undefined && key.startsWith(last)),
      );
      const grown = calls.get(known ?? last) ?? { name: '', input: '' };
      grown.name ||= asText(called['name']) ?? '';
      grown.input += asText(called['arguments']) ?? '';
      calls.set(known ?? last, grown);
    }
  }
  return { text, reasoning, calls: [...calls.values()], promptTokens };
}

/** Reads and writes of the cache; where a prompt was read and written at once, both are more than the prompt. */
function cachedIn(usage: JsonObject): number {
  const details = asObject(usage['prompt_tokens_details']) ?? {};
  const counts = [details['cached_tokens'], details['cache_write_tokens']];
  return counts.reduce<number>((sum, count) => sum + (typeof count === 'number' ? count : 0), 0);
}

function payloadsOf(recording: Recording): readonly JsonObject[] {
  const whole = jsonOf(recording.response);
  if (whole !== undefined) return [asObject(whole as Json) ?? {}];
  return bytesOf(recording.response)
    .toString()
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => asObject(JSON.parse(line.slice(6)) as Json) ?? {});
}

function dialectOf(recording: Recording): string | undefined {
  const baseUrl = `https://${recording.host}/v1`;
  return openaiCompatible.dialectOf?.({ baseUrl, credential: '', options: {} });
}

function decoded(recording: Recording, body: JsonObject): Heard {
  const dialect = dialectOf(recording);
  const request: CanonicalRequest = {
    origin: 'anthropic-messages',
    model: asText(body['model']) ?? '',
    stream: true,
    system: [],
    turns: [],
    tools: [],
    stop: [],
    sampling: {},
    includeUsage: true,
    extra: {},
    ...(dialect === undefined ? {} : { dialect }),
  };
  const { translation } = protocolRegistry['openai-chat'];
  assert.ok(translation !== undefined);
  const reader = createUpstreamReader(translation, request);
  const events = [...reader.push(bytesOf(recording.response)), ...reader.finish()];
  const answer = collect(events);
  const { usage } = answer;
  const hasUsage = events.some((event) => event.type === 'usage');
  return {
    text: answer.parts.map((part) => (part.type === 'text' ? part.text : '')).join(''),
    reasoning: answer.parts.map((part) => (part.type === 'reasoning' ? part.text : '')).join(''),
    calls: answer.parts.flatMap((part) =>
      part.type === 'tool-call' ? [{ name: part.name, input: part.argumentsText }] : [],
    ),
    promptTokens: hasUsage
      ? usage.input +
        usage.cacheRead +
        usage.cacheWrite5m +
        usage.cacheWrite30m +
        usage.cacheWrite1h +
        usage.cacheWrite12h
      : undefined,
  };
}

suite('recorded traffic of compatible servers', () => {
  if (!existsSync(file)) {
    test('recordings', (t) => t.skip(`there is no file ${file} (RECORDINGS_DIR): left out, not passed`));
    return;
  }
  for (const recording of readRecordings(folder).recordings) {
    if (recording.family !== 'compatible-chat') continue;
    const body = asObject(jsonOf(recording.request) as Json);
    if (recording.response.status !== 200 || body === undefined) continue;
    const payloads = payloadsOf(recording);
    const isWhole = !payloads.some((payload) => payload['error'] !== undefined);

    if (isWhole) {
      test(`${recording.id}: text, reasoning, calls and usage of ${recording.host} come through`, () => {
        const heard = plainly(payloads);
        const told = decoded(recording, body);
        // An answer that is nothing but reasoning is told as text too: a client would see nothing.
        const isAllReasoning = heard.text === '' && heard.calls.length === 0;
        assert.deepEqual(told, { ...heard, text: isAllReasoning ? heard.reasoning : heard.text });
      });
    }

    const dialect = dialectOf(recording);
    if (dialect === undefined) continue;
    test(`${recording.id}: a body that ${recording.host} took is passed on byte for byte`, () => {
      const bytes = Buffer.from(JSON.stringify(body));
      const accepts = abilitiesOf({ model: asText(body['model']) ?? '', protocol: 'openai-chat' }, undefined);
      const lost: string[] = [];
      const sent = respeak(bytes, {
        dialect: dialectNamed(dialect),
        accepts,
        lose: (code) => lost.push(code),
      });
      assert.equal(sent.toString(), bytes.toString());
      assert.deepEqual(lost, []);
    });
  }
});
