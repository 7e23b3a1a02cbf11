import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { RequestTarget } from '../protocols/wire-protocol.ts';
import { createLossList } from '../protocols/canonical/losses.ts';
import type { CarriedRequest } from './carriage.ts';
import { baseUrlOf, type ConnectionSettings } from './upstream-kind.ts';
import { vertexClaudeCarriage } from './vertex-claude.ts';
import { vertexGeminiCarriage } from './vertex-gemini.ts';
import { vertex } from './vertex.ts';

const settingsOf = (
  options: Readonly<Record<string, string>>,
  credential = 'AQ.key',
): ConnectionSettings => ({
  baseUrl: 'https://aiplatform.googleapis.com',
  credential,
  options,
});
const generate = { operation: 'generate', query: '', stream: false } as const;
const stream = { ...generate, stream: true } as const;
const count = { ...generate, operation: 'count-tokens' } as const;

suite('where Vertex is reached', () => {
  test('the host follows the location', () => {
    const hosts = ['', 'global', 'us', 'eu', 'europe-west4'].map((location) =>
      baseUrlOf(vertex, { options: location === '' ? {} : { location } }),
    );
    assert.deepEqual(hosts, [
      'https://aiplatform.googleapis.com',
      'https://aiplatform.googleapis.com',
      'https://aiplatform.us.rep.googleapis.com',
      'https://aiplatform.eu.rep.googleapis.com',
      'https://europe-west4-aiplatform.googleapis.com',
    ]);
  });

  test('the path names project, location, publisher, model and verb', () => {
    const at = settingsOf({ project: 'acme', location: 'eu' });
    const place = '/projects/acme/locations/eu/publishers';
    const pathOf = (
      protocol: 'gemini' | 'anthropic-messages',
      model: string,
      target: RequestTarget & { stream: boolean },
    ) => vertex.address(at, protocol, model, target).path;
    assert.equal(
      pathOf('gemini', 'gemini-x', generate),
      `/v1beta1${place}/google/models/gemini-x:generateContent`,
    );
    assert.equal(
      pathOf('gemini', 'gemini-x', stream),
      `/v1beta1${place}/google/models/gemini-x:streamGenerateContent?alt=sse`,
    );
    assert.equal(pathOf('gemini', 'gemini-x', count), `/v1beta1${place}/google/models/gemini-x:countTokens`);
    const own = { ...stream, apiVersion: 'v1', verb: 'streamGenerateContent', isCloudAddress: true };
    assert.equal(
      pathOf('gemini', 'gemini-x', own),
      `/v1${place}/google/models/gemini-x:streamGenerateContent`,
    );
    const dated = pathOf('anthropic-messages', 'claude-sonnet-4-5-20250929', stream);
    assert.equal(dated, `/v1${place}/anthropic/models/claude-sonnet-4-5%4020250929:streamRawPredict`);
    const counted = pathOf('anthropic-messages', 'claude-opus-4-8', count);
    assert.equal(counted, `/v1${place}/anthropic/models/count-tokens:rawPredict`);
  });

  test('the project is that of the key where none is named; an API key needs none', () => {
    const key = JSON.stringify({ type: 'service_account', project_id: 'from-key' });
    const path = (settings: ConnectionSettings): string =>
      vertex.address(settings, 'gemini', 'm', generate).path;
    assert.match(path(settingsOf({}, key)), /\/projects\/from-key\/locations\/global\//);
    assert.equal(path(settingsOf({})), '/v1beta1/publishers/google/models/m:generateContent');
    assert.throws(() => path(settingsOf({}, '{"type":"external_account"}')), /names no project/);
  });
});

const carried = (
  target: CarriedRequest['target'],
  headers: Readonly<Record<string, string>> = {},
): CarriedRequest => ({
  model: 'm',
  catalogueModel: 'm',
  target,
  header: (name) => headers[name],
  isTranslated: false,
  losses: createLossList(),
});
const wrapped = (carriage: typeof vertexGeminiCarriage, body: string, request: CarriedRequest): string =>
  carriage.wrap?.(Buffer.from(body), request).toString() ?? '';

suite('Claude on Vertex', () => {
  const wrap = (body: string, request: CarriedRequest): string =>
    wrapped(vertexClaudeCarriage, body, request);

  test('the model leaves the body and the version enters it; nothing else moves', () => {
    assert.equal(
      wrap('{"model":"claude","max_tokens":5, "big":12345678901234567890}', carried(generate)),
      '{"anthropic_version":"vertex-2023-10-16","max_tokens":5, "big":12345678901234567890}',
    );
    assert.equal(
      wrap('{"model":"claude","messages":[]}', carried(count)),
      '{"anthropic_version":"vertex-2023-10-16","model":"claude","messages":[]}',
    );
    const newer = carried(generate, { 'anthropic-version': '2026-10-21' });
    assert.equal(wrap('{"model":"claude","a":1}', newer), '{"anthropic_version":"2026-10-21","a":1}');
  });

  test("what only Anthropic's own API has stays behind, and is named where it matters", () => {
    const lossesOf = (fields: object): readonly string[] => {
      const request = carried(generate);
      const body = wrap(JSON.stringify({ model: 'm', ...fields }), request);
      assert.equal(body, '{"anthropic_version":"vertex-2023-10-16"}');
      return request.losses.list().map(({ code }) => code);
    };
    assert.deepEqual(lossesOf({ service_tier: 'auto', speed: 'standard', mcp_servers: [] }), []);
    assert.deepEqual(lossesOf({ speed: 'fast', inference_geo: 'us' }), ['speed_dropped', 'region_dropped']);
    const request = carried(generate);
    const content = [{ type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } }];
    wrap(JSON.stringify({ messages: [{ role: 'user', content }] }), request);
    assert.deepEqual(
      request.losses.list().map(({ code }) => code),
      ['media_address_refused'],
    );
  });

  test('betas go on as the cloud knows them', () => {
    const betas = (given: string) =>
      vertexClaudeCarriage.headers?.(carried(generate, { 'anthropic-beta': given }));
    assert.deepEqual(betas('claude-code-20250219,effort-2025-11-24'), []);
    assert.deepEqual(
      betas('advanced-tool-use-2025-11-20, web-search-2025-03-05,tool-search-tool-2025-10-19'),
      ['anthropic-beta', 'tool-search-tool-2025-10-19,web-search-2025-03-05'],
    );
  });

  test("failures are read in Google's words and in Anthropic's, and never passed on as they are", () => {
    const read = (status: number, body: unknown) =>
      vertexClaudeCarriage.readFailure?.(status, [], Buffer.from(JSON.stringify(body)));
    const google = { error: { code: 403, message: 'denied', status: 'PERMISSION_DENIED' } };
    assert.equal(read(403, google)?.error.code, 'upstream_auth');
    assert.equal(
      read(429, [{ error: { code: 429, status: 'RESOURCE_EXHAUSTED' } }])?.error.code,
      'upstream_rate_limited',
    );
    const own = {
      type: 'error',
      error: { type: 'invalid_request_error', message: 'max_tokens: Field required' },
    };
    const failure = read(400, own);
    assert.deepEqual([failure?.error.code, failure?.body], ['upstream_rejected_input', undefined]);
  });
});

suite('Gemini on Vertex', () => {
  const wrap = (body: unknown, request: CarriedRequest): unknown =>
    JSON.parse(wrapped(vertexGeminiCarriage, JSON.stringify(body), request));

  test("what Google's own API forgives is put right, and only that", () => {
    const call = { functionCall: { id: 'a', name: 'f', args: { id: 'stays' } }, thoughtSignature: 'x' };
    const answer = { functionResponse: { id: 'a', name: 'f', response: { id: 'stays' } } };
    const given = {
      contents: [
        { parts: [{ text: 'hi' }] },
        { role: 'model', parts: [call] },
        { role: 'user', parts: [answer] },
      ],
      generationConfig: { temperature: 1 },
    };
    assert.deepEqual(wrap(given, carried(generate)), {
      contents: [
        { role: 'user', parts: [{ text: 'hi' }] },
        {
          role: 'model',
          parts: [{ functionCall: { name: 'f', args: { id: 'stays' } }, thoughtSignature: 'x' }],
        },
        { role: 'user', parts: [{ functionResponse: { name: 'f', response: { id: 'stays' } } }] },
      ],
      generationConfig: { temperature: 1 },
    });
  });

  test('a body with nothing to put right stays byte for byte, and so does that of a client of the cloud', () => {
    const plain = '{ "contents": [ {"role":"user","parts":[{"text":"hi"}]} ], "n": 1.0 }';
    assert.equal(wrapped(vertexGeminiCarriage, plain, carried(generate)), plain);
    const withIds = '{"contents":[{"parts":[{"functionCall":{"id":"a","name":"f"}}]}]}';
    const own = carried({ ...generate, verb: 'generateContent', isCloudAddress: true });
    assert.equal(wrapped(vertexGeminiCarriage, withIds, own), withIds);
  });

  test('tokens are counted of a request that is not wrapped', () => {
    const contents = [{ role: 'user', parts: [{ text: 'hi' }] }];
    const inner = { model: 'models/m', contents, systemInstruction: { parts: [{ text: 'kind' }] } };
    assert.deepEqual(wrap({ generateContentRequest: inner }, carried(count)), {
      contents,
      systemInstruction: { parts: [{ text: 'kind' }] },
    });
  });
});
