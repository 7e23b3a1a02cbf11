import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GoogleGenAI, Type } from '@google/genai';
import type { Content } from '@google/genai';
import type { Json, JsonObject } from '../../engine/simulated-call.ts';
import type { Simulator } from '../../index.ts';
import { at, eventsOf, geminiKey, send, withSimulator } from '../wire-test-kit.ts';

const declaration = {
  name: 'get_weather',
  parameters: { type: Type.OBJECT, properties: { city: { type: Type.STRING } }, required: ['city'] },
};

const tools = [{ functionDeclarations: [declaration] }];

function clientOf(simulator: Simulator, apiVersion = 'v1'): GoogleGenAI {
  return new GoogleGenAI({ apiKey: 'AIzaWireTests', apiVersion, httpOptions: { baseUrl: simulator.url } });
}

async function generate(
  simulator: Simulator,
  model: string,
  body: JsonObject,
): Promise<{ status: number; json: Json }> {
  return send(`${simulator.url}/v1beta/models/${model}:generateContent`, body, { headers: geminiKey });
}

const user = { role: 'user', parts: [{ text: 'Weather?' }] };

test('the official client gets text, thoughts apart, and usage that adds up', () =>
  withSimulator(async (simulator) => {
    const response = await clientOf(simulator).models.generateContent({
      model: 'gemini-2.5-flash',
      contents: '[[say: Good morning]]',
      config: { thinkingConfig: { includeThoughts: true, thinkingBudget: 1024 } },
    });
    assert.equal(response.text, 'Good morning');
    assert.equal(response.candidates?.[0]?.content?.parts?.[0]?.thought, true);
    const usage = response.usageMetadata;
    assert.equal(usage?.candidatesTokenCount, 2 + 1);
    assert.equal(
      usage?.totalTokenCount,
      (usage?.promptTokenCount ?? 0) + (usage?.candidatesTokenCount ?? 0) + (usage?.thoughtsTokenCount ?? 0),
    );
    assert.equal(response.modelVersion, 'gemini-2.5-flash');
  }));

test('the stream adds up to the unary answer, and its usage grows to the same total', () =>
  withSimulator(async (simulator) => {
    for (const version of ['v1', 'v1beta', 'v1alpha']) {
      const { models } = clientOf(simulator, version);
      const request = { model: 'gemini-3.6-flash', contents: 'Tell me about boats.' };
      const unary = await models.generateContent(request);
      let text = '';
      const totals: number[] = [];
      let finish: string | undefined;
      for await (const chunk of await models.generateContentStream(request)) {
        text += chunk.text ?? '';
        totals.push(chunk.usageMetadata?.totalTokenCount ?? 0);
        finish = chunk.candidates?.[0]?.finishReason;
      }
      assert.equal(text, unary.text);
      assert.equal(finish, 'STOP');
      assert.equal(totals.at(-1), unary.usageMetadata?.totalTokenCount);
      assert.deepEqual(
        totals,
        totals.toSorted((left, right) => left - right),
      );
    }
  }));

test('parallel calls are signed on the first, and the round trip needs that signature', () =>
  withSimulator(async (simulator) => {
    const { models } = clientOf(simulator);
    const question: Content = {
      role: 'user',
      parts: [{ text: '[[tool: get_weather {"city":"Oslo"}]] [[tool: get_weather {"city":"Bergen"}]]' }],
    };
    const model = 'gemini-3.6-flash';
    const first = await models.generateContent({ model, contents: [question], config: { tools } });
    const turn = first.candidates?.[0]?.content ?? {};
    const parts = turn.parts ?? [];
    assert.deepEqual(
      parts.map((part) => [part.functionCall?.args?.['city'], part.thoughtSignature !== undefined]),
      [
        ['Oslo', true],
        ['Bergen', false],
      ],
    );
    const results: Content = {
      role: 'user',
      parts: parts.map(({ functionCall }) => ({
        functionResponse: { id: functionCall?.id ?? '', name: 'get_weather', response: { output: 'sunny' } },
      })),
    };
    const ask = (answer: Content): Promise<unknown> =>
      models.generateContent({ model, contents: [question, answer, results], config: { tools } });
    const second = await models.generateContent({
      model,
      contents: [question, turn, results],
      config: { tools },
    });
    assert.match(second.text ?? '', /sunny/u);

    const signature = parts[0]?.thoughtSignature ?? '';
    const unsigned = parts.map(({ thoughtSignature: _signature, ...part }) => part);
    await assert.rejects(
      ask({ role: 'model', parts: unsigned }),
      /missing a thought_signature.*default_api:get_weather/u,
    );
    const forged = `${signature.slice(0, 30)}AAAA${signature.slice(34)}`;
    await assert.rejects(
      ask({ role: 'model', parts: [{ ...parts[0], thoughtSignature: forged }, ...unsigned.slice(1)] }),
      /Corrupted/u,
    );
    await assert.rejects(
      ask({ role: 'model', parts: [...unsigned.slice(1), { ...parts[0] }] }),
      /missing a thought_signature/u,
    );
    await assert.rejects(
      ask({
        role: 'model',
        parts: [{ ...unsigned[1], thoughtSignature: signature }, ...unsigned.slice(0, 1)],
      }),
      /not valid for this functionCall/u,
    );
    const refilled = (args: Record<string, unknown>): unknown => ({
      role: 'model',
      parts: [{ ...parts[0], functionCall: { ...parts[0]?.functionCall, args } }, ...unsigned.slice(1)],
    });
    const { args } = parts[0]?.functionCall ?? {};
    await ask(refilled({ ...args, filledIn: false }) as Content);
    await assert.rejects(ask(refilled({ city: 'elsewhere' }) as Content), /not valid for this functionCall/u);
    const standIn = Buffer.from('skip_thought_signature_validator').toString('base64');
    await ask({ role: 'model', parts: [{ ...parts[0], thoughtSignature: standIn }, ...unsigned.slice(1)] });
  }));

test('an earlier turn may lack its signature, and so may a model that does not require them', () =>
  withSimulator(async (simulator) => {
    const call = { role: 'model', parts: [{ functionCall: { name: 'f', args: {} } }] };
    const result = { role: 'user', parts: [{ functionResponse: { name: 'f', response: {} } }] };
    const earlier = { contents: [user, call, result, { role: 'model', parts: [{ text: 'Sun.' }] }, user] };
    assert.equal((await generate(simulator, 'gemini-3.6-flash', earlier)).status, 200);
    assert.equal(
      (await generate(simulator, 'gemini-3.6-flash', { contents: [user, call, result] })).status,
      400,
    );
    assert.equal(
      (await generate(simulator, 'gemini-2.5-flash', { contents: [user, call, result] })).status,
      200,
    );
  }));

test('counting, embedding, and the pages of the model list work with the official client', () =>
  withSimulator(async (simulator) => {
    const { models } = clientOf(simulator);
    const contents = 'one two three';
    const counted = await models.countTokens({ model: 'gemini-2.5-flash', contents });
    const answered = await models.generateContent({ model: 'gemini-2.5-flash', contents });
    assert.equal(counted.totalTokens, answered.usageMetadata?.promptTokenCount);
    const embedded = await models.embedContent({
      model: 'gemini-embedding-001',
      contents: ['a boat', 'a train'],
      config: { outputDimensionality: 16 },
    });
    assert.deepEqual(
      embedded.embeddings?.map(({ values }) => values?.length),
      [16, 16],
    );
    const names: string[] = [];
    for await (const model of await models.list({ config: { pageSize: 4 } })) names.push(model.name ?? '');
    assert.ok(names.length > 8 && new Set(names).size === names.length);
    assert.equal((await models.get({ model: 'gemini-4-argon' })).thinking, true);
  }));

test('without alt=sse the stream is one JSON array, and so is its error', () =>
  withSimulator(async (simulator) => {
    const url = `${simulator.url}/v1beta/models/gemini-2.5-flash:streamGenerateContent`;
    const whole = await send(`${url}?key=AIzaWireTests`, { contents: [user] });
    assert.ok(Array.isArray(whole.json) && whole.json.length > 1);
    const events = await send(`${url}?alt=sse`, { contents: [user] }, { headers: geminiKey });
    assert.deepEqual(eventsOf(events.text), whole.json);
    const refused = await send(url, { contents: [] }, { headers: geminiKey });
    assert.deepEqual([refused.status, at(refused.json, 0, 'error', 'status')], [400, 'INVALID_ARGUMENT']);
  }));

test('a long prefix asked twice is told as cached content', () =>
  withSimulator(async (simulator) => {
    const long = 'All boats leave at dawn and come back with the tide. '.repeat(200);
    const body = (text: string): JsonObject => ({
      system_instruction: { parts: [{ text: long }] },
      contents: [{ parts: [{ text }] }],
    });
    await generate(simulator, 'gemini-2.5-flash', body('One?'));
    const { json } = await generate(simulator, 'gemini-2.5-flash', body('Two?'));
    const cached = Number(at(json, 'usageMetadata', 'cachedContentTokenCount'));
    assert.ok(cached > 1024 && cached < Number(at(json, 'usageMetadata', 'promptTokenCount')));
  }));

test('a blocked prompt is answered without candidates', () =>
  withSimulator(async (simulator) => {
    const { status, json } = await generate(simulator, 'gemini-2.5-flash', {
      contents: [{ parts: [{ text: '[[refuse]]' }] }],
    });
    assert.deepEqual(
      [status, at(json, 'promptFeedback', 'blockReason'), at(json, 'candidates')],
      [200, 'SAFETY', undefined],
    );
  }));
