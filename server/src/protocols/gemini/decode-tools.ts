import { asArray, asObject, asObjects, asString, defined, withoutKeys } from '../canonical/read-json.ts';
import type { FunctionTool, JsonObject, Tool, ToolChoice } from '../canonical/request.ts';
import { decodeAbility } from './hosted-tools.ts';
import { toJsonSchema } from './open-api-schema.ts';

/** Function declarations, the tools that the provider runs, and which of them may be called. */
interface ToolSettings {
  readonly tools: readonly Tool[];
  readonly toolChoice: ToolChoice | undefined;
  /** Untouched, for this protocol's own upstreams. */
  readonly extra: JsonObject;
}

export function decodeToolSettings(body: JsonObject): ToolSettings {
  const tools = asObjects(body['tools']).flatMap(decodeTool);
  const toolConfig = asObject(body['toolConfig']);
  const calling = asObject(toolConfig?.['functionCallingConfig']) ?? {};
  const allowed = (asArray(calling['allowedFunctionNames']) ?? []).map((name) => asString(name) ?? '');
  const toolChoice = decodeMode(asString(calling['mode']) ?? '', allowed);
  const extra = defined({ toolConfig });
  const narrows = allowed.length > 0 && toolChoice !== undefined && toolChoice.type !== 'tool';
  if (!narrows) return { tools, toolChoice, extra };
  const names = new Set(allowed);
  return {
    tools: tools.filter((tool) => tool.type === 'hosted' || names.has(tool.name)),
    toolChoice,
    extra: { ...extra, allowed_tools: true, ...defined({ tools: body['tools'] }) },
  };
}

function decodeMode(mode: string, allowed: readonly string[]): ToolChoice | undefined {
  const [only] = allowed;
  switch (mode.toUpperCase()) {
    case 'AUTO':
    case 'VALIDATED':
      return { type: 'auto' };
    case 'NONE':
      return { type: 'none' };
    case 'ANY':
      return only !== undefined && allowed.length === 1 ? { type: 'tool', name: only } : { type: 'required' };
    default:
      return undefined;
  }
}

/** One entry may declare functions and name tools of the provider beside them. */
function decodeTool(tool: JsonObject): readonly Tool[] {
  const { functionDeclarations, ...hosted } = tool;
  const functions = asObjects(functionDeclarations).map(decodeDeclaration);
  const named = Object.entries(hosted).map(([name, value]): Tool => ({
    type: 'hosted',
    name,
    protocol: 'gemini',
    config: { [name]: value },
    ...(name === 'computerUse' ? { isClientRun: true } : {}),
    ...decodeAbility(name),
  }));
  return [...functions, ...named];
}

const declarationKeys = new Set(['name', 'description', 'parametersJsonSchema']);

function decodeDeclaration(declaration: JsonObject): FunctionTool {
  const parameters = asObject(declaration['parameters']);
  const schema =
    asObject(declaration['parametersJsonSchema']) ??
    (parameters === undefined ? undefined : toJsonSchema(parameters));
  return {
    type: 'function',
    name: asString(declaration['name']) ?? '',
    ...defined({
      description: asString(declaration['description']),
      schema,
      extra: withoutKeys(declaration, declarationKeys),
    }),
  };
}
