import { loseHosted } from '../canonical/hosted.ts';
import { encodeName } from '../canonical/names.ts';
import { asObject, asText, defined } from '../canonical/read-json.ts';
import type { CanonicalRequest, FunctionTool, HostedTool, JsonObject, Tool } from '../canonical/request.ts';
import { fitsStrictSchema } from '../openai-strict-schema.ts';
import { encodeAbility, hostedType } from './hosted-tools.ts';
import { maxNameLength } from './decode-tools.ts';
import type { InputContext } from './encode-context.ts';

/** Tool definitions, tool choice, and the format of the answer. */
export function encodeToolSettings(request: CanonicalRequest, context: InputContext): JsonObject {
  const { losses, isOwn } = context;
  const functions = request.tools.filter((tool) => tool.type === 'function');
  const names = new Set(functions.map((tool) => tool.name));
  if (names.size < functions.length && !isOwn) losses.add('duplicate_tool_names');
  const tools = isOwn
    ? encodeOwnTools(request)
    : request.tools.flatMap((tool) => encodeTool(tool, request, context));
  if (tools.length === 0) return isOwn ? defined({ parallel_tool_calls: request.parallelToolCalls }) : {};
  return {
    tools,
    ...encodeChoice(request, context),
    ...defined({ parallel_tool_calls: request.parallelToolCalls }),
  };
}

/** As they were sent, where some were left out for other protocols; functions of one namespace under one roof. */
function encodeOwnTools(request: CanonicalRequest): readonly JsonObject[] {
  const echoed = asObject(request.extra['echo'])?.['tools'];
  if (request.extra['allowed_tools'] !== undefined && Array.isArray(echoed))
    return echoed as readonly JsonObject[];
  const written: JsonObject[] = [];
  const homes = new Map<string, JsonObject[]>();
  for (const tool of request.tools) {
    if (tool.type === 'function' && tool.extra?.['found'] === true) continue;
    if (tool.type === 'hosted') {
      written.push(tool.config);
      continue;
    }
    const namespace = asObject(tool.extra?.['namespace']);
    if (namespace === undefined) {
      written.push(encodeOwnFunction(tool));
      continue;
    }
    const key = asText(namespace['name']) ?? '';
    const home = homes.get(key);
    if (home !== undefined) home.push(encodeOwnFunction(tool));
    else {
      const inner = [encodeOwnFunction(tool)];
      homes.set(key, inner);
      written.push({ type: 'namespace', ...namespace, tools: inner });
    }
  }
  return written;
}

function encodeOwnFunction(tool: FunctionTool): JsonObject {
  const { custom, typed, namespace: _namespace, local, ...extra } = tool.extra ?? {};
  const original = asObject(custom) ?? asObject(typed);
  if (original !== undefined) return original;
  return {
    type: 'function',
    name: asText(local) ?? tool.name,
    ...defined({ description: tool.description, parameters: tool.schema, strict: tool.strict }),
    ...extra,
  };
}

function encodeTool(tool: Tool, request: CanonicalRequest, context: InputContext): readonly JsonObject[] {
  if (tool.type === 'hosted') return encodeHosted(tool, request, context);
  return [customTool(tool) ?? encodeFunction(tool, context)];
}

/** A free-text tool of Chat Completions; the two wires differ in how deep its fields lie. */
function customTool(tool: FunctionTool): JsonObject | undefined {
  const custom = asObject(asObject(tool.extra?.['custom'])?.['custom']);
  if (custom === undefined) return undefined;
  const grammar = asObject(asObject(custom['format'])?.['grammar']);
  const format = grammar === undefined ? custom['format'] : { type: 'grammar', ...grammar };
  return {
    type: 'custom',
    name: encodeName(tool.name, maxNameLength),
    ...defined({ description: custom['description'], format }),
  };
}

/** The wire tries to be strict where nothing is said, so it is always said. */
function encodeFunction(tool: FunctionTool, { losses }: InputContext): JsonObject {
  const strict = tool.strict === true && fitsStrictSchema(tool.schema);
  if (tool.strict === true && !strict) losses.add('strict_tools_dropped');
  return {
    type: 'function',
    name: encodeName(tool.name, maxNameLength),
    ...defined({ description: tool.description }),
    parameters: tool.schema ?? { type: 'object', properties: {} },
    strict,
  };
}

function encodeHosted(
  tool: HostedTool,
  request: CanonicalRequest,
  { losses }: InputContext,
): readonly JsonObject[] {
  if (tool.protocol === 'openai-responses') return [tool.config];
  const equal = encodeAbility(tool, losses);
  if (equal !== undefined) return [equal];
  loseHosted(tool, request, losses);
  return [];
}

function encodeChoice(request: CanonicalRequest, { isOwn }: InputContext): JsonObject {
  const { toolChoice, tools } = request;
  const allowed = asObject(asObject(request.extra['allowed_tools'])?.['choice']);
  if (isOwn && allowed !== undefined) return { tool_choice: allowed };
  if (toolChoice === undefined) return {};
  if (toolChoice.type !== 'tool') return { tool_choice: toolChoice.type };
  const chosen = tools.find((tool) => tool.name === toolChoice.name);
  if (chosen?.type === 'hosted') return { tool_choice: { type: hostedType(chosen) } };
  if (isOwn && chosen?.extra?.['typed'] !== undefined) return { tool_choice: { type: toolChoice.name } };
  const isCustom = asObject(chosen?.extra?.['custom']) !== undefined;
  const namespace = isOwn ? asText(asObject(chosen?.extra?.['namespace'])?.['name']) : undefined;
  const local = isOwn
    ? (asText(chosen?.extra?.['local']) ?? toolChoice.name)
    : encodeName(toolChoice.name, maxNameLength);
  return {
    tool_choice: { type: isCustom ? 'custom' : 'function', name: local, ...defined({ namespace }) },
  };
}

/** `text`: the format of the answer and how much of it. The name is required on this wire and unknown to others. */
export function encodeText(request: CanonicalRequest, context: InputContext): JsonObject {
  const format = encodeFormat(request, context);
  const text = defined({ format, verbosity: request.verbosity });
  return Object.keys(text).length === 0 ? {} : { text };
}

function encodeFormat({ output }: CanonicalRequest, context: InputContext): JsonObject | undefined {
  if (output === undefined) return undefined;
  if (output.type === 'text') return { type: 'text' };
  if (output.type === 'json') return { type: 'json_object' };
  const { description, schema } = output;
  const strict = context.isOwn ? output.strict : fitsStrictSchema(schema);
  if (!context.isOwn && strict !== true) context.losses.add('schema_not_strict');
  return {
    type: 'json_schema',
    name: output.name ?? 'answer',
    ...defined({ description, schema: schema ?? (context.isOwn ? undefined : {}), strict }),
  };
}
