import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json, JsonObject } from '../../engine/simulated-call.ts';
import type { Simulator } from '../../index.ts';
import { at, geminiKey, send, textAt, withSimulator } from '../wire-test-kit.ts';

async function generate(
  simulator: Simulator,
  model: string,
  body: JsonObject,
): Promise<{ status: number; json: Json }> {
  return send(`${simulator.url}/v1beta/models/${model}:generateContent`, body, { headers: geminiKey });
}

const user = { role: 'user', parts: [{ text: 'Weather?' }] };

test('unknown fields are all named, in the spelling of the protocol, each with its violation', () =>
  withSimulator(async (simulator) => {
    const { status, json } = await generate(simulator, 'gemini-2.5-flash', {
      contents: [{ parts: [{ text: 'x', foo: 1 }] }],
      generation_config: { bar: 1 },
      baz: 1,
    });
    assert.equal(status, 400);
    const message = textAt(json, 'error', 'message');
    assert.match(message, /^Invalid JSON payload received\. Unknown name "baz": Cannot find field\.$/mu);
    assert.match(message, /Unknown name "foo" at 'contents\[0\]\.parts\[0\]': Cannot find field\./u);
    assert.match(message, /Unknown name "bar" at 'generation_config': Cannot find field\./u);
    assert.equal(at(json, 'error', 'details', 0, '@type'), 'type.googleapis.com/google.rpc.BadRequest');
    assert.equal((at(json, 'error', 'details', 0, 'fieldViolations') as Json[]).length, 3);
  }));

test('refusals have the status and the words of the provider', () =>
  withSimulator(async (simulator) => {
    const call = { role: 'model', parts: [{ functionCall: { name: 'f', args: {} } }] };
    const result = { functionResponse: { name: 'f', response: {} } };
    const withSchema = (schema: JsonObject): JsonObject => ({
      contents: [user],
      tools: [{ functionDeclarations: [{ name: 'f', parameters: schema }] }],
    });
    const config = (generationConfig: JsonObject): JsonObject => ({ contents: [user], generationConfig });
    const cases: readonly (readonly [string, JsonObject, RegExp])[] = [
      ['gemini-2.5-flash', {}, /contents is not specified/u],
      [
        'gemini-2.5-flash',
        { contents: [{ role: 'assistant', parts: [{ text: 'x' }] }] },
        /Please use a valid role: user, model\./u,
      ],
      ['gemini-2.5-flash', { contents: [{ role: 'user', parts: [] }] }, /parts must not be empty/u],
      ['gemini-2.5-flash', { contents: [{ role: 'user', parts: [{}] }] }, /required oneof field 'data'/u],
      [
        'gemini-2.5-flash',
        { contents: [{ role: 'model', parts: [{ text: 'x' }] }] },
        /single turn requests end with a user role/u,
      ],
      [
        'gemini-2.5-flash',
        { contents: [call, { role: 'user', parts: [result] }] },
        /function call turn comes immediately after a user turn/u,
      ],
      [
        'gemini-2.5-flash',
        { contents: [{ role: 'user', parts: [result] }] },
        /function response turn comes immediately after a function call turn/u,
      ],
      [
        'gemini-2.5-flash',
        { contents: [user, call, { role: 'user', parts: [result, result] }] },
        /number of function response parts is equal/u,
      ],
      ['gemini-2.5-flash', config({ temperature: 3 }), /temperature must be in the range \[0, 2\]/u],
      [
        'gemini-2.5-flash',
        config({ temperature: 'hot' }),
        /Invalid value at 'generation_config.temperature' \(TYPE_DOUBLE\), "hot"/u,
      ],
      ['gemini-2.5-flash', config({ maxOutputTokens: 99_999_999 }), /supported range is from 1/u],
      [
        'gemini-2.5-flash',
        config({ thinkingConfig: { thinkingBudget: 1, thinkingLevel: 'LOW' } }),
        /only one of thinking budget and thinking level/u,
      ],
      [
        'gemini-2.5-flash',
        config({ thinkingConfig: { thinkingLevel: 'LOW' } }),
        /Thinking level LOW is not supported/u,
      ],
      ['gemini-2.5-pro', config({ thinkingConfig: { thinkingBudget: 0 } }), /Budget 0 is invalid/u],
      ['gemini-2.0-flash', config({ thinkingConfig: { thinkingBudget: 100 } }), /Thinking is not enabled/u],
      [
        'gemini-4-argon',
        config({ thinkingConfig: { thinkingBudget: 100 } }),
        /Thinking budget is not supported/u,
      ],
      ['gemini-2.5-flash', config({ responseSchema: { type: 'STRING' } }), /requires response_mime_type/u],
      [
        'gemini-2.5-flash',
        withSchema({ type: 'OBJECT', additionalProperties: false }),
        /Unknown name "additionalProperties" at 'tools\[0\]\.function_declarations\[0\]\.parameters'/u,
      ],
      ['gemini-2.5-flash', withSchema({ type: 'ARRAY' }), /parameters\.items: missing field/u],
      [
        'gemini-2.5-flash',
        withSchema({ type: 'OBJECT', required: ['a'] }),
        /required\[0\]: property is not defined/u,
      ],
      [
        'gemini-2.5-flash',
        { contents: [user], tools: [{ functionDeclarations: [{ name: '1st' }] }] },
        /Invalid function name/u,
      ],
      [
        'gemini-2.5-flash',
        {
          contents: [user],
          toolConfig: { functionCallingConfig: { mode: 'AUTO', allowedFunctionNames: ['f'] } },
        },
        /only when function calling mode is ANY/u,
      ],
      [
        'gemini-2.5-flash',
        { contents: [user], safetySettings: [{ category: 'RUDENESS', threshold: 'OFF' }] },
        /TYPE_ENUM\), "RUDENESS"/u,
      ],
    ];
    for (const [model, body, message] of cases) {
      const { status, json } = await generate(simulator, model, body);
      assert.deepEqual([status, at(json, 'error', 'code')], [400, 400], JSON.stringify(body));
      assert.match(textAt(json, 'error', 'message'), message);
    }
  }));

test('keys and models that are not known get the provider’s answers', () =>
  withSimulator(async (simulator) => {
    const url = `${simulator.url}/v1beta/models/gemini-2.5-flash:generateContent`;
    const bad = await send(url, { contents: [user] }, { headers: { 'x-goog-api-key': 'nonsense' } });
    assert.deepEqual([bad.status, at(bad.json, 'error', 'details', 0, 'reason')], [400, 'API_KEY_INVALID']);
    assert.equal((await send(url, { contents: [user] })).status, 403);
    const unknown = await generate(simulator, 'gemini-0', { contents: [user] });
    assert.deepEqual([unknown.status, at(unknown.json, 'error', 'status')], [404, 'NOT_FOUND']);
    const wrongMethod = await generate(simulator, 'gemini-embedding-001', { contents: [user] });
    assert.equal(wrongMethod.status, 404);
  }));

test('a limited account is told when to come back', () =>
  withSimulator(
    async (simulator) => {
      await generate(simulator, 'gemini-2.5-flash', { contents: [user] });
      const { status, json } = await generate(simulator, 'gemini-2.5-flash', { contents: [user] });
      assert.equal(status, 429);
      assert.match(JSON.stringify(json), /google\.rpc\.RetryInfo.*"retryDelay":"[\d.]+s"/u);
    },
    { accounts: [{ key: 'AIzaWireTests', limits: { requestsPerMinute: 1 } }] },
  ));
