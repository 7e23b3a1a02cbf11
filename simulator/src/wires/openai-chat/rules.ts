import type { JsonObject } from '../../engine/simulated-call.ts';
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
import { findFaults, isArray, isObject, objectsOf, textOr } from '../shape.ts';
import { checkConversation } from './conversation.ts';
import { chatRequest } from './request-shape.ts';

/** Everything that can be refused without knowing the model. */
export function checkShape(body: JsonObject): void {
  const faults = findFaults(body, chatRequest);
  const unknown = faults.find((fault) => fault.reason === 'unknown' && !/[.[]/u.test(fault.path));
  if (unknown !== undefined) throw invalid(`Unrecognized request argument supplied: ${unknown.path}`);
  if (body['model'] === undefined) throw invalid('you must provide a model parameter');
  refuseFirstFault(body, chatRequest);
}

/** A compatible server reads what it knows and passes over the rest. */
export function checkCompatibleShape(body: JsonObject): void {
  const serious = findFaults(body, chatRequest).find(
    ({ path, reason }) =>
      (['missing', 'type', 'below', 'above'].includes(reason) && !/[.[]/u.test(path)) ||
      /^messages(?:\[\d+\](?:\.role)?)?$/u.test(path),
  );
  if (serious !== undefined) throw shapeRefusal(serious);
}

/** Rules across fields. */
export function checkFields(body: JsonObject): void {
  checkConversation(objectsOf(body['messages']));
  checkTools(body);
  checkResponseFormat(body);
  if (typeof body['max_tokens'] === 'number' && typeof body['max_completion_tokens'] === 'number') {
    throw invalid(
      "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
      'max_tokens',
      'invalid_parameter_combination',
    );
  }
  if (typeof body['top_logprobs'] === 'number' && body['logprobs'] !== true) {
    throw invalid(
      "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.",
      'top_logprobs',
      'invalid_parameter_combination',
    );
  }
  if (isObject(body['stream_options']) && body['stream'] !== true) {
    throw invalid(
      "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
      'stream_options',
    );
  }
  if (isArray(body['modalities']) && body['modalities'].includes('audio') && !isObject(body['audio'])) {
    throw invalid("Missing required parameter: 'audio'.", 'audio', 'missing_required_parameter');
  }
}

/** What this one model does not take. Answers with the effort in force. */
export function checkModel(body: JsonObject, model: OpenAiModel): string | undefined {
  checkEndpoint(model);
  checkRoles(objectsOf(body['messages']), model);
  const effort = checkEffort(body['reasoning_effort'], model, 'reasoning_effort');
  checkOutputLimit(body, model);
  checkSampling(body, model, effort);
  if (model.refusesStop && (body['stop'] ?? null) !== null) {
    throw invalid(
      "Unsupported parameter: 'stop' is not supported with this model.",
      'stop',
      'unsupported_parameter',
    );
  }
  if (model.refusesCacheRetention && (body['prompt_cache_retention'] ?? null) !== null) {
    throw invalid(
      "Unsupported parameter: 'prompt_cache_retention' is not supported with this model.",
      'prompt_cache_retention',
      'unsupported_parameter',
    );
  }
  if (body['web_search_options'] !== undefined && !model.hasWebSearchOptions) {
    throw invalid('Web search options not supported with this model.', 'web_search_options');
  }
  const hasFunctions = objectsOf(body['tools']).some((tool) => tool['type'] === 'function');
  if (model.refusesChatToolsWithReasoning && hasFunctions && effort !== 'none') {
    throw invalid(
      `Function tools with reasoning_effort are not supported for ${model.id} in /v1/chat/completions. ` +
        "Please use /v1/responses instead, or set 'reasoning_effort' to 'none'.",
      'reasoning_effort',
      'unsupported_parameter',
    );
  }
  return effort;
}

function checkEndpoint(model: OpenAiModel): void {
  if (model.isResponsesOnly) {
    throw new OpenAiRefusal({
      status: 404,
      message: 'This model is only supported in v1/responses and not in v1/chat/completions.',
      param: 'model',
    });
  }
  if (model.kind !== 'generation') {
    throw new OpenAiRefusal({
      status: 404,
      message:
        'This is not a chat model and thus not supported in the v1/chat/completions endpoint. Did you mean to use ' +
        'v1/completions?',
      param: 'model',
    });
  }
}

function checkRoles(messages: readonly JsonObject[], model: OpenAiModel): void {
  if (!model.refusesSystemRole) return;
  const index = messages.findIndex(({ role }) => role === 'system' || role === 'developer');
  if (index < 0) return;
  const param = `messages[${index}].role`;
  throw invalid(
    `Unsupported value: '${param}' does not support '${textOr(messages[index]?.['role'])}' with this model.`,
    param,
    'unsupported_value',
  );
}

function checkOutputLimit(body: JsonObject, model: OpenAiModel): void {
  if (model.reasoning !== undefined && typeof body['max_tokens'] === 'number') {
    throw invalid(
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      'max_tokens',
      'unsupported_parameter',
    );
  }
  const field = typeof body['max_tokens'] === 'number' ? 'max_tokens' : 'max_completion_tokens';
  const asked = body[field];
  if (typeof asked === 'number' && asked > model.maxOutputTokens) {
    throw invalid(
      `${field} is too large: ${asked}. This model supports at most ${model.maxOutputTokens} completion tokens, ` +
        `whereas you provided ${asked}.`,
      field,
      'invalid_value',
    );
  }
}

function checkTools(body: JsonObject): void {
  const tools = objectsOf(body['tools']);
  tools.forEach((tool, index) => {
    const definition = tool['function'];
    if (!isObject(definition)) return;
    const schema = definition['parameters'];
    if (!isObject(schema)) return;
    const place = {
      owner: `function '${textOr(definition['name'])}'`,
      param: `tools[${index}].function.parameters`,
    };
    if (definition['strict'] === true) checkStrictSchema(schema, place);
    else checkFunctionSchema(schema, place);
  });
  const choice = body['tool_choice'];
  const hasTools = tools.length > 0;
  if (choice !== undefined && choice !== 'none' && !hasTools) {
    throw invalid("'tool_choice' is only allowed when 'tools' are specified.", 'tool_choice');
  }
  if (body['parallel_tool_calls'] !== undefined && !hasTools) {
    throw invalid("'parallel_tool_calls' is only allowed when 'tools' are specified.", 'parallel_tool_calls');
  }
  if (isObject(choice)) checkChosenTool(choice, tools);
}

function checkChosenTool(choice: JsonObject, tools: readonly JsonObject[]): void {
  const type = textOr(choice['type']);
  const chosen = choice[type];
  if (type === 'allowed_tools' || !isObject(chosen)) return;
  const isDeclared = tools.some((tool) => {
    const definition = tool[type];
    return isObject(definition) && definition['name'] === chosen['name'];
  });
  if (isDeclared) return;
  throw invalid(
    `Invalid value for 'tool_choice': the ${type} '${textOr(chosen['name'])}' was not found in 'tools'.`,
    'tool_choice',
  );
}

function checkResponseFormat(body: JsonObject): void {
  const format = body['response_format'];
  if (!isObject(format)) return;
  const definition = format['json_schema'];
  if (isObject(definition)) {
    const place = {
      owner: `response_format '${textOr(definition['name'])}'`,
      param: 'response_format',
    };
    const schema = definition['schema'];
    if (definition['strict'] === true && isObject(schema)) checkStrictSchema(schema, place);
    if (definition['strict'] === true && schema === undefined) {
      throw invalid(
        "Missing required parameter: 'response_format.json_schema.schema'.",
        'response_format.json_schema.schema',
        'missing_required_parameter',
      );
    }
  }
  const asksJson = format['type'] === 'json_object';
  if (asksJson && !/json/iu.test(JSON.stringify(body['messages']))) {
    throw invalid(
      "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
      'messages',
    );
  }
}
