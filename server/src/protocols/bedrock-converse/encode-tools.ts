import { hasGrammar } from '../canonical/custom-tools.ts';
import { loseHosted } from '../canonical/hosted.ts';
import { encodeName } from '../canonical/names.ts';
import type { CanonicalRequest, FunctionTool, JsonObject, Tool } from '../canonical/request.ts';
import { cachePoint, maxNameLength, type BlockContext } from './encode-blocks.ts';

/** Tool definitions and tool choice. The wire has no `none`, and wants the tools of every call in the history. */
export function encodeToolConfig(request: CanonicalRequest, context: BlockContext): JsonObject | undefined {
  const { losses } = context;
  const offered = request.tools.flatMap((tool) => offeredTool(tool, request, context));
  if (new Set(offered.map(({ name }) => name)).size < offered.length) losses.add('duplicate_tool_names');
  const called = namesInHistory(request);
  const isNone = request.toolChoice?.type === 'none';
  if (isNone && called.size === 0) return undefined;
  if (isNone && offered.length > 0) losses.add('tool_choice_weakened');
  // What was called but is offered no more is declared with an open schema.
  const known = new Set(offered.map(({ name }) => name));
  const missing = [...called].filter((name) => !known.has(name));
  const tools = [...offered, ...missing.map((name): FunctionTool => ({ type: 'function', name }))];
  if (tools.length === 0) return undefined;
  return {
    tools: tools.flatMap((tool) => encodeFunction(tool, context)),
    ...(offered.length === 0 || isNone ? {} : encodeChoice(request, context)),
  };
}

function offeredTool(
  tool: Tool,
  request: CanonicalRequest,
  { losses }: BlockContext,
): readonly FunctionTool[] {
  if (tool.type === 'function') return [tool];
  loseHosted(tool, request, losses);
  return [];
}

function namesInHistory(request: CanonicalRequest): ReadonlySet<string> {
  const parts = request.turns.flatMap((turn) => turn.parts);
  return new Set(parts.flatMap((part) => (part.type === 'tool-call' ? [part.name] : [])));
}

function encodeFunction(tool: FunctionTool, context: BlockContext): readonly JsonObject[] {
  const { traits, losses } = context;
  if (hasGrammar(tool)) losses.add('custom_tool_format_weakened');
  const isStrict = tool.strict === true && traits.hasSchemas;
  if (tool.strict === true && !isStrict) losses.add('strict_tools_dropped');
  const toolSpec = {
    name: encodeName(tool.name, maxNameLength),
    ...(tool.description === undefined || tool.description === '' ? {} : { description: tool.description }),
    inputSchema: { json: objectSchema(tool.schema ?? {}) },
    ...(isStrict ? { strict: true } : {}),
  };
  return [{ toolSpec }, ...cachePoint(tool.cache, 'tools', context)];
}

/** The wire demands `type: "object"` at the root. */
function objectSchema(schema: JsonObject): JsonObject {
  if (schema['type'] === 'object') return schema;
  return { ...schema, type: 'object', properties: schema['properties'] ?? {} };
}

function encodeChoice(request: CanonicalRequest, { traits, losses }: BlockContext): JsonObject {
  const { toolChoice, parallelToolCalls } = request;
  if (parallelToolCalls === false) losses.add('parallel_calls_not_limited');
  if (toolChoice === undefined || toolChoice.type === 'none') return {};
  if (toolChoice.type === 'auto') return { toolChoice: { auto: {} } };
  const isOnly = request.tools.length === 1;
  if (toolChoice.type === 'tool' && traits.toolChoices.includes('tool')) {
    return { toolChoice: { tool: { name: encodeName(toolChoice.name, maxNameLength) } } };
  }
  // With one tool, any is that one.
  const isAny = toolChoice.type === 'required' || isOnly;
  if (isAny && traits.toolChoices.includes('any')) return { toolChoice: { any: {} } };
  losses.add('tool_choice_weakened');
  return { toolChoice: { auto: {} } };
}
