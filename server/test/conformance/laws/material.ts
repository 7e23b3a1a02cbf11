/**
 * The five laws of translation as checks over material: our fixtures, and recordings of real providers where a folder of
 * them exists. Nothing here knows a single recording. Begin with `laws.test.ts` one folder up; each law is a file here.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { CanonicalRequest, JsonObject, ProtocolId } from '../../../src/protocols/canonical/request.ts';
import { protocolRegistry } from '../../../src/protocols/registry.ts';
import type { Envelope, RequestTarget } from '../../../src/protocols/wire-protocol.ts';
import { endOfInsideError, isNoAnswer } from '../../../../tools/replay/allowances.ts';
import { bytesOf, jsonOf, payloadsOf, readRecordings } from '../../../../tools/replay/recording.ts';
import { clientHalf, decodeRecorded, targetOf } from '../../../../tools/replay/translated/client-request.ts';
import { generationOf } from '../../../../tools/replay/translated/generations.ts';
import { clientProtocols, type ClientProtocol } from '../strict/index.ts';

/** One complete answer without an error inside, and the request it belongs to. */
export interface Answer {
  readonly id: string;
  readonly protocol: ProtocolId;
  readonly request: CanonicalRequest;
  readonly bytes: Buffer;
  readonly isStream: boolean;
  /** Set where a client may speak the protocol too. */
  readonly envelope?: Envelope;
}

export interface RecordedRequest {
  readonly id: string;
  readonly protocol: ClientProtocol;
  readonly body: JsonObject;
  readonly target: RequestTarget;
}

export interface Material {
  readonly answers: readonly Answer[];
  readonly requests: readonly RecordedRequest[];
}

const root = resolve(import.meta.dirname, '../../../..');
export const recordingsFolder = resolve(root, process.env['RECORDINGS_DIR'] ?? '../shared/recordings');
export const hasRecordings = existsSync(recordingsFolder);
const fixturesFolder = join(root, 'server', 'test', 'fixtures');

const plainBodies: Readonly<Record<ClientProtocol, JsonObject>> = {
  'openai-chat': {
    model: 'model-x',
    messages: [{ role: 'user', content: 'Hi' }],
    stream: true,
    stream_options: { include_usage: true },
  },
  'openai-responses': { model: 'model-x', input: 'Hi', stream: true },
  'anthropic-messages': {
    model: 'model-x',
    max_tokens: 1000,
    messages: [{ role: 'user', content: 'Hi' }],
    stream: true,
  },
  gemini: {
    contents: [{ role: 'user', parts: [{ text: 'Hi' }] }],
    generationConfig: { thinkingConfig: { includeThoughts: true } },
  },
};

const plainTarget: RequestTarget = {
  operation: 'generate',
  query: 'alt=sse',
  model: 'model-x',
  stream: true,
};

/** What a client of a protocol asks who wants to see all there is. */
export function plainRequestOf(protocol: ClientProtocol): CanonicalRequest {
  return clientHalf(protocol).decodeRequest(plainBodies[protocol], plainTarget);
}

export function plainEnvelopeOf(protocol: ClientProtocol): Envelope {
  return protocolRegistry[protocol].inspect(Buffer.from(JSON.stringify(plainBodies[protocol])), plainTarget);
}

export function fixtureMaterial(): Material {
  const answers: Answer[] = [];
  const requests: RecordedRequest[] = [];
  for (const protocol of clientProtocols) {
    const folder = join(fixturesFolder, protocol);
    const request = plainRequestOf(protocol);
    const envelope = plainEnvelopeOf(protocol);
    for (const name of readdirSync(folder).toSorted()) {
      const bytes = readFileSync(join(folder, name));
      const id = `${protocol}/${name}`;
      const isStream = name.endsWith('.answer.sse');
      if (isStream || name.endsWith('.answer.json'))
        answers.push({ id, protocol, request, bytes, isStream, envelope });
      if (!name.endsWith('.request.json')) continue;
      requests.push({ id, protocol, body: JSON.parse(bytes.toString()) as JsonObject, target: plainTarget });
    }
  }
  return { answers, requests };
}

/** Everything recorded that is a generation; empty where there is no folder. */
export function recordedMaterial(): Material {
  if (!hasRecordings) return { answers: [], requests: [] };
  const answers: Answer[] = [];
  const requests: RecordedRequest[] = [];
  for (const recording of readRecordings(recordingsFolder).recordings) {
    const generation = generationOf(recording);
    if (generation === undefined || recording.response.base64 !== undefined) continue;
    const request = decodeRecorded(recording, generation.protocol);
    if (typeof request === 'string') continue;
    const { id } = recording;
    const protocol = clientProtocols.find((known) => known === generation.protocol);
    const body = jsonOf(recording.request) as JsonObject;
    const target = targetOf(recording);
    if (protocol !== undefined) requests.push({ id, protocol, body, target });
    const isStream = payloadsOf(recording.response) !== undefined;
    const bytes = bytesOf(recording.response);
    const isFailed =
      recording.response.status >= 400 ||
      (isStream
        ? endOfInsideError(bytes.toString()) !== undefined
        : isNoAnswer(recording, generation.answerFields));
    if (isFailed) continue;
    const envelope =
      protocol === undefined
        ? {}
        : { envelope: protocolRegistry[protocol].inspect(Buffer.from(JSON.stringify(body)), target) };
    answers.push({ id, protocol: generation.protocol, request, bytes, isStream, ...envelope });
  }
  return { answers, requests };
}
