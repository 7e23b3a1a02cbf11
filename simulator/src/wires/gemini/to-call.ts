import { placeScript } from '../../engine/place-script.ts';
import type { ScriptTurn } from '../../engine/place-script.ts';
import type { DeclaredTool, Json, JsonObject, SimulatedCall } from '../../engine/simulated-call.ts';
import { isArray, isObject, objectsOf, textOr } from '../shape.ts';
import { hostedOffer } from './hosted-tools.ts';
import { mediaTokensOf } from './media.ts';
import type { GeminiModel } from './models.ts';
import { declarationsOf } from './rules.ts';
import { countParts } from './turns.ts';
import type { Turn } from './turns.ts';

/** A checked request in the engine's terms. */
export function toCall(body: JsonObject, turns: readonly Turn[], model: GeminiModel): SimulatedCall {
  const config = isObject(body['generationConfig']) ? body['generationConfig'] : {};
  const last = turns.at(-1);
  const parts = turns.flatMap((turn) => turn.parts);
  const outputSchema = schemaOf(config);
  const thinking = thinkingOf(config, model);
  return {
    model: model.id,
    segments: segmentsOf(body, parts),
    mediaTokens: parts.reduce((sum, part) => sum + mediaTokensOf(part), 0),
    lastUserText: lastUserText(turns),
    endsWithToolResults: last !== undefined && countParts(last, 'functionResponse') > 0,
    ...placeScript(turns.flatMap(scriptTurns)),
    ...toolsOf(body),
    ...hostedOffer(body),
    allowsParallelCalls: true,
    ...(thinking === undefined ? {} : { thinking }),
    ...(outputSchema === undefined ? {} : { outputSchema }),
    wantsJson: config['responseMimeType'] === 'application/json',
    stopSequences: isArray(config['stopSequences'])
      ? config['stopSequences'].map((text) => textOr(text))
      : [],
    maxOutputTokens:
      typeof config['maxOutputTokens'] === 'number' ? config['maxOutputTokens'] : model.outputTokenLimit,
    choices: typeof config['candidateCount'] === 'number' ? config['candidateCount'] : 1,
    caching: 'automatic',
  };
}

/** The prompt from its beginning: instruction, tools, then every part. */
export function segmentsOf(body: JsonObject, parts: readonly JsonObject[]): SimulatedCall['segments'] {
  const instruction = isObject(body['systemInstruction'])
    ? objectsOf(body['systemInstruction']['parts'])
    : [];
  return [
    ...instruction.map((part) => ({ text: textOr(part['text']) })),
    ...objectsOf(body['tools']).map((tool) => ({ text: JSON.stringify(tool) })),
    ...parts.map((part) => ({ text: segmentText(part) })),
  ];
}

function segmentText(part: JsonObject): string {
  if (typeof part['text'] === 'string') return part['text'];
  if (part['inlineData'] !== undefined || part['fileData'] !== undefined) return '[media]';
  const { thoughtSignature: _signature, ...said } = part;
  const response = said['functionResponse'];
  return JSON.stringify(isObject(response) ? (response['response'] ?? {}) : said);
}

function lastUserText(turns: readonly Turn[]): string {
  const isSpoken = (turn: Turn): boolean => turn.role === 'user' && countParts(turn, 'text') > 0;
  const turn = turns.findLast((turn) => isSpoken(turn));
  return (turn?.parts ?? [])
    .map((part) => textOr(part['text']))
    .filter((text) => text !== '')
    .join('\n');
}

/** Texts one by one: users speak several times in a row where a client has shortened its history. */
function scriptTurns(turn: Turn): readonly ScriptTurn[] {
  if (turn.role === 'model') return [{ role: 'model' }];
  return turn.parts.map((part) => ({ role: 'user', text: textOr(part['text']) }));
}

function toolsOf(body: JsonObject): Pick<SimulatedCall, 'tools' | 'toolChoice'> {
  const tools = declarationsOf(body).map((declaration) => declaredTool(declaration));
  const toolConfig = isObject(body['toolConfig']) ? body['toolConfig'] : {};
  const calling = isObject(toolConfig['functionCallingConfig']) ? toolConfig['functionCallingConfig'] : {};
  const mode = textOr(calling['mode'], 'AUTO').toUpperCase();
  const names = isArray(calling['allowedFunctionNames']) ? calling['allowedFunctionNames'] : [];
  const allowed = names.length === 0 ? tools : tools.filter(({ name }) => names.includes(name));
  if (mode === 'NONE') return { tools: allowed, toolChoice: 'none' };
  return { tools: allowed, toolChoice: mode === 'ANY' ? 'required' : 'auto' };
}

function declaredTool(declaration: JsonObject): DeclaredTool {
  const { parameters, parametersJsonSchema } = declaration;
  const schema = isObject(parametersJsonSchema)
    ? parametersJsonSchema
    : jsonSchemaOf(isObject(parameters) ? parameters : { type: 'OBJECT' });
  return { name: textOr(declaration['name']), schema, isFreeText: false };
}

function schemaOf(config: JsonObject): JsonObject | undefined {
  const { responseSchema, responseJsonSchema } = config;
  if (isObject(responseJsonSchema)) return responseJsonSchema;
  return isObject(responseSchema) ? jsonSchemaOf(responseSchema) : undefined;
}

/** The provider's schema in the common spelling: lower-case types, numbers as numbers. */
function jsonSchemaOf(schema: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(schema).map(([name, value]): [string, Json] => {
      if (name === 'type') return [name, textOr(value).toLowerCase()];
      if (/^(?:min|max)[A-Z]/u.test(name) && typeof value === 'string') return [name, Number(value)];
      if (name === 'items' && isObject(value)) return [name, jsonSchemaOf(value)];
      if (name === 'anyOf') return [name, objectsOf(value).map((option) => jsonSchemaOf(option))];
      if (name !== 'properties' || !isObject(value)) return [name, value];
      const properties = Object.entries(value).map(([key, inner]): [string, Json] => [
        key,
        isObject(inner) ? jsonSchemaOf(inner) : inner,
      ]);
      return [name, Object.fromEntries(properties)];
    }),
  );
}

const budgets: Readonly<Record<string, number>> = {
  MINIMAL: 256,
  LOW: 1024,
  MEDIUM: 8192,
  HIGH: 16_384,
  XHIGH: 32_768,
};

/** Models that can think do so unless their budget is zero. */
function thinkingOf(config: JsonObject, model: GeminiModel): { readonly budgetTokens: number } | undefined {
  const asked = isObject(config['thinkingConfig']) ? config['thinkingConfig'] : {};
  const { thinkingBudget: budget, thinkingLevel: level } = asked;
  if (model.thinking === undefined || budget === 0) return undefined;
  if (typeof budget === 'number' && budget > 0) return { budgetTokens: budget };
  return { budgetTokens: budgets[textOr(level, 'MEDIUM').toUpperCase()] ?? 8192 };
}
