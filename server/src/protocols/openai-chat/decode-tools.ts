import { asObject, asObjects, asString, asText, defined, withoutKeys } from '../canonical/read-json.ts';
import type {
  CanonicalRequest,
  FunctionTool,
  Json,
  JsonObject,
  Tool,
  ToolChoice,
} from '../canonical/request.ts';

/**
 * Tool definitions and choice, in this protocol's form and in the forms clients carry over from others: Anthropic's
 * (`input_schema`), the flat one (`name` beside `type`), and the deprecated `functions` with `function_call`.
 */
interface ToolSettings {
  readonly tools: readonly Tool[];
  readonly toolChoice: ToolChoice | undefined;
  readonly extra: JsonObject;
}

export function decodeToolSettings(body: JsonObject): ToolSettings {
  const functions = asObjects(body['functions']);
  if (functions.length > 0) {
    const tools = functions.map((definition) => functionTool(definition));
    return { tools, toolChoice: decodeChoice(body['function_call']), extra: {} };
  }
  const tools = asObjects(body['tools']).map(decodeTool);
  const choice = asObject(body['tool_choice']);
  const allowed = choice?.['type'] === 'allowed_tools' ? asObject(choice['allowed_tools']) : undefined;
  if (allowed === undefined) return { tools, toolChoice: decodeChoice(body['tool_choice']), extra: {} };
  const names = new Set(asObjects(allowed['tools']).map(nameOf));
  const type = allowed['mode'] === 'required' ? 'required' : 'auto';
  return {
    tools: tools.filter((tool) => names.has(tool.name)),
    toolChoice: { type },
    extra: { allowed_tools: true },
  };
}

/** `name`, wherever the form puts it. */
function nameOf(entry: JsonObject): string {
  const inner = asObject(entry['function']) ?? asObject(entry['custom']) ?? entry;
  return asString(inner['name']) ?? '';
}

function decodeTool(tool: JsonObject): Tool {
  const inner = asObject(tool['function']);
  if (inner !== undefined) return functionTool(inner, withoutKeys(tool, functionKeys));
  if (asObject(tool['custom']) !== undefined) return customTool(tool);
  const isPlain = tool['type'] === undefined || tool['type'] === 'function' || tool['type'] === 'custom';
  if (isPlain && typeof tool['name'] === 'string') return functionTool(tool);
  const name = asText(tool['name']) ?? asString(tool['type']) ?? '';
  return { type: 'hosted', name, protocol: 'openai-chat', config: tool };
}

const functionKeys = new Set(['type', 'function']);

function functionTool(definition: JsonObject, extra?: JsonObject): FunctionTool {
  return {
    type: 'function',
    name: asString(definition['name']) ?? '',
    ...defined({
      description: asString(definition['description']),
      schema: asObject(definition['parameters']) ?? asObject(definition['input_schema']),
      strict: typeof definition['strict'] === 'boolean' ? definition['strict'] : undefined,
      extra,
    }),
  };
}

/** A tool whose input is free text: elsewhere a function with that text as its one argument. */
function customTool(tool: JsonObject): FunctionTool {
  const custom = asObject(tool['custom']) ?? {};
  const grammar = asObject(asObject(custom['format'])?.['grammar']);
  const said = asString(custom['description']) ?? '';
  const rule =
    grammar === undefined
      ? ''
      : `\n\nThe input must follow this ${asString(grammar['syntax']) ?? ''} grammar:\n${asString(grammar['definition']) ?? ''}`;
  return {
    type: 'function',
    name: asString(custom['name']) ?? '',
    description: said + rule,
    schema: { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] },
    extra: { custom: tool },
  };
}

/** Names of the free-text tools of a request: their calls are answered in their own form. */
export function customToolNames(request: CanonicalRequest): ReadonlySet<string> {
  const custom = request.tools.filter(
    (tool) => tool.type === 'function' && asObject(tool.extra?.['custom']) !== undefined,
  );
  return new Set(custom.map((tool) => tool.name));
}

function decodeChoice(choice: Json | undefined): ToolChoice | undefined {
  const object = asObject(choice);
  const name = object === undefined ? '' : nameOf(object);
  if (name !== '') return { type: 'tool', name };
  const type = asString(choice) ?? asString(object?.['type']);
  if (type === 'any') return { type: 'required' };
  return type === 'auto' || type === 'none' || type === 'required' ? { type } : undefined;
}
