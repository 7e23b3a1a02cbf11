import type { LossList } from '../canonical/losses.ts';
import { hasGrammar } from '../canonical/custom-tools.ts';
import { forcedHosted, loseHosted } from '../canonical/hosted.ts';
import { encodeName } from '../canonical/names.ts';
import { asObject, defined } from '../canonical/read-json.ts';
import type { CanonicalRequest, FunctionTool, HostedTool, JsonObject } from '../canonical/request.ts';
import { encodeCache, maxNameLength } from './encode-blocks.ts';
import { encodeAbility, hostedName } from './hosted-tools.ts';
import type { ModelTraits } from './model-traits.ts';
import { toNativeSchema } from './native-schema.ts';
import { jsonToolName, planStructuredOutput } from './structured-output.ts';

/** Tool definitions and tool choice. */
const maxStrictTools = 20;

interface ToolContext {
  readonly isOwn: boolean;
  readonly traits: ModelTraits;
  readonly losses: LossList;
  /** Thinking will be on, so that older models refuse a forced choice. */
  readonly isThinking: boolean;
}

export function encodeTools(request: CanonicalRequest, context: ToolContext): readonly JsonObject[] {
  const { losses, traits } = context;
  const strict = request.tools.filter((tool) => tool.type === 'function' && tool.strict === true).length;
  const canBeStrict = traits.hasSchemas && strict <= maxStrictTools;
  if (strict > 0 && !canBeStrict && !context.isOwn) losses.add('strict_tools_dropped');
  const functions = request.tools.filter((tool) => tool.type === 'function');
  const names = new Set(functions.map((tool) => tool.name));
  if (names.size < functions.length && !context.isOwn) losses.add('duplicate_tool_names');
  const tools = request.tools.flatMap((tool) => {
    if (tool.type === 'hosted') return encodeHosted(tool, request, losses);
    return context.isOwn ? encodeOwnTool(tool) : encodeFunction(tool, canBeStrict, losses);
  });
  const plan = planStructuredOutput(request);
  if (plan.kind !== 'json-tool') return tools;
  losses.add('schema_by_forced_tool');
  const description = 'Gives the final answer. Call it once, with the whole answer as its arguments.';
  return [...tools, { name: jsonToolName, description, input_schema: objectSchema(plan.schema) }];
}

function encodeHosted(tool: HostedTool, request: CanonicalRequest, losses: LossList): readonly JsonObject[] {
  if (tool.protocol === 'anthropic-messages') return [tool.config];
  const isTaken = request.tools.some((other) => other.type === 'function' && other.name === hostedName(tool));
  const equal = isTaken ? undefined : encodeAbility(tool, losses);
  if (equal !== undefined) return [equal];
  loseHosted(tool, request, losses);
  return [];
}

function encodeOwnTool(tool: FunctionTool): JsonObject {
  const typed = asObject(tool.extra?.['typed']);
  if (typed !== undefined) return typed;
  return {
    name: tool.name,
    ...defined({
      description: tool.description,
      input_schema: tool.schema,
      strict: tool.strict,
      cache_control: tool.cache === undefined ? undefined : encodeCache(tool.cache),
    }),
    ...tool.extra,
  };
}

function encodeFunction(tool: FunctionTool, canBeStrict: boolean, losses: LossList): JsonObject {
  if (hasGrammar(tool)) losses.add('custom_tool_format_weakened');
  const isStrict = tool.strict === true && canBeStrict;
  const schema = objectSchema(tool.schema ?? {});
  return {
    name: encodeName(tool.name, maxNameLength),
    ...defined({ description: tool.description === '' ? undefined : tool.description }),
    input_schema: isStrict ? toNativeSchema(schema).schema : schema,
    ...(isStrict ? { strict: true } : {}),
    ...(tool.cache === undefined ? {} : { cache_control: encodeCache(tool.cache) }),
  };
}

/** The wire demands `type: "object"` at the root. */
function objectSchema(schema: JsonObject): JsonObject {
  if (schema['type'] === 'object') return schema;
  return { ...schema, type: 'object', properties: schema['properties'] ?? {} };
}

export function encodeToolChoice(request: CanonicalRequest, context: ToolContext): JsonObject {
  const { toolChoice, parallelToolCalls, tools } = request;
  const plan = planStructuredOutput(request);
  if (tools.length === 0 && plan.kind !== 'json-tool' && !context.isOwn) return {};
  const single = parallelToolCalls === false ? { disable_parallel_tool_use: true } : {};
  if (plan.kind === 'call-by-format') return { tool_choice: { type: 'none' } };
  if (plan.kind === 'json-tool') {
    const forced = tools.length === 0 ? { type: 'tool', name: jsonToolName } : { type: 'any' };
    return { tool_choice: forcedChoice(forced, single, context) };
  }
  switch (toolChoice?.type) {
    case undefined:
      return parallelToolCalls === false ? { tool_choice: { type: 'auto', ...single } } : {};
    case 'none':
      return { tool_choice: { type: 'none' } };
    case 'auto':
      return { tool_choice: { type: 'auto', ...single } };
    case 'required':
      return { tool_choice: forcedChoice({ type: 'any' }, single, context) };
    case 'tool':
      break;
  }
  const hosted = forcedHosted(request);
  const written = hosted === undefined ? encodeName(toolChoice.name, maxNameLength) : hostedName(hosted);
  const name = context.isOwn ? toolChoice.name : written;
  return { tool_choice: forcedChoice({ type: 'tool', name }, single, context) };
}

function forcedChoice(choice: JsonObject, single: JsonObject, context: ToolContext): JsonObject {
  const { isOwn, traits, isThinking, losses } = context;
  const isTaken =
    traits.forcedTools === 'always' || (traits.forcedTools === 'without-thinking' && !isThinking);
  if (isOwn || isTaken) return { ...choice, ...single };
  losses.add('tool_choice_weakened');
  return { type: 'auto', ...single };
}
