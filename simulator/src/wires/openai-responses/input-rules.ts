import type { Json, JsonObject } from '../../engine/simulated-call.ts';
import { invalid, OpenAiRefusal, requireImageUrl } from '../openai/index.ts';
import { checkHostedItem } from './hosted-tools.ts';
import { isArray, objectsOf, textOr } from '../shape.ts';

/** What the rules need to know from elsewhere. */
export interface InputContext {
  /** Everything said before by `previous_response_id`. */
  readonly history: readonly JsonObject[];
  isOwnSeal(sealed: string): boolean;
  findItem(id: string): JsonObject | undefined;
}

/** The input as items; a bare text is one user message, references are replaced by what they refer to. */
export function inputItems(body: JsonObject, context: InputContext): readonly JsonObject[] {
  const { input } = body;
  if (typeof input === 'string') return [{ type: 'message', role: 'user', content: input }];
  return objectsOf(input).map((item) => (isReference(item) ? resolve(item, context) : item));
}

export function checkInput(items: readonly JsonObject[], context: InputContext): void {
  items.forEach((item, index) => checkItem(item, index, context));
  for (const kind of callKinds) checkCalls([...context.history, ...items], items, kind);
  const trigger = items.findIndex((item) => item['type'] === 'compaction_trigger');
  if (trigger >= 0 && trigger < items.length - 1) {
    throw invalid(
      "'compaction_trigger' must be the last item of 'input'.",
      `input[${trigger}]`,
      'invalid_value',
    );
  }
}

function isReference(item: JsonObject): boolean {
  return item['type'] === 'item_reference';
}

function resolve(item: JsonObject, context: InputContext): JsonObject {
  const id = textOr(item['id']);
  const found = context.findItem(id);
  if (found === undefined) throw itemNotFound(id);
  return found;
}

function itemNotFound(id: string): OpenAiRefusal {
  return new OpenAiRefusal({
    status: 404,
    message:
      `Item with id '${id}' not found. Items are not persisted when \`store\` is set to false. Try again with ` +
      '`store` set to true, or remove this item from your input.',
    param: 'input',
  });
}

function checkItem(item: JsonObject, index: number, context: InputContext): void {
  const sealed = item['encrypted_content'];
  if (typeof sealed === 'string' && !context.isOwnSeal(sealed)) {
    throw invalid(
      `The encrypted content for item ${textOr(item['id'], String(index))} could not be verified. ` +
        'Reason: Encrypted content could not be decrypted or parsed.',
      undefined,
      'invalid_encrypted_content',
    );
  }
  const isBareReasoning = item['type'] === 'reasoning' && typeof sealed !== 'string';
  const id = item['id'];
  if (isBareReasoning && typeof id === 'string' && context.findItem(id) === undefined) throw itemNotFound(id);
  checkHostedItem(item, index);
  checkMedia(item['content'], `input[${index}].content`);
  checkMedia(item['output'], `input[${index}].output`);
}

function checkMedia(content: Json | undefined, path: string): void {
  if (!isArray(content)) return;
  objectsOf(content).forEach((part, index) => {
    const param = `${path}[${index}]`;
    if (part['type'] === 'input_image') {
      if (typeof part['image_url'] === 'string') requireImageUrl(part['image_url'], `${param}.image_url`);
      else if (typeof part['file_id'] !== 'string') throw missing(`${param}.image_url`);
    }
    const hasFile = ['file_data', 'file_id', 'file_url'].some((field) => typeof part[field] === 'string');
    if (part['type'] === 'input_file' && !hasFile) throw missing(`${param}.file_id`);
  });
}

function missing(param: string): OpenAiRefusal {
  return invalid(`Missing required parameter: '${param}'.`, param, 'missing_required_parameter');
}

interface CallKind {
  readonly call: string;
  readonly output: string;
  readonly words: string;
}

const callKinds: readonly CallKind[] = [
  { call: 'function_call', output: 'function_call_output', words: 'function call' },
  { call: 'custom_tool_call', output: 'custom_tool_call_output', words: 'custom tool call' },
];

/** Every output answers a call before it, every call of the input is answered. */
function checkCalls(all: readonly JsonObject[], items: readonly JsonObject[], kind: CallKind): void {
  const called = new Set<string>();
  // A search for tools that the client runs may be answered like a function.
  const answerable = new Set<string>();
  for (const item of all) {
    const callId = textOr(item['call_id']);
    if (item['type'] === kind.call) called.add(callId);
    if (item['type'] === kind.call || item['type'] === 'tool_search_call') answerable.add(callId);
    if (item['type'] === kind.output && !answerable.has(callId)) {
      throw invalid(`No tool call found for ${kind.words} output with call_id ${callId}.`, 'input');
    }
  }
  const answered = new Set(
    all.filter((item) => item['type'] === kind.output).map((item) => textOr(item['call_id'])),
  );
  const hasLaterTurn = items.length > 0;
  const open = [...called].find((callId) => !answered.has(callId));
  if (open !== undefined && hasLaterTurn) {
    throw invalid(`No tool output found for ${kind.words} ${open}.`, 'input');
  }
}
