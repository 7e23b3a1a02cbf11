import { asObject, asObjects, asString, asText, defined, withoutKeys } from '../canonical/read-json.ts';
import type {
  CanonicalRequest,
  FunctionTool,
  HostedTool,
  Json,
  JsonObject,
  Tool,
  ToolChoice,
} from '../canonical/request.ts';
import { typedCallOf, typedFunction, type TypedCall } from './typed-tools.ts';
import { decodeAbility } from './hosted-tools.ts';
import { protocol } from './decode-content.ts';

/**
 * Tool definitions and choice. Other protocols know functions alone: a namespace becomes a prefix of its functions'
 * names, a free-text tool a function with that text as its one argument. `extra` keeps what leads back.
 */
export function decodeTools(tools: Json | undefined): readonly Tool[] {
  return asObjects(tools).flatMap((tool) =>
    tool['type'] === 'namespace'
      ? asObjects(tool['tools']).map((inner) => decodeTool(inner, tool))
      : [decodeTool(tool, undefined)],
  );
}

/** Longest tool name of the wire. */
export const maxNameLength = 64;

export function flatName(namespace: string | undefined, name: string): string {
  return namespace === undefined ? name : `${namespace}__${name}`;
}

function decodeTool(tool: JsonObject, namespace: JsonObject | undefined): Tool {
  const type = tool['type'] ?? 'function';
  if (type === 'custom') return customTool(tool, namespace);
  if (type === 'function') return functionTool(tool, namespace);
  return typedFunction(tool) ?? hostedTool(tool);
}

/** The client runs these, and only the provider's own models know how to call them. */
const clientRun = new Set(['computer', 'computer_use', 'computer_use_preview']);

function hostedTool(tool: JsonObject): HostedTool {
  const type = asString(tool['type']) ?? '';
  return {
    type: 'hosted',
    name: type,
    protocol,
    config: tool,
    ...(clientRun.has(type) ? { isClientRun: true } : {}),
    ...decodeAbility(tool, type),
  };
}

const functionKeys = new Set(['type', 'name', 'description', 'parameters', 'strict']);

function functionTool(tool: JsonObject, namespace: JsonObject | undefined): FunctionTool {
  return {
    type: 'function',
    ...nameOf(tool, namespace, withoutKeys(tool, functionKeys)),
    ...defined({
      description: asString(tool['description']),
      schema: asObject(tool['parameters']) ?? asObject(tool['input_schema']),
      strict: typeof tool['strict'] === 'boolean' ? tool['strict'] : undefined,
    }),
  };
}

function nameOf(
  tool: JsonObject,
  namespace: JsonObject | undefined,
  extra: JsonObject | undefined,
): { readonly name: string; readonly extra?: JsonObject } {
  const local = asString(tool['name']) ?? '';
  if (namespace === undefined) return { name: local, ...defined({ extra }) };
  const home = { local, namespace: withoutKeys(namespace, new Set(['type', 'tools'])) ?? {} };
  return { name: flatName(asString(namespace['name']), local), extra: { ...extra, ...home } };
}

function customTool(tool: JsonObject, namespace: JsonObject | undefined): FunctionTool {
  const format = asObject(tool['format']);
  const said = asString(tool['description']) ?? '';
  const rule =
    format?.['type'] === 'grammar'
      ? `\n\nThe input must follow this ${asString(format['syntax']) ?? ''} grammar:\n${asString(format['definition']) ?? ''}`
      : '';
  return {
    type: 'function',
    ...nameOf(tool, namespace, { custom: tool }),
    description: said + rule,
    schema: { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] },
  };
}

/** How the calls of a tool are told to the client that offered it. */
export interface ToolForm {
  readonly name: string;
  readonly namespace?: string;
  readonly isCustom: boolean;
  /** Set for a tool whose calls have an item type of their own. */
  readonly typed?: TypedCall;
}

/** By the name other protocols know. A tool that was not offered keeps its name. */
export function createToolForms(request: CanonicalRequest): (name: string) => ToolForm {
  const forms = new Map<string, ToolForm>();
  for (const tool of request.tools) {
    if (tool.type !== 'function') continue;
    const namespace = asText(asObject(tool.extra?.['namespace'])?.['name']);
    forms.set(tool.name, {
      name: asText(tool.extra?.['local']) ?? tool.name,
      isCustom: asObject(tool.extra?.['custom']) !== undefined,
      ...defined({ namespace, typed: isTyped(tool) ? typedCallOf(tool.name) : undefined }),
    });
  }
  return (name) => forms.get(name) ?? { name, isCustom: false };
}

function isTyped(tool: FunctionTool): boolean {
  return tool.extra?.['typed'] !== undefined && tool.extra['custom'] === undefined;
}

interface Choice {
  readonly tools: readonly Tool[];
  readonly toolChoice?: ToolChoice;
  readonly extra: JsonObject;
}

/** A list of allowed tools leaves the others out; the whole list is kept for this protocol. */
export function decodeChoice(choice: Json | undefined, tools: readonly Tool[]): Choice {
  const object = asObject(choice);
  if (object?.['type'] === 'allowed_tools') {
    const names = new Set(asObjects(object['tools']).map(chosenName));
    const type = object['mode'] === 'required' ? 'required' : 'auto';
    return {
      tools: tools.filter((tool) => names.has(tool.name)),
      toolChoice: { type },
      extra: { allowed_tools: { choice: object } },
    };
  }
  if (object !== undefined)
    return { tools, toolChoice: { type: 'tool', name: chosenName(object) }, extra: {} };
  const type = asString(choice);
  const isKnown = type === 'auto' || type === 'none' || type === 'required';
  return { tools, ...(isKnown ? { toolChoice: { type } } : {}), extra: {} };
}

function chosenName(choice: JsonObject): string {
  const name = asText(choice['name']);
  return name === undefined ? (asString(choice['type']) ?? '') : flatName(asText(choice['namespace']), name);
}
