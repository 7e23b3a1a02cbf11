import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRecordings, type Recording } from '../../../tools/replay/recording.ts';
import { replay, type FamilyReport } from '../../../tools/replay/replay.ts';
import type { ReplayOptions } from '../../../tools/replay/through-relay.ts';

/** Exchanges of our own making in the form of recordings, replayed with whatever a test plants in them. */
const body = { model: 'model-x', messages: [{ role: 'user', content: 'When?' }] };
const said = (delta: object, finish: string | null = null): object => ({
  id: 'chatcmpl-own',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'model-x',
  choices: [{ index: 0, delta, finish_reason: finish }],
});
export const usageChunk = {
  ...said({}),
  choices: [],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
};
const frames = (...payloads: readonly object[]): string =>
  payloads.map((payload) => `data: ${JSON.stringify(payload)}\n\n`).join('');
const night = [said({ role: 'assistant', content: '' }), said({ content: 'Night' }), said({}, 'stop')];

/** Exchanges of our own making, in the shape of the recorded ones. */
const own: readonly Recording[] = [
  exchange('openai-chat', 'own/unary#0', body, {
    status: 200,
    json: {
      id: 'chatcmpl-own',
      object: 'chat.completion',
      created: 1,
      model: 'model-x',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Noon.' }, finish_reason: 'stop' }],
      usage: {
        prompt_tokens: 10,
        completion_tokens: 2,
        total_tokens: 12,
        prompt_tokens_details: { cached_tokens: 4 },
      },
    },
  }),
  exchange(
    'openai-chat',
    'own/stream#0',
    { ...body, stream: true, stream_options: { include_usage: true } },
    { status: 200, text: `${frames(...night, usageChunk)}data: [DONE]\n\n` },
  ),
  exchange(
    'openai-chat',
    'own/silent#0',
    { ...body, stream: true },
    { status: 200, text: `${frames(...night)}data: [DONE]\n\n` },
  ),
  exchange(
    'openai-chat',
    'own/refused#0',
    { ...body, temperature: 9 },
    {
      status: 400,
      json: {
        error: { message: 'Too warm.', type: 'invalid_request_error', param: 'temperature', code: null },
      },
    },
  ),
  exchange(
    'compatible-chat',
    'own/broken#0',
    { ...body, stream: true },
    {
      status: 200,
      text: `${frames(...night.slice(0, 2))}event: error\n${frames({ error: { message: 'No such tool.', type: 'invalid_request_error', status_code: 400 } })}`,
    },
  ),
  exchange(
    'anthropic-messages',
    'own/message#0',
    { ...body, max_tokens: 50 },
    {
      status: 200,
      json: {
        id: 'msg_own',
        type: 'message',
        role: 'assistant',
        model: 'model-x',
        content: [{ type: 'text', text: 'At noon.' }],
        stop_reason: 'end_turn',
        stop_sequence: null,
        usage: {
          input_tokens: 7,
          cache_read_input_tokens: 20,
          cache_creation_input_tokens: 30,
          cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 },
          output_tokens: 9,
        },
      },
    },
  ),
  { ...exchange('openai-responses', 'own/stored#0', {}, { status: 200, json: {} }), method: 'GET' },
];

const paths: Readonly<Record<string, string>> = {
  'openai-chat': '/v1/chat/completions',
  'compatible-chat': '/some/prefix/v2/chat/completions',
  'anthropic-messages': '/v1/messages?beta=true',
  'openai-responses': '/v1/responses/resp_own',
};

function exchange(
  family: string,
  id: string,
  json: object,
  response: { status: number; json?: object; text?: string },
): Recording {
  const type = response.text === undefined ? 'application/json' : 'text/event-stream';
  return {
    id,
    family,
    host: 'provider.example',
    method: 'POST',
    path: '',
    request: { json },
    response: { headers: { 'content-type': type }, ...response },
  };
}

/** Replays our own exchanges from a real folder, with a provider that answers as `answeredAs` says. */
export async function replayOwn(options: ReplayOptions = {}): Promise<readonly FamilyReport[]> {
  using temporary = temporaryFolder();
  for (const family of Object.keys(paths)) {
    const lines = own
      .filter((recording) => recording.family === family)
      .map((recording) => JSON.stringify({ ...recording, path: paths[family] }));
    if (family === 'openai-responses') lines.push('{"id": "cut sho');
    writeFileSync(join(temporary.path, `${family}.jsonl`), `${lines.join('\n')}\n`);
  }
  const recordings = readRecordings(temporary.path);
  return await Array.fromAsync(replay(recordings, options));
}

/** What the replay finds when the provider's answer to one exchange is another than was recorded. */
export async function problemsWhen(
  id: string,
  alter: (text: string) => string,
  status?: number,
): Promise<readonly string[]> {
  const answeredAs = (recording: Recording): Recording => {
    if (recording.id !== id) return recording;
    const { json, text, ...rest } = recording.response;
    const before = typeof text === 'string' ? text : JSON.stringify(json);
    const after = alter(before);
    assert.ok(after !== before || status !== undefined, 'nothing was planted');
    const answer = { ...rest, status: status ?? rest.status };
    if (typeof text === 'string') return { ...recording, response: { ...answer, text: after } };
    return { ...recording, response: { ...answer, json: JSON.parse(after) as unknown } };
  };
  const reports = await replayOwn({ isPassthroughOnly: true, answeredAs });
  return reports.flatMap(({ failures }) => failures.map((failure) => `${failure.id}: ${failure.problem}`));
}

export function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'qingzhou-recordings-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
