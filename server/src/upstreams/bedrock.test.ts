import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { suite, test } from 'node:test';
import type { UpstreamRequest } from '../platform/upstream-client.ts';
import { createLossList } from '../protocols/canonical/losses.ts';
import { createBedrockAuthorizer } from './bedrock-authorizer.ts';
import { wrapClaudeBody } from './bedrock-claude-body.ts';
import { bedrockCatalogueNames, bedrockSurcharge, isClaude, withoutGeography } from './bedrock-models.ts';
import { bedrock } from './bedrock.ts';
import type { AuthorizerPorts } from './upstream-kind.ts';

const sonnet = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0';

function wrapped(
  body: string,
  options: {
    readonly headers?: Readonly<Record<string, string>>;
    readonly model?: string;
    readonly counts?: boolean;
  } = {},
): { readonly text: string; readonly lost: readonly string[] } {
  const losses = createLossList();
  const bytes = wrapClaudeBody(Buffer.from(body), {
    model: options.model ?? sonnet,
    catalogueModel: options.model ?? sonnet,
    target: { operation: options.counts === true ? 'count-tokens' : 'generate', query: '', stream: false },
    isTranslated: false,
    header: (name) => options.headers?.[name],
    losses,
  });
  return { text: bytes.toString(), lost: losses.list().map(({ code }) => code) };
}

suite('a body of Anthropic Messages for Bedrock', () => {
  test('loses model and mode, gains the version, and keeps every other byte', () => {
    const signed = String.raw`{"role":"assistant","content":[{"type":"thinking","thinking":"\u0041 1.0","signature":"a/b+c="}]}`;
    const { text, lost } = wrapped(
      `{ "model":"x", "max_tokens" : 1.0 ,"stream":true,"messages":[${signed}]}`,
    );
    assert.ok(text.includes(`"messages":[${signed}]`));
    assert.ok(text.includes('"max_tokens" : 1.0'));
    const parsed = JSON.parse(text) as Record<string, unknown>;
    assert.deepEqual(Object.keys(parsed).toSorted(), ['anthropic_version', 'max_tokens', 'messages']);
    assert.equal(parsed['anthropic_version'], 'bedrock-2023-05-31');
    assert.deepEqual(lost, []);
  });

  test('names a later version of the wire, which changes what the request means', () => {
    const { text } = wrapped('{"messages":[]}', { headers: { 'anthropic-version': '2026-10-21' } });
    assert.ok(text.includes('"anthropic_version":"2026-10-21"'));
  });

  test('takes betas of header and body once each, if Bedrock knows them for the model', () => {
    const body = '{"anthropic_beta":["effort-2025-11-24","nonsense"],"messages":[]}';
    const headers = { 'anthropic-beta': 'effort-2025-11-24, interleaved-thinking-2025-05-14' };
    const opus = wrapped(body, { headers, model: 'eu.anthropic.claude-opus-4-5-20251101-v1:0' });
    assert.ok(opus.text.includes('["effort-2025-11-24","interleaved-thinking-2025-05-14"]'));
    assert.deepEqual(opus.lost, ['beta_dropped']);
    assert.ok(
      wrapped(body, { headers }).text.includes('"anthropic_beta":["interleaved-thinking-2025-05-14"]'),
    );
  });

  test('keeps a field of a beta with the beta alone', () => {
    const body = '{"context_management":{"edits":[]},"messages":[]}';
    const known = wrapped(body, { headers: { 'anthropic-beta': 'context-management-2025-06-27' } });
    assert.ok(known.text.includes('"context_management"'));
    const alone = wrapped(body);
    assert.ok(!alone.text.includes('"context_management"'));
    assert.deepEqual(alone.lost, ['context_management_dropped']);
  });

  test('finds media by address and files wherever a block may stand, and nowhere else', () => {
    const image = (source: string): string => `{"type":"image","source":${source}}`;
    const url = image('{"type":"url","url":"https://a"}');
    const inResult = `{"messages":[{"role":"user","content":[{"type":"tool_result","content":[${url}]}]}]}`;
    assert.deepEqual(wrapped(inResult).lost, ['media_address_refused']);
    const file = `{"messages":[{"role":"user","content":[${image('{"type":"file","file_id":"f"}')}]}]}`;
    assert.deepEqual(wrapped(file).lost, ['file_id_refused']);
    const input = `{"messages":[{"role":"assistant","content":[{"type":"tool_use","input":${url}}]}]}`;
    assert.deepEqual(wrapped(input).lost, []);
  });

  test('for counting gets a limit above its thinking budget', () => {
    const body = '{"thinking":{"type":"enabled","budget_tokens":5000},"messages":[]}';
    assert.ok(wrapped(body, { counts: true }).text.includes('"max_tokens":6024'));
  });
});

suite('ids of models on Bedrock', () => {
  const arn = 'arn:aws:bedrock:us-east-1:123456789012';
  test('Claude is known in every spelling, an opaque profile is not', () => {
    const claude = [
      sonnet,
      'global.anthropic.claude-opus-4-8',
      `${arn}:inference-profile/${sonnet}`,
      'anthropic.claude-3-haiku-20240307-v1:0',
    ];
    for (const id of claude) assert.ok(isClaude(id), id);
    const others = [
      'us.amazon.nova-lite-v1:0',
      `${arn}:application-inference-profile/abc`,
      'claude-sonnet-4-5',
      'us.meta.anthropic',
    ];
    for (const id of others) assert.ok(!isClaude(id), id);
    assert.deepEqual(bedrock.speaks('generate', sonnet, { baseUrl: '', credential: '', options: {} }), [
      'anthropic-messages',
    ]);
    assert.deepEqual(bedrock.speaks('embed', sonnet, { baseUrl: '', credential: '', options: {} }), []);
  });

  test('lead to the row of the catalogue, and for other vendors to no price of theirs', () => {
    assert.equal(
      withoutGeography(`${arn}:inference-profile/${sonnet}`),
      'anthropic.claude-sonnet-4-5-20250929-v1:0',
    );
    assert.ok(bedrockCatalogueNames(sonnet).includes('anthropic.claude-sonnet-4-5-20250929-v1:0'));
    assert.ok(bedrockCatalogueNames('eu.anthropic.claude-opus-5').includes('claude-opus-5'));
    assert.deepEqual(bedrockCatalogueNames('us.meta.llama3-3-70b-instruct-v1:0'), [
      'meta.llama3-3-70b-instruct-v1:0',
      'meta.llama3-3-70b-instruct',
    ]);
    assert.ok(!bedrockCatalogueNames('deepseek.v3-v1:0').includes('v3'));
    assert.deepEqual(bedrockCatalogueNames('gpt-5.5'), []);
    assert.ok(bedrockCatalogueNames('global.openai.gpt-5.5').includes('gpt-5.5'));
    assert.equal(bedrockSurcharge(sonnet), 'bedrock-regional');
    assert.equal(bedrockSurcharge('global.anthropic.claude-opus-4-8'), undefined);
    assert.equal(bedrockSurcharge('claude-opus-4-8'), undefined);
  });

  test('stand in the address as one segment', () => {
    const { path } = bedrock.address(
      { baseUrl: '', credential: '', options: {} },
      'bedrock-converse',
      `${arn}:inference-profile/us.amazon.nova-lite-v1:0`,
      {
        operation: 'generate',
        query: '',
        stream: true,
      },
    );
    assert.match(path, /^\/model\/[^/]+\/converse-stream$/);
    assert.ok(path.includes('%3Ainference-profile%2Fus.amazon.nova-lite-v1%3A0'));
  });

  test('are listed by the control plane, where the address is AWS itself', () => {
    const at = (baseUrl: string): string | undefined =>
      bedrock.listModels.address({ baseUrl, credential: '', options: {} }).origin;
    assert.equal(
      bedrock.baseUrlOf?.({ region: 'eu-central-1' }),
      'https://bedrock-runtime.eu-central-1.amazonaws.com',
    );
    assert.equal(
      at('https://bedrock-runtime.eu-central-1.amazonaws.com'),
      'https://bedrock.eu-central-1.amazonaws.com',
    );
    assert.equal(at('https://vpce-1.example.com'), undefined);
  });

  test('are offered as they can be called: text models, by a profile where there is no other way', () => {
    const model = (modelId: string, types: readonly string[], outputModalities = ['TEXT']): object => ({
      modelArn: `arn:aws:bedrock:eu-central-1::foundation-model/${modelId}`,
      modelId,
      outputModalities,
      inferenceTypesSupported: types,
    });
    const modelSummaries = [
      model('amazon.nova-lite-v1:0', ['ON_DEMAND', 'INFERENCE_PROFILE']),
      model('anthropic.claude-opus-4-8', ['INFERENCE_PROFILE']),
      model('amazon.titan-embed-text-v2:0', ['ON_DEMAND'], ['EMBEDDING']),
    ];
    assert.deepEqual(bedrock.listModels.parse({ modelSummaries }), [
      'amazon.nova-lite-v1:0',
      'eu.anthropic.claude-opus-4-8',
    ]);
    assert.deepEqual(bedrock.listModels.parse('none'), []);
  });
});

suite('authorization at Bedrock', () => {
  const ports = { now: () => Date.UTC(2026, 10, 23, 1, 2, 3) } as AuthorizerPorts;
  const request: UpstreamRequest = {
    method: 'POST',
    origin: 'https://bedrock-runtime.us-east-1.amazonaws.com',
    path: '/model/us.amazon.nova-lite-v1%3A0/converse',
    headers: ['content-type', 'application/json', 'accept', 'application/json'],
    body: [Buffer.from('{"a"'), Buffer.from(':1}')],
    connectTimeoutMs: 1,
  };
  const authorized = async (credential: string): Promise<Readonly<Record<string, string>>> => {
    const settings = { baseUrl: '', credential, options: { region: 'us-east-1' } };
    const flat = await createBedrockAuthorizer(settings, ports).headersFor(request);
    return Object.fromEntries(flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? '']] : [])));
  };

  test('an API key is sent as it is', async () => {
    assert.deepEqual(await authorized('ABSKkey'), { authorization: 'Bearer ABSKkey' });
  });

  test('an access key signs host, type and body as AWS describes it', async () => {
    const headers = await authorized('AKIAEXAMPLE123:se/cr+et');
    const hash = createHash('sha256').update('{"a":1}').digest('hex');
    const canonical = [
      'POST',
      '/model/us.amazon.nova-lite-v1%253A0/converse',
      '',
      'content-type:application/json',
      'host:bedrock-runtime.us-east-1.amazonaws.com',
      `x-amz-content-sha256:${hash}`,
      'x-amz-date:20261123T010203Z',
      '',
      'content-type;host;x-amz-content-sha256;x-amz-date',
      hash,
    ].join('\n');
    const scope = '20261123/us-east-1/bedrock/aws4_request';
    const text = `AWS4-HMAC-SHA256\n20261123T010203Z\n${scope}\n${createHash('sha256').update(canonical).digest('hex')}`;
    let key: string | Buffer = 'AWS4se/cr+et';
    for (const part of scope.split('/')) key = createHmac('sha256', key).update(part).digest();
    const signature = createHmac('sha256', key).update(text).digest('hex');
    assert.equal(headers['x-amz-date'], '20261123T010203Z');
    assert.ok(headers['authorization']?.endsWith(`Signature=${signature}`));
    assert.ok(headers['authorization']?.includes(`Credential=AKIAEXAMPLE123/${scope}`));
  });

  test('a temporary key brings its session along', async () => {
    const headers = await authorized('ASIAEXAMPLE123:secret:session/token==');
    assert.equal(headers['x-amz-security-token'], 'session/token==');
    assert.ok(headers['authorization']?.includes('x-amz-security-token'));
  });
});
