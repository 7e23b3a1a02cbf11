import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import type { Usage } from '../../src/domain/usage.ts';
import type { ClientProtocolId } from '../../src/protocols/canonical/request.ts';
import { protocolRegistry } from '../../src/protocols/registry.ts';
import type { Envelope, RequestTarget } from '../../src/protocols/wire-protocol.ts';
import { cutEvenly, runPipe } from './passthrough-rig.ts';

/**
 * Real providers' traffic, where a folder of recordings exists: what goes in comes out, and what is metered is what the
 * provider reported. The expected usage is worked out here on its own, from the wire alone.
 */
const root = resolve(import.meta.dirname, '../../..');
const folder = resolve(root, process.env['RECORDINGS_DIR'] ?? '../shared/recordings');

const families: Readonly<Record<string, ClientProtocolId>> = {
  'anthropic-messages': 'anthropic-messages',
  'openai-chat': 'openai-chat',
  'azure-chat': 'openai-chat',
  'compatible-chat': 'openai-chat',
  'openai-responses': 'openai-responses',
  'azure-responses': 'openai-responses',
  'compatible-responses': 'openai-responses',
  'openai-embeddings': 'openai-embeddings',
  gemini: 'gemini',
  'vertex-gemini': 'gemini',
  'anthropic-count-tokens': 'anthropic-messages',
  'gemini-count-tokens': 'gemini',
};

type Wire = Readonly<Record<string, unknown>>;
interface Recording {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly request: { readonly json?: Wire };
  readonly response: { readonly status: number; readonly json?: Wire; readonly text?: string };
}

/** Prompt tokens of all kinds, cache reads, output, reasoning. */
type Totals = readonly [prompt: number, cacheRead: number, output: number, reasoning: number];

const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? (inner as Wire)[key] : undefined),
    value,
  );
const num = (value: unknown, ...path: readonly string[]): number => Number(at(value, ...path) ?? 0);

const totals: Partial<Record<ClientProtocolId, (usage: unknown) => Totals>> = {
  'anthropic-messages': (usage) => [
    num(usage, 'input_tokens') +
      num(usage, 'cache_read_input_tokens') +
      num(usage, 'cache_creation_input_tokens'),
    num(usage, 'cache_read_input_tokens'),
    num(usage, 'output_tokens'),
    num(usage, 'output_tokens_details', 'thinking_tokens'),
  ],
  'openai-chat': (usage) => {
    const reasoning = num(usage, 'completion_tokens_details', 'reasoning_tokens');
    const apart = num(usage, 'total_tokens') - num(usage, 'prompt_tokens') - num(usage, 'completion_tokens');
    const cached = ['prompt_cache_hit_tokens', 'cached_tokens', 'num_cached_tokens'].map((key) =>
      num(usage, key),
    );
    return [
      num(usage, 'prompt_tokens'),
      Math.max(num(usage, 'prompt_tokens_details', 'cached_tokens'), ...cached),
      num(usage, 'completion_tokens') + (apart === reasoning ? reasoning : 0),
      reasoning,
    ];
  },
  'openai-responses': (usage) => [
    num(usage, 'input_tokens'),
    num(usage, 'input_tokens_details', 'cached_tokens'),
    num(usage, 'output_tokens'),
    num(usage, 'output_tokens_details', 'reasoning_tokens'),
  ],
  'openai-embeddings': (usage) => [num(usage, 'prompt_tokens'), 0, 0, 0],
  gemini: (usage) => [
    num(usage, 'promptTokenCount') + num(usage, 'toolUsePromptTokenCount'),
    num(usage, 'cachedContentTokenCount'),
    num(usage, 'candidatesTokenCount') + num(usage, 'thoughtsTokenCount'),
    num(usage, 'thoughtsTokenCount'),
  ],
};

/** The usage object a stream ends up with, found by reading every data line. */
function streamUsage(id: ClientProtocolId, text: string): unknown {
  let usage: unknown;
  for (const line of text.split(/\r?\n/)) {
    if (!line.startsWith('data: {')) continue;
    const data = JSON.parse(line.slice(6)) as Wire;
    if (id === 'anthropic-messages') {
      const next = at(data, 'message', 'usage') ?? data['usage'];
      if (next !== undefined) usage = { ...(usage as object), ...withoutNull(next as Wire) };
    } else {
      usage =
        data['usageMetadata'] ??
        data['usage'] ??
        at(data, 'x_groq', 'usage') ??
        at(data, 'response', 'usage') ??
        usage;
    }
  }
  return usage;
}

function withoutNull(wire: Wire): Wire {
  return Object.fromEntries(Object.entries(wire).filter(([, value]) => value !== null));
}

function targetOf(recording: Recording, id: ClientProtocolId): RequestTarget {
  const [path = '', query = ''] = recording.path.split('?');
  const isCount = /countTokens|count_tokens/.test(path);
  const operation = isCount ? 'count-tokens' : id === 'openai-embeddings' ? 'embed' : 'generate';
  const model = /\/models\/(.+):\w+$/.exec(path)?.[1];
  return {
    operation,
    query,
    ...(model === undefined ? {} : { model, stream: path.includes(':stream') }),
  };
}

function recordingsOf(family: string): Recording[] {
  return readFileSync(join(folder, `${family}.jsonl`), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Recording)
    .filter(
      ({ method, path, request }) =>
        method === 'POST' && request.json !== undefined && !/compact|input_tokens/.test(path),
    );
}

/** A stream without a client's wish for usage loses the chunk that only carries it. */
function expectedBytes(text: string, envelope: Envelope): string {
  if (envelope.wantsStreamUsage) return text;
  return text.replace(/data: \{[^\n]*"choices":\s?\[\][^\n]*"usage":\s?\{[^\n]*\n\n/g, '');
}

for (const [family, id] of Object.entries(families)) {
  const isPresent = existsSync(join(folder, `${family}.jsonl`));
  const skip = isPresent ? false : `no recordings of ${family} in ${folder}: left out, not passed`;

  test(`${family}: recorded answers pass byte for byte and are metered as reported`, { skip }, () => {
    const protocol = protocolRegistry[id];
    let checked = 0;
    for (const recording of recordingsOf(family)) {
      const { status, json, text } = recording.response;
      const target = targetOf(recording, id);
      const envelope = protocol.inspect(Buffer.from(JSON.stringify(recording.request.json)), target);
      if (status >= 400) {
        assert.notEqual(
          protocol.readFailure(status, [], Buffer.from(JSON.stringify(json))).error.entry.blame,
          'relay',
        );
      } else if (text?.includes('data: ') === true) {
        checkStream(recording, envelope, text);
      } else if (json !== undefined && (json['usage'] ?? json['usageMetadata'] ?? null) !== null) {
        const answer = protocol.readUnary(Buffer.from(JSON.stringify(json)), envelope);
        assert.equal(answer.failure, undefined, recording.id);
        assert.equal(answer.isEmpty, false, recording.id);
        checkTotals(recording.id, id, json['usage'] ?? json['usageMetadata'], answer.reading.usage);
      } else {
        continue;
      }
      checked++;
    }
    if (hasUsage(family)) assert.ok(checked > 0, 'the family holds nothing that could be checked');
  });

  const checkStream = (recording: Recording, envelope: Envelope, text: string): void => {
    const bytes = Buffer.from(text);
    const run = (reads: readonly Buffer[]) =>
      runPipe(protocolRegistry[id].createPassthrough(envelope), reads, 1);
    const whole = run([bytes]);
    assert.equal(whole.delivered + whole.withheld, expectedBytes(text, envelope), recording.id);
    assert.notEqual(whole.withheld, '', recording.id);
    for (const size of [1, 13, 701, 4096]) assert.deepEqual(run(cutEvenly(bytes, size)), whole, recording.id);
    const usage = streamUsage(id, text);
    if (usage !== undefined) checkTotals(recording.id, id, usage, whole.reading.usage);
  };
}

/** Count endpoints answer without usage; every other family must have had something to check. */
function hasUsage(family: string): boolean {
  return !family.endsWith('count-tokens');
}

function checkTotals(name: string, id: ClientProtocolId, reported: unknown, usage: Usage): void {
  const expected = totals[id]?.(reported);
  const writes = usage.cacheWrite5m + usage.cacheWrite30m + usage.cacheWrite1h + usage.cacheWrite12h;
  // One compatible host reports the same tokens as read and as written; all else still adds up to the prompt.
  const overlap = Math.max(0, usage.cacheRead + writes - (expected?.[0] ?? 0));
  assert.deepEqual(
    [usage.input + usage.cacheRead + writes - overlap, usage.cacheRead, usage.output, usage.reasoning],
    expected,
    name,
  );
}
