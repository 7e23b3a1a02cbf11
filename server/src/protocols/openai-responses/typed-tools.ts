import { asObject, asObjects, asString, asText, defined, parseObject } from '../canonical/read-json.ts';
import type { FunctionTool, Json, JsonObject, ToolCallPart, ToolResultPart } from '../canonical/request.ts';
import { wordTable } from '../canonical/word-table.ts';

/**
 * Tools that the provider types and the client runs. To models of other providers they are functions with the published
 * parameters; calls and results have item types of their own on this wire, which are rebuilt for the client.
 */
export interface TypedCall {
  readonly type: string;
  readonly idPrefix: string;
  /** Fields of the item that say what is called for, from the arguments of the function. */
  fields(args: JsonObject): JsonObject;
  /** The arguments of the function, from an item of the history. */
  args(item: JsonObject): Json;
}

interface TypedTool {
  readonly description: string;
  readonly schema: JsonObject;
  readonly call: TypedCall;
}

const text = { type: 'string' };
const texts = { type: 'array', items: text };
const whole = { type: 'integer' };

function objectOf(properties: JsonObject, required: readonly string[]): JsonObject {
  return { type: 'object', properties, required };
}

const tools = wordTable<TypedTool>({
  local_shell: {
    description: "Runs one command on the user's machine and gives its output.",
    schema: objectOf({ command: texts, working_directory: text, timeout_ms: whole }, ['command']),
    call: {
      type: 'local_shell_call',
      idPrefix: 'lsh',
      fields: (args) => ({ action: { type: 'exec', env: {}, ...args } }),
      args: (item) => withoutNulls(asObject(item['action']) ?? {}, ['type', 'env']),
    },
  },
  shell: {
    description: "Runs shell commands on the user's machine and gives what they print.",
    schema: objectOf({ commands: texts, timeout_ms: whole, max_output_length: whole }, ['commands']),
    call: {
      type: 'shell_call',
      idPrefix: 'sh',
      fields: (args) => ({
        action: { timeout_ms: null, max_output_length: null, ...args },
        environment: null,
      }),
      args: (item) => withoutNulls(asObject(item['action']) ?? {}, []),
    },
  },
  apply_patch: {
    description: 'Creates, updates or deletes one file. The diff is in the V4A format; a deletion has none.',
    schema: objectOf(
      {
        type: { type: 'string', enum: ['create_file', 'update_file', 'delete_file'] },
        path: text,
        diff: text,
      },
      ['type', 'path'],
    ),
    call: {
      type: 'apply_patch_call',
      idPrefix: 'apc',
      fields: (args) => ({ operation: args }),
      args: (item) => item['operation'] ?? {},
    },
  },
  tool_search: {
    description: 'Finds tools that are not listed yet. Those found can be called afterwards.',
    schema: objectOf({ query: text }, ['query']),
    call: {
      type: 'tool_search_call',
      idPrefix: 'tsc',
      fields: (args) => ({ execution: 'client', arguments: args }),
      args: (item) => item['arguments'] ?? {},
    },
  },
});

function withoutNulls(object: JsonObject, left: readonly string[]): JsonObject {
  return Object.fromEntries(
    Object.entries(object).filter(([key, value]) => value !== null && !left.includes(key)),
  );
}

/** `undefined` for tools of other kinds, and for those that the provider would run in a container of its own. */
export function typedFunction(tool: JsonObject): FunctionTool | undefined {
  const type = asString(tool['type']) ?? '';
  const known = tools[type];
  const environment = asObject(tool['environment'])?.['type'] ?? 'local';
  const isServerRun = type === 'tool_search' && tool['execution'] !== 'client';
  if (known === undefined || environment !== 'local' || isServerRun) return undefined;
  return {
    type: 'function',
    name: type,
    description: asText(tool['description']) ?? known.description,
    schema: asObject(tool['parameters']) ?? known.schema,
    extra: { typed: tool },
  };
}

export function typedCallOf(name: string): TypedCall | undefined {
  return tools[name]?.call;
}

const byCallType = new Map(Object.entries(tools).map(([name, { call }]) => [call.type, { name, call }]));

/** An item of the history that calls a typed tool. */
export function decodeTypedCall(item: JsonObject): ToolCallPart | undefined {
  const known = byCallType.get(asString(item['type']) ?? '');
  const isServerRun = item['type'] === 'tool_search_call' && item['execution'] === 'server';
  if (known === undefined || isServerRun) return undefined;
  const id = asText(item['call_id']) ?? asString(item['id']) ?? '';
  const argumentsText = JSON.stringify(known.call.args(item));
  return { type: 'tool-call', id, name: known.name, argumentsText, extra: { typed: item } };
}

/** An item of the history that brings the result of a typed tool. */
export function decodeTypedResult(item: JsonObject): ToolResultPart | undefined {
  const said = typedOutput(item);
  if (said === undefined) return undefined;
  return {
    type: 'tool-result',
    callId: asText(item['call_id']) ?? asString(item['id']) ?? '',
    parts: said === '' ? [] : [{ type: 'text', text: said }],
    isError: item['status'] === 'failed',
    extra: { typed: item },
  };
}

function typedOutput(item: JsonObject): string | undefined {
  switch (asString(item['type']) ?? '') {
    case 'local_shell_call_output':
      return asString(item['output']) ?? '';
    case 'apply_patch_call_output':
      return asText(item['output']) ?? (item['status'] === 'failed' ? 'failed' : 'done');
    case 'shell_call_output':
      return asObjects(item['output']).map(shellOutput).join('\n');
    case 'tool_search_output':
      if (item['execution'] === 'server') return undefined;
      return `Found: ${asObjects(item['tools']).map(foundName).join(', ')}`;
    default:
      return undefined;
  }
}

function foundName(tool: JsonObject): string {
  return asText(tool['name']) ?? asString(tool['type']) ?? '';
}

function shellOutput(output: JsonObject): string {
  const outcome = asObject(output['outcome']);
  const ended =
    outcome?.['type'] === 'timeout'
      ? 'timed out'
      : `exit code ${JSON.stringify(outcome?.['exit_code'] ?? 0)}`;
  const { stdout, stderr } = defined({ stdout: asText(output['stdout']), stderr: asText(output['stderr']) });
  return [stdout, stderr, ended].filter((line) => line !== undefined).join('\n');
}

/** The item of a call as the client expects it. */
export function typedItem(call: TypedCall, argumentsText: string): JsonObject {
  return { type: call.type, ...call.fields(parseObject(argumentsText) ?? {}) };
}
