import type { Json, JsonObject } from '../../engine/simulated-call.ts';
import {
  checkEffort,
  checkFunctionSchema,
  checkSampling,
  checkStrictSchema,
  invalid,
  OpenAiRefusal,
  refuseFirstFault,
  shapeRefusal,
} from '../openai/index.ts';
import type { OpenAiModel } from '../openai/index.ts';
import { findFaults, isObject, objectsOf, textOr } from '../shape.ts';
import type { Shape } from '../shape.ts';
import { responseRequest } from './request-shape.ts';

/** Where parameters of Chat Completions went, named in the refusal as the provider does. */
const moved: Readonly<Record<string, string>> = {
  messages: 'input',
  max_tokens: 'max_output_tokens',
  max_completion_tokens: 'max_output_tokens',
  response_format: 'text.format',
  reasoning_effort: 'reasoning.effort',
  verbosity: 'text.verbosity',
  functions: 'tools',
};

export function checkShape(body: JsonObject, shape: Shape = responseRequest): void {
  for (const [name, place] of Object.entries(moved)) {
    if (body[name] === undefined) continue;
    throw invalid(
      `Unsupported parameter: '${name}'. In the Responses API, this parameter has moved to '${place}'. ` +
        'Try again with the new parameter.',
      name,
      'unsupported_parameter',
    );
  }
  refuseFirstFault(withTaggedReferences(body), shape);
}

/** A compatible server passes over what it does not know. */
export function checkCompatibleShape(body: JsonObject): void {
  const faults = findFaults(withTaggedReferences(body), responseRequest);
  const serious = faults.find(({ reason }) => reason !== 'unknown');
  if (serious !== undefined) throw shapeRefusal(serious);
}

/** A reference may come without its type; a message always has a role. */
export function withTaggedReferences(body: JsonObject): JsonObject {
  const { input } = body;
  if (!Array.isArray(input)) return body;
  const items: readonly Json[] = input;
  return {
    ...body,
    input: items.map((item) =>
      isObject(item) &&
      (item['type'] ?? null) === null &&
      item['role'] === undefined &&
      item['id'] !== undefined
        ? { id: item['id'], type: 'item_reference' }
        : item,
    ),
  };
}

/** Rules across fields. */
export function checkFields(body: JsonObject): void {
  if (typeof body['model'] !== 'string' && !isObject(body['prompt'])) throw missing('model');
  const hasInput = [body['input'], body['previous_response_id'], body['conversation'], body['prompt']].some(
    (source) => (source ?? null) !== null,
  );
  if (!hasInput) {
    throw invalid(
      "Missing required parameter: 'input', 'previous_response_id', 'prompt' or 'conversation'.",
      'input',
      'missing_required_parameter',
    );
  }
  if ((body['previous_response_id'] ?? null) !== null && (body['conversation'] ?? null) !== null) {
    throw invalid(
      "Mutually exclusive parameters: 'previous_response_id' and 'conversation'. Ensure you are only providing one " +
        'of these parameters.',
      undefined,
      'mutually_exclusive_parameters',
    );
  }
  if (body['background'] === true && body['store'] === false) {
    throw invalid("Background responses require 'store' to be true.", 'background');
  }
  if (isObject(body['stream_options']) && body['stream'] !== true) {
    throw invalid(
      "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
      'stream_options',
    );
  }
  objectsOf(body['tools']).forEach((tool, index) => checkTool(tool, `tools[${index}]`));
  checkToolChoice(body);
  checkFormat(body);
}

/** What this one model does not take. Answers with the effort in force. */
export function checkModel(body: JsonObject, model: OpenAiModel): string | undefined {
  if (model.kind !== 'generation') {
    throw new OpenAiRefusal({
      message: `The requested model '${model.id}' cannot be used with the Responses API.`,
      param: 'model',
      code: 'unsupported_model',
    });
  }
  const reasoning = isObject(body['reasoning']) ? body['reasoning'] : {};
  const effort = checkEffort(reasoning['effort'], model, 'reasoning.effort');
  if (model.reasoning === undefined && typeof reasoning['summary'] === 'string') {
    throw invalid(
      "Unsupported parameter: 'reasoning.summary' is not supported with this model.",
      'reasoning.summary',
      'unsupported_parameter',
    );
  }
  checkSampling(body, model, effort);
  if (model.refusesCacheRetention && (body['prompt_cache_retention'] ?? null) !== null) {
    throw invalid(
      "Unsupported parameter: 'prompt_cache_retention' is not supported with this model.",
      'prompt_cache_retention',
      'unsupported_parameter',
    );
  }
  return effort;
}

/** The Responses endpoint says it in other words and with another status than Chat Completions. */
export function unknownModel(name: string): OpenAiRefusal {
  return invalid(`The requested model '${name}' does not exist.`, 'model', 'model_not_found');
}

function missing(param: string): OpenAiRefusal {
  return invalid(`Missing required parameter: '${param}'.`, param, 'missing_required_parameter');
}

function checkTool(tool: JsonObject, param: string): void {
  if (tool['type'] === 'namespace') {
    objectsOf(tool['tools']).forEach((inner, index) => checkTool(inner, `${param}.tools[${index}]`));
  }
  if (tool['type'] !== 'function' || !isObject(tool['parameters'])) return;
  const place = { owner: `function '${textOr(tool['name'])}'`, param: `${param}.parameters` };
  if (tool['strict'] === true) checkStrictSchema(tool['parameters'], place);
  else checkFunctionSchema(tool['parameters'], place);
}

function checkToolChoice(body: JsonObject): void {
  const choice = body['tool_choice'];
  if (!isObject(choice) || (choice['type'] !== 'function' && choice['type'] !== 'custom')) return;
  const declared = [
    ...objectsOf(body['tools']),
    ...objectsOf(body['tools']).flatMap((tool) => objectsOf(tool['tools'])),
    ...objectsOf(body['input']).flatMap((item) => objectsOf(item['tools'])),
  ];
  if (declared.some((tool) => tool['name'] === choice['name'])) return;
  throw invalid(
    `Tool choice '${choice['type']}' '${textOr(choice['name'])}' not found in 'tools' parameter.`,
    'tool_choice',
  );
}

function checkFormat(body: JsonObject): void {
  const format = isObject(body['text']) ? body['text']['format'] : undefined;
  if (!isObject(format)) return;
  if (format['type'] === 'json_schema' && format['strict'] === true && isObject(format['schema'])) {
    checkStrictSchema(format['schema'], {
      owner: `response_format '${textOr(format['name'])}'`,
      param: 'text.format.schema',
    });
  }
  const said = JSON.stringify([body['input'] ?? null, body['instructions'] ?? null]);
  if (format['type'] === 'json_object' && !/json/iu.test(said)) {
    throw invalid(
      "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.",
      'input',
    );
  }
}
