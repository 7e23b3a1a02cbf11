import * as fc from 'fast-check';
import type { Json, JsonObject } from '../../src/protocols/canonical/request.ts';

/** Generators of Gemini requests in normal form: whole histories, answered calls, every kind of part. */
const words = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).map((text) => `w${text}`);
const name = fc.stringMatching(/^[a-z][a-z0-9_.:-]{0,10}$/);
const base64 = fc
  .uint8Array({ minLength: 1, maxLength: 12 })
  .map((bytes) => Buffer.from(bytes).toString('base64'));
const args: fc.Arbitrary<JsonObject> = fc.dictionary(
  fc.stringMatching(/^[a-z]{1,5}$/),
  fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)),
  { maxKeys: 3 },
);
const response = fc.oneof(
  words.map((output): JsonObject => ({ output })),
  words.map((error): JsonObject => ({ error })),
  args.map((fields): JsonObject => ({ ...fields, found: true })),
);
const signature = fc.constant('c2lnbmF0dXJl');

const textPart = words.map((text): JsonObject => ({ text }));
const mediaPart = fc.oneof(
  base64.map((data): JsonObject => ({ inlineData: { mimeType: 'image/png', data } })),
  base64.map((data): JsonObject => ({ inlineData: { mimeType: 'audio/wav', data } })),
  fc.webUrl().map((fileUri): JsonObject => ({ fileData: { fileUri, mimeType: 'application/pdf' } })),
);
const thought = words.map((text): JsonObject => ({ text, thought: true }));

const exchange = fc
  .record({
    asked: fc.array(fc.oneof(textPart, mediaPart), { minLength: 1, maxLength: 3 }),
    thoughts: fc.array(thought, { maxLength: 1 }),
    said: fc.array(textPart, { maxLength: 2 }),
    isSigned: fc.boolean(),
    withIds: fc.boolean(),
    calls: fc.array(fc.record({ name, args, response }), { minLength: 1, maxLength: 3 }),
    mark: signature,
    seed: fc.integer({ min: 0, max: 9999 }),
  })
  .map(({ asked, thoughts, said, isSigned, withIds, calls, mark, seed }): readonly JsonObject[] => {
    const idOf = (index: number): JsonObject => (withIds ? { id: `id${seed}x${index}` } : {});
    return [
      { role: 'user', parts: asked },
      {
        role: 'model',
        parts: [
          ...thoughts,
          ...said,
          ...calls.map((call, index) => ({
            functionCall: { ...idOf(index), name: call.name, args: call.args },
            ...(isSigned && index === 0 ? { thoughtSignature: mark } : {}),
          })),
        ],
      },
      {
        role: 'user',
        parts: calls.map((call, index) => ({
          functionResponse: { ...idOf(index), name: call.name, response: call.response },
        })),
      },
    ];
  });

type Fields = Record<string, fc.Arbitrary<Json>>;

function some(fields: Fields): fc.Arbitrary<JsonObject> {
  return fc.record(fields, { requiredKeys: [] }).map((found) => found as JsonObject);
}

const schema: JsonObject = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const openSchema: JsonObject = { type: 'OBJECT', properties: { city: { type: 'STRING', nullable: true } } };

const toolSettings = fc
  .record({
    names: fc.uniqueArray(name, { minLength: 1, maxLength: 3 }),
    isOpen: fc.boolean(),
    hasSearch: fc.boolean(),
    mode: fc.constantFrom('AUTO', 'ANY', 'NONE', 'VALIDATED'),
    allowed: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ names, isOpen, hasSearch, mode, allowed }): JsonObject => {
    const functionDeclarations = names.map((tool) => ({
      name: tool,
      ...(isOpen ? { parameters: openSchema } : { parametersJsonSchema: schema }),
    }));
    const only = allowed === 0 ? {} : { allowedFunctionNames: names.slice(0, allowed) };
    return {
      tools: [{ functionDeclarations }, ...(hasSearch ? [{ googleSearch: {} }] : [])],
      toolConfig: { functionCallingConfig: { mode, ...only } },
    };
  });

const generationConfig = some({
  temperature: fc.constantFrom(0, 0.7, 2),
  topP: fc.constantFrom(0.1, 1),
  topK: fc.integer({ min: 1, max: 50 }),
  candidateCount: fc.constantFrom(1, 2),
  maxOutputTokens: fc.integer({ min: 1, max: 9000 }),
  stopSequences: fc.array(words, { minLength: 1, maxLength: 6 }),
  seed: fc.integer(),
  responseLogprobs: fc.boolean(),
  mediaResolution: fc.constant('MEDIA_RESOLUTION_LOW'),
  responseModalities: fc.constantFrom<Json>(['TEXT'], ['AUDIO']),
  thinkingConfig: fc.constantFrom<Json>(
    { thinkingBudget: 0 },
    { thinkingBudget: -1, includeThoughts: true },
    { thinkingBudget: 2048 },
    { thinkingLevel: 'LOW', includeThoughts: false },
  ),
});
const output = fc.constantFrom<JsonObject>(
  {},
  { responseMimeType: 'text/plain' },
  { responseMimeType: 'application/json' },
  { responseMimeType: 'application/json', responseJsonSchema: schema },
  { responseMimeType: 'application/json', responseSchema: openSchema },
  { responseMimeType: 'text/x.enum', responseSchema: { type: 'STRING', enum: ['a', 'b'] } },
);

export const geminiRequest: fc.Arbitrary<JsonObject> = fc
  .record({
    exchanges: fc.array(exchange, { minLength: 1, maxLength: 3 }),
    tools: fc.option(toolSettings, { nil: {} }),
    generationConfig,
    output,
    rest: some({
      systemInstruction: words.map((text): Json => ({ parts: [{ text }] })),
      serviceTier: fc.constantFrom('flex', 'standard'),
      cachedContent: fc.constant('cachedContents/a'),
      labels: fc.constant<Json>({ team: 'a' }),
      safetySettings: fc.constant<Json>([{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }]),
    }),
  })
  .map(({ exchanges, tools, generationConfig: config, output: format, rest }): JsonObject => ({
    contents: [...exchanges.flat(), { role: 'user', parts: [{ text: 'Well?' }] }],
    ...tools,
    generationConfig: { ...config, ...format },
    ...rest,
  }));
