import { RelayError } from '../../domain/errors.ts';
import { asArray, asObject, asObjects, asString, asText, defined } from '../canonical/read-json.ts';
import type { Json, JsonObject } from '../canonical/request.ts';
import { toOwnMessages } from './own-shape-messages.ts';

/**
 * Brings a body that came in another form into this protocol's own, before it is decoded: Responses fields and items,
 * Anthropic's system text and blocks. What is in line already stays as it is.
 */
export function toOwnShape(body: JsonObject): JsonObject {
  const isResponses = body['input'] !== undefined && body['messages'] === undefined;
  const shaped = isResponses ? fromResponses(body) : body;
  const items = asArray(shaped['messages']);
  if (items === undefined) return shaped;
  const system = shaped['system'] ?? shaped['instructions'];
  const { system: _system, instructions: _instructions, ...rest } = shaped;
  const spoken = system === undefined || system === null ? [] : [{ role: 'system', content: system }];
  return { ...rest, ...ownTools(rest), messages: toOwnMessages([...spoken, ...items]) };
}

/** Fields of a Responses body that mean nothing here, or are written elsewhere. */
const responsesFields: ReadonlySet<string> = new Set([
  'input',
  'text',
  'reasoning',
  'max_output_tokens',
  'include',
  'truncation',
  'background',
  'max_tool_calls',
  'client_metadata',
  'store',
]);

const kept: Readonly<Record<string, string>> = {
  previous_response_id: 'Earlier responses are not kept here; send the whole conversation in "input".',
  conversation: 'Conversations are not kept here; send the whole conversation in "input".',
  prompt: 'Stored prompts are not kept here; send the prompt itself in "instructions" and "input".',
};

function fromResponses(body: JsonObject): JsonObject {
  for (const [param, message] of Object.entries(kept)) {
    if (body[param] !== undefined && body[param] !== null)
      throw new RelayError('invalid_request', { param, message });
  }
  const { previous_response_id: _previous, conversation: _conversation, prompt: _prompt, ...rest } = body;
  const own = Object.fromEntries(Object.entries(rest).filter(([field]) => !responsesFields.has(field)));
  const { input, include } = body;
  const reasoning = asObject(body['reasoning']);
  const text = asObject(body['text']);
  const asksLogprobs = asArray(include)?.includes('message.output_text.logprobs') === true;
  return {
    ...own,
    messages: typeof input === 'string' ? [{ role: 'user', content: input }] : (asArray(input) ?? []),
    ...defined({
      max_completion_tokens: body['max_completion_tokens'] ?? body['max_output_tokens'],
      reasoning_effort: body['reasoning_effort'] ?? reasoning?.['effort'],
      response_format: body['response_format'] ?? responseFormat(asObject(text?.['format'])),
      verbosity: body['verbosity'] ?? text?.['verbosity'],
      logprobs: asksLogprobs ? true : undefined,
    }),
  };
}

function responseFormat(format: JsonObject | undefined): JsonObject | undefined {
  if (format?.['type'] !== 'json_schema') return format;
  const { type, ...schema } = format;
  return { type, json_schema: schema };
}

/** Flat functions are understood as they are; free-text tools and namespaces have another form here. */
function ownTools(body: JsonObject): JsonObject {
  const tools = asArray(body['tools']);
  if (tools === undefined) return {};
  const choice = asObject(body['tool_choice']);
  return {
    tools: asObjects(tools).flatMap(ownTool),
    ...defined({ tool_choice: choice === undefined ? undefined : ownChoice(choice) }),
  };
}

function ownTool(tool: JsonObject): readonly JsonObject[] {
  if (tool['type'] === 'namespace') {
    const prefix = asString(tool['name']) ?? '';
    return asObjects(tool['tools']).flatMap((inner) =>
      ownTool({ ...inner, name: `${prefix}__${asString(inner['name']) ?? ''}` }),
    );
  }
  if (
    tool['type'] !== 'custom' ||
    asObject(tool['custom']) !== undefined ||
    asText(tool['name']) === undefined
  )
    return [tool];
  // Anthropic calls its plain functions so.
  if (asObject(tool['input_schema']) !== undefined) return [tool];
  const { type, format, ...custom } = tool;
  return [{ type, custom: { ...custom, ...defined({ format: ownGrammar(asObject(format)) }) } }];
}

function ownGrammar(format: JsonObject | undefined): Json | undefined {
  if (format?.['type'] !== 'grammar') return format;
  const { type, ...grammar } = format;
  return { type, grammar };
}

function ownChoice(choice: JsonObject): JsonObject {
  if (choice['type'] !== 'allowed_tools' || asObject(choice['allowed_tools']) !== undefined) return choice;
  const { type, ...allowed } = choice;
  return { type, allowed_tools: allowed };
}
