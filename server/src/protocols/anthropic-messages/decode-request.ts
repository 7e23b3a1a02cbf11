import { RelayError } from '../../domain/errors.ts';
import { asEffort } from '../canonical/reasoning-levels.ts';
import {
  asArray,
  asNumber,
  asObject,
  asObjects,
  asString,
  defined,
  withoutKeys,
} from '../canonical/read-json.ts';
import type { RequestTarget } from '../wire-protocol.ts';
import type {
  CanonicalRequest,
  JsonObject,
  OutputFormat,
  Reasoning,
  TextPart,
  Tool,
  ToolChoice,
  Turn,
} from '../canonical/request.ts';
import { decodeAbility } from './hosted-tools.ts';
import { typedFunction } from './typed-tools.ts';
import { cacheAndExtra, decodeContent, decodeText } from './decode-blocks.ts';
import { wordTable } from '../canonical/word-table.ts';

/** Client half: an Anthropic Messages request to the canonical one. */
const known = new Set([
  'model',
  'messages',
  'max_tokens',
  'system',
  'stream',
  'tools',
  'tool_choice',
  'stop_sequences',
  'temperature',
  'top_p',
  'top_k',
  'metadata',
  'service_tier',
  'thinking',
  'output_config',
  'output_format',
]);

export function decodeRequest(body: JsonObject, target: RequestTarget): CanonicalRequest {
  const model = asString(body['model']) ?? target.model;
  if (model === undefined) throw invalid('model', 'The field "model" must be a string.');
  const choice = asObject(body['tool_choice']);
  const user = asString(asObject(body['metadata'])?.['user_id']);
  return {
    origin: 'anthropic-messages',
    model,
    stream: body['stream'] === true,
    system: decodeSystem(body['system']),
    turns: decodeTurns(body, model),
    tools: asObjects(body['tools']).map(decodeTool),
    stop: (asArray(body['stop_sequences']) ?? []).flatMap((stop) => asString(stop) ?? []),
    sampling: defined({
      temperature: asNumber(body['temperature']),
      topP: asNumber(body['top_p']),
      topK: asNumber(body['top_k']),
    }),
    includeUsage: true,
    extra: decodeExtra(body),
    ...defined({
      version: target.protocolVersion,
      toolChoice: decodeToolChoice(choice),
      parallelToolCalls: choice?.['disable_parallel_tool_use'] === true ? false : undefined,
      maxOutputTokens: asNumber(body['max_tokens']),
      reasoning: decodeReasoning(body),
      output: decodeOutput(body),
      endUser: user,
      serviceTier: asString(body['service_tier']),
    }),
  };
}

function invalid(param: string, message: string): RelayError {
  return new RelayError('invalid_request', { param, message });
}

function decodeSystem(system: JsonObject[string] | undefined): readonly TextPart[] {
  if (typeof system === 'string') return system === '' ? [] : [{ type: 'text', text: system }];
  return asObjects(system).map(decodeText);
}

function decodeTurns(body: JsonObject, model: string): readonly Turn[] {
  const messages = asArray(body['messages']);
  if (messages === undefined) throw invalid('messages', 'The field "messages" must be a list.');
  return messages.map((item, index) => {
    const message = asObject(item);
    const role = message?.['role'];
    if (message === undefined || (role !== 'user' && role !== 'assistant' && role !== 'system')) {
      throw invalid(`messages.${index}.role`, 'A message needs the role user, assistant or system.');
    }
    return { role, parts: decodeContent(message['content'], model) };
  });
}

const toolKeys = new Set(['name', 'description', 'input_schema', 'strict', 'cache_control']);

/** A tool is a function of the client's unless its type says that the provider typed it. */
function decodeTool(tool: JsonObject): Tool {
  const type = asString(tool['type']);
  const name = asString(tool['name']) ?? '';
  const typed = type === undefined ? undefined : typedFunction(tool, type);
  if (typed !== undefined) {
    const { cache } = cacheAndExtra(tool, toolKeys);
    return { type: 'function', name, ...typed, ...defined({ cache }), extra: { typed: tool } };
  }
  if (type !== undefined && type !== 'custom') {
    return {
      type: 'hosted',
      name,
      protocol: 'anthropic-messages',
      config: tool,
      ...(clientRunTypes.test(type) ? { isClientRun: true } : {}),
      ...decodeAbility(tool, type),
    };
  }
  return {
    type: 'function',
    name,
    ...defined({
      description: asString(tool['description']),
      schema: asObject(tool['input_schema']),
      strict: typeof tool['strict'] === 'boolean' ? tool['strict'] : undefined,
    }),
    ...cacheAndExtra(tool, toolKeys),
  };
}

const clientRunTypes = /^(?:bash|text_editor|memory|computer|computer_toolset|browser_toolset)_\d+$/;

function decodeToolChoice(choice: JsonObject | undefined): ToolChoice | undefined {
  const type = asString(choice?.['type']) ?? '';
  switch (type) {
    case 'auto':
    case 'none':
      return { type };
    case 'any':
      return { type: 'required' };
    case 'tool':
      return { type: 'tool', name: asString(choice?.['name']) ?? '' };
    default:
      return undefined;
  }
}

const thinkingStyles = wordTable<NonNullable<Reasoning['style']>>({
  adaptive: 'adaptive',
  enabled: 'budget',
  disabled: 'off',
  between_tools: 'between-tools',
});

function decodeReasoning(body: JsonObject): Reasoning | undefined {
  const thinking = asObject(body['thinking']);
  const effort = asEffort(asObject(body['output_config'])?.['effort']);
  const display = thinking?.['display'];
  const shown = display === 'summarized' ? 'summary' : undefined;
  const reasoning: Reasoning = defined({
    effort,
    style: thinkingStyles[asString(thinking?.['type']) ?? ''],
    budget: asNumber(thinking?.['budget_tokens']),
    show: display === 'omitted' ? ('none' as const) : shown,
  });
  return Object.keys(reasoning).length === 0 ? undefined : reasoning;
}

function decodeOutput(body: JsonObject): OutputFormat | undefined {
  const format = asObject(asObject(body['output_config'])?.['format']) ?? asObject(body['output_format']);
  if (format?.['type'] !== 'json_schema') return undefined;
  return { type: 'schema', ...defined({ schema: asObject(format['schema']) }) };
}

const thinkingKeys = new Set(['type', 'budget_tokens', 'display']);
const outputKeys = new Set(['effort', 'format']);
const metadataKeys = new Set(['user_id']);

/** What is left: unknown fields, and the parts of known ones that have no place in the canonical request. */
function decodeExtra(body: JsonObject): JsonObject {
  return {
    ...withoutKeys(body, known),
    ...defined({
      thinking: withoutKeys(asObject(body['thinking']) ?? {}, thinkingKeys),
      output_config: withoutKeys(asObject(body['output_config']) ?? {}, outputKeys),
      metadata: withoutKeys(asObject(body['metadata']) ?? {}, metadataKeys),
    }),
  };
}
