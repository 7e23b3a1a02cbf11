import type { Json, JsonObject } from '../../engine/simulated-call.ts';
import { findFaults, isArray, isObject, objectsOf, textOr } from '../shape.ts';
import type { Shape } from '../shape.ts';
import { withCamelNames } from './field-names.ts';
import type { GeminiModel } from './models.ts';
import { invalid, invalidField, payloadRefusal } from './refusals.ts';
import { checkSchema } from './schema-rules.ts';

/** The body with its field names in one spelling, after refusing what the JSON reader does not know. */
export function readBody(body: JsonObject, shape: Shape): JsonObject {
  const read = withCamelNames(body, shape);
  const faults = findFaults(read, shape);
  if (faults.length > 0) throw payloadRefusal(faults);
  return isObject(read) ? read : {};
}

export function checkGenerationConfig(body: JsonObject, model: GeminiModel): void {
  const config = isObject(body['generationConfig']) ? body['generationConfig'] : {};
  checkRange(config, 'temperature', [0, 2]);
  checkRange(config, 'topP', [0, 1]);
  checkRange(config, 'topK', [1, 1000]);
  checkRange(config, 'candidateCount', [1, 8]);
  checkRange(config, 'logprobs', [0, 20]);
  checkRange(config, 'presencePenalty', [-2, 2]);
  checkRange(config, 'frequencyPenalty', [-2, 2]);
  const limit = config['maxOutputTokens'];
  if (typeof limit === 'number' && (limit < 1 || limit > model.outputTokenLimit)) {
    throw invalid(
      `Unable to submit request because it has a maxOutputTokens value of ${limit} but the supported range is from 1 ` +
        `(inclusive) to ${model.outputTokenLimit + 1} (exclusive). Update the value and try again.`,
    );
  }
  if (isArray(config['stopSequences']) && config['stopSequences'].length > 5) {
    throw invalidField('generation_config.stop_sequences', 'at most 5 stop sequences are allowed');
  }
  if (typeof config['logprobs'] === 'number' && config['responseLogprobs'] !== true) {
    throw invalidField(
      'generation_config.logprobs',
      'logprobs can only be set when response_logprobs is true',
    );
  }
  checkResponseFormat(config, body, model);
  if (isObject(config['thinkingConfig'])) checkThinking(config['thinkingConfig'], model);
}

function checkRange(config: JsonObject, name: string, [min, max]: readonly [number, number]): void {
  const value = config[name];
  if (typeof value !== 'number' || (value >= min && value <= max)) return;
  const field = name.replaceAll(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`);
  throw invalidField(`generation_config.${field}`, `${field} must be in the range [${min}, ${max}].`);
}

const textTypes = ['text/plain', 'application/json', 'text/x.enum', ''];

function checkResponseFormat(config: JsonObject, body: JsonObject, model: GeminiModel): void {
  const mimeType = textOr(config['responseMimeType']);
  if (!textTypes.includes(mimeType)) {
    throw invalidField(
      'generation_config.response_mime_type',
      'allowed mimetypes are `text/plain`, `application/json`, `application/xml`, `application/yaml` and `text/x.enum`.',
    );
  }
  const schema = config['responseSchema'];
  const hasJsonSchema = config['responseJsonSchema'] !== undefined;
  if (isObject(schema)) checkSchema(schema, 'generation_config.response_schema');
  if (isObject(schema) && hasJsonSchema) {
    throw invalid('Only one of response_schema and response_json_schema may be set.');
  }
  if ((isObject(schema) || hasJsonSchema) && !['application/json', 'text/x.enum'].includes(mimeType)) {
    throw invalid("response_schema requires response_mime_type to be 'application/json' or 'text/x.enum'.");
  }
  const hasFunctions = declarationsOf(body).length > 0;
  if (mimeType === 'application/json' && hasFunctions && !model.mixesTools) {
    throw invalid("Function calling with a response mime type: 'application/json' is unsupported");
  }
}

function checkThinking(config: JsonObject, model: GeminiModel): void {
  const { thinkingBudget: budget, thinkingLevel: level } = config;
  if (budget !== undefined && level !== undefined) {
    throw invalid('You can only set only one of thinking budget and thinking level.');
  }
  const { thinking } = model;
  const asksToThink = level !== undefined || (typeof budget === 'number' && budget !== 0);
  if (thinking === undefined) {
    if (asksToThink || config['includeThoughts'] === true) {
      throw invalid('Thinking is not enabled for this model. Please remove thinking_config.');
    }
    return;
  }
  if (typeof level === 'string' && !(thinking.levels ?? []).includes(level.toUpperCase())) {
    throw invalid(`Thinking level ${level.toUpperCase()} is not supported for this model.`);
  }
  if (typeof budget === 'number') checkBudget(budget, thinking);
}

function checkBudget(budget: number, thinking: NonNullable<GeminiModel['thinking']>): void {
  if (thinking.budget === undefined) {
    throw invalid('Thinking budget is not supported for this model. Please use thinking_level instead.');
  }
  if (budget === -1) return;
  if (budget === 0 && !thinking.canBeOff && thinking.budget.min > 0) {
    throw invalid('Budget 0 is invalid. This model only works in thinking mode.');
  }
  const { min, max } = thinking.budget;
  if (budget < min || budget > max) {
    throw invalid(
      `The thinking budget ${budget} is invalid. Please choose a value between ${min} and ${max}.`,
    );
  }
}

export function declarationsOf(body: JsonObject): readonly JsonObject[] {
  return objectsOf(body['tools']).flatMap((tool) => objectsOf(tool['functionDeclarations']));
}

const functionName = /^[a-zA-Z_][\w.:-]{0,127}$/u;

export function checkTools(body: JsonObject, model: GeminiModel): void {
  objectsOf(body['tools']).forEach((tool, index) => {
    objectsOf(tool['functionDeclarations']).forEach((declaration, at) =>
      checkDeclaration(declaration, `tools[${index}].function_declarations[${at}]`),
    );
  });
  const names = declarationsOf(body).map((declaration) => textOr(declaration['name']));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw invalid(`Duplicate function declaration found: ${twice}`);
  const hasHostedTool = objectsOf(body['tools']).some((tool) =>
    Object.keys(tool).some((name) => name !== 'functionDeclarations'),
  );
  if (names.length > 0 && hasHostedTool && !model.mixesTools) {
    throw invalid('Tool use with function calling is unsupported by the model.');
  }
  checkToolConfig(body, names);
}

function checkDeclaration(declaration: JsonObject, path: string): void {
  if (!functionName.test(textOr(declaration['name']))) {
    throw invalidField(
      `${path}.name`,
      'Invalid function name. Must start with a letter or an underscore. Must be alphanumeric (a-z, A-Z, 0-9), ' +
        'underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 128.',
    );
  }
  const { parameters } = declaration;
  if (isObject(parameters) && declaration['parametersJsonSchema'] !== undefined) {
    throw invalidField(path, 'only one of parameters and parameters_json_schema may be set');
  }
  if (isObject(parameters)) checkSchema(parameters, `${path}.parameters`);
}

function checkToolConfig(body: JsonObject, names: readonly string[]): void {
  const toolConfig = isObject(body['toolConfig']) ? body['toolConfig'] : {};
  const calling = toolConfig['functionCallingConfig'];
  if (!isObject(calling)) return;
  const mode = textOr(calling['mode']).toUpperCase();
  const allowed: readonly Json[] = isArray(calling['allowedFunctionNames'])
    ? calling['allowedFunctionNames']
    : [];
  if (allowed.length > 0 && mode !== 'ANY' && mode !== 'VALIDATED') {
    throw invalid('Please set allowed_function_names only when function calling mode is ANY or VALIDATED.');
  }
  const unknown = allowed.find((name) => !names.includes(textOr(name)));
  if (unknown !== undefined) {
    throw invalid(
      `The allowed_function_names must be a subset of the declared function names: '${textOr(unknown)}' is not declared.`,
    );
  }
  if (mode === 'ANY' && names.length === 0) {
    throw invalid('Function calling config is set without function_declarations.');
  }
}
