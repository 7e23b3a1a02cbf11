import { forcedHosted, loseHosted } from '../canonical/hosted.ts';
import type { LossList } from '../canonical/losses.ts';
import { asArray, asObject, asObjects, defined, withoutKeys } from '../canonical/read-json.ts';
import type { CanonicalRequest, FunctionTool, JsonObject } from '../canonical/request.ts';
import { encodeAbility } from './hosted-tools.ts';
import { functionName } from './function-names.ts';
import { toReadableSchema } from './json-schema.ts';
import type { ModelTraits } from './model-traits.ts';

/** Functions in one entry, tools of the provider in one each, and the mode of calling. */
export interface EncodeContext {
  readonly isOwn: boolean;
  readonly traits: ModelTraits;
  readonly losses: LossList;
}

export function encodeToolSettings(request: CanonicalRequest, context: EncodeContext): JsonObject {
  if (context.isOwn) return encodeOwn(request);
  const { losses } = context;
  const functions = request.tools.filter((tool) => tool.type === 'function');
  const names = new Set(functions.map((tool) => tool.name));
  if (names.size < functions.length) losses.add('duplicate_tool_names');
  const hosted = encodeHosted(request, functions.length > 0, context);
  if (functions.length === 0) return hosted.length === 0 ? {} : { tools: hosted };
  if (request.parallelToolCalls === false) losses.add('parallel_calls_not_limited');
  const declared = { functionDeclarations: functions.map((tool) => declare(tool, losses)) };
  return {
    tools: [declared, ...hosted],
    ...mergedConfig(encodeMode(request, functions, context), hosted.length > 0),
  };
}

/** Functions beside tools of the provider have to be asked for. */
function mergedConfig(mode: JsonObject, isMixed: boolean): JsonObject {
  if (!isMixed) return mode;
  return { toolConfig: { ...asObject(mode['toolConfig']), includeServerSideToolInvocations: true } };
}

/** Older models take functions or tools of the provider. A choice cannot force the latter, and `none` not stop them. */
function encodeHosted(
  request: CanonicalRequest,
  hasFunctions: boolean,
  { losses, traits }: EncodeContext,
): readonly JsonObject[] {
  if (request.toolChoice?.type === 'none') return [];
  return request.tools.flatMap((tool): readonly JsonObject[] => {
    if (tool.type !== 'hosted') return [];
    const equal = hasFunctions && !traits.mixesTools ? undefined : encodeAbility(tool, losses);
    if (equal === undefined) {
      loseHosted(tool, request, losses);
      return [];
    }
    if (forcedHosted(request) === tool) losses.add('tool_choice_weakened');
    return [equal];
  });
}

function declare(tool: FunctionTool, losses: LossList): JsonObject {
  if (tool.extra?.['custom'] !== undefined) losses.add('custom_tool_format_weakened');
  const schema = tool.schema === undefined ? undefined : toReadableSchema(tool.schema).schema;
  return {
    name: functionName(tool.name),
    ...defined({
      description: tool.description,
      parametersJsonSchema: schema === undefined || isEmptyObject(schema) ? undefined : schema,
    }),
  };
}

/** A function without parameters is declared without a schema. */
function isEmptyObject(schema: JsonObject): boolean {
  const properties = schema['properties'];
  const isBare = Object.keys(schema).every(
    (key) => key === 'type' || key === 'properties' || key === 'additionalProperties' || key === 'required',
  );
  return isBare && Object.keys((properties ?? {}) as JsonObject).length === 0;
}

function encodeMode(
  request: CanonicalRequest,
  functions: readonly FunctionTool[],
  { traits, losses }: EncodeContext,
): JsonObject {
  const choice = request.toolChoice;
  if (choice?.type === 'none') return calling({ mode: 'NONE' });
  if (choice?.type === 'required') return calling({ mode: 'ANY' });
  const chosen = choice?.type === 'tool' ? functions.find((tool) => tool.name === choice.name) : undefined;
  if (chosen !== undefined) {
    return calling({ mode: 'ANY', allowedFunctionNames: [functionName(chosen.name)] });
  }
  if (functions.some((tool) => tool.strict === true)) {
    if (traits.validatesCalls) return calling({ mode: 'VALIDATED' });
    losses.add('strict_tools_dropped');
  }
  return choice === undefined ? {} : calling({ mode: 'AUTO' });
}

function calling(functionCallingConfig: JsonObject): JsonObject {
  return { toolConfig: { functionCallingConfig } };
}

/** This protocol's own clients get back what they sent. */
function encodeOwn(request: CanonicalRequest): JsonObject {
  const { tools: narrowed, toolConfig } = request.extra;
  const functions = request.tools.filter((tool) => tool.type === 'function');
  const hosted = request.tools.filter((tool) => tool.type === 'hosted').map((tool) => tool.config);
  const declared = functions.length === 0 ? [] : [{ functionDeclarations: functions.map(declareOwn) }];
  const tools = asArray(narrowed) === undefined ? [...declared, ...hosted] : asObjects(narrowed);
  return { ...(tools.length === 0 ? {} : { tools }), ...defined({ toolConfig }) };
}

function declareOwn(tool: FunctionTool): JsonObject {
  const hasOpenSchema = tool.extra?.['parameters'] !== undefined;
  return {
    name: tool.name,
    ...defined({
      description: tool.description,
      parametersJsonSchema: hasOpenSchema ? undefined : tool.schema,
    }),
    ...tool.extra,
  };
}

/** Fields of an own request that stand somewhere else in the encoded body. */
const placedExtra = new Set(['tools', 'toolConfig', 'allowed_tools', 'alt', 'generationConfig']);

export function ownExtra(request: CanonicalRequest): JsonObject {
  return withoutKeys(request.extra, placedExtra) ?? {};
}
