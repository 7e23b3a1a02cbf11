import { hasGrammar } from '../canonical/custom-tools.ts';
import { loseHosted } from '../canonical/hosted.ts';
import { encodeName } from '../canonical/names.ts';
import { asObject, defined } from '../canonical/read-json.ts';
import type { CanonicalRequest, FunctionTool, HostedTool, JsonObject, Tool } from '../canonical/request.ts';
import { maxNameLength, type MessageContext } from './encode-context.ts';
import { fitsStrictSchema } from '../openai-strict-schema.ts';

/** Tool definitions, tool choice, and the format of the answer. */
export function encodeToolSettings(request: CanonicalRequest, context: MessageContext): JsonObject {
  const { losses, isOwn } = context;
  const names = new Set(request.tools.map((tool) => tool.name));
  if (names.size < request.tools.length && !isOwn) losses.add('duplicate_tool_names');
  const tools = request.tools.flatMap((tool) => encodeTool(tool, request, context));
  if (tools.length === 0) return {};
  return {
    tools,
    ...encodeChoice(request, context),
    ...defined({ parallel_tool_calls: request.parallelToolCalls }),
  };
}

function encodeTool(tool: Tool, request: CanonicalRequest, context: MessageContext): readonly JsonObject[] {
  if (tool.type === 'hosted') return encodeHosted(tool, request, context);
  const custom = context.isOwn ? asObject(tool.extra?.['custom']) : undefined;
  if (!context.isOwn && hasGrammar(tool)) context.losses.add('custom_tool_format_weakened');
  return [custom ?? encodeFunction(tool, context)];
}

function encodeFunction(tool: FunctionTool, context: MessageContext): JsonObject {
  const schema = tool.schema ?? (context.isOwn ? undefined : { type: 'object', properties: {} });
  const isStrict = context.isOwn ? tool.strict : strictOf(tool, context);
  return {
    type: 'function',
    function: {
      name: context.isOwn ? tool.name : encodeName(tool.name, maxNameLength),
      ...defined({ description: tool.description, parameters: schema, strict: isStrict }),
    },
    ...(context.isOwn ? tool.extra : {}),
  };
}

/** A schema that the provider would refuse as strict is sent as a plain one. */
function strictOf(tool: FunctionTool, { losses }: MessageContext): true | undefined {
  if (tool.strict !== true) return undefined;
  if (fitsStrictSchema(tool.schema)) return true;
  losses.add('strict_tools_dropped');
  return undefined;
}

function encodeHosted(
  tool: HostedTool,
  request: CanonicalRequest,
  { losses }: MessageContext,
): readonly JsonObject[] {
  if (tool.protocol === 'openai-chat') return Object.keys(tool.config).length === 0 ? [] : [tool.config];
  loseHosted(tool, request, losses);
  return [];
}

function encodeChoice(request: CanonicalRequest, { isOwn }: MessageContext): JsonObject {
  const { toolChoice, tools } = request;
  if (toolChoice === undefined) return {};
  if (toolChoice.type !== 'tool') return { tool_choice: toolChoice.type };
  const chosen = tools.find((tool) => tool.name === toolChoice.name);
  if (isOwn && chosen?.type === 'function' && chosen.extra?.['custom'] !== undefined) {
    return { tool_choice: { type: 'custom', custom: { name: chosen.name } } };
  }
  const name = isOwn ? toolChoice.name : encodeName(toolChoice.name, maxNameLength);
  return { tool_choice: { type: 'function', function: { name } } };
}

/** `response_format`. The name is required on this wire and unknown to others. */
export function encodeOutput(request: CanonicalRequest, context: MessageContext): JsonObject {
  const { output } = request;
  if (output === undefined) return {};
  if (output.type === 'text') return { response_format: { type: 'text' } };
  if (output.type === 'json') return { response_format: { type: 'json_object' } };
  const { description, schema } = output;
  const strict = context.isOwn ? output.strict : fitsStrictSchema(schema);
  if (!context.isOwn && strict !== true) context.losses.add('schema_not_strict');
  const name = output.name ?? 'answer';
  return {
    response_format: {
      type: 'json_schema',
      json_schema: { name, ...defined({ description, schema, strict }) },
    },
  };
}
