import { placeScript } from '../../engine/place-script.ts';
import type { ScriptTurn } from '../../engine/place-script.ts';
import type { DeclaredTool, Json, JsonObject, SimulatedCall } from '../../engine/simulated-call.ts';
import {
  addSegment,
  audioTokens,
  cachingOf,
  fileTokens,
  imageTokens,
  thinkingBudget,
} from '../openai/index.ts';
import type { OpenAiModel, Prompt } from '../openai/index.ts';
import { hostedOffer } from './hosted-tools.ts';
import { isArray, isObject, objectsOf, textOr } from '../shape.ts';

export interface OpenedTool extends DeclaredTool {
  readonly namespace?: string;
}

/** Tools a model may call: top level, inside namespaces, and those that items of the input add. */
export function declaredTools(body: JsonObject, items: readonly JsonObject[]): readonly OpenedTool[] {
  const added = items.flatMap((item) => objectsOf(item['tools']));
  return [...objectsOf(body['tools']), ...added].flatMap((tool) => openTool(tool));
}

function openTool(tool: JsonObject, namespace?: string): readonly OpenedTool[] {
  const name = textOr(tool['name']);
  if (tool['type'] === 'namespace') return objectsOf(tool['tools']).flatMap((inner) => openTool(inner, name));
  const isFreeText = tool['type'] === 'custom';
  if (!isFreeText && tool['type'] !== 'function') return [];
  const schema = isObject(tool['parameters']) ? tool['parameters'] : { type: 'object' };
  return [{ name, schema, isFreeText, ...(namespace === undefined ? {} : { namespace }) }];
}

/** A checked request in the engine's terms; `items` is the whole conversation, history first. */
export function toCall(
  body: JsonObject,
  items: readonly JsonObject[],
  facts: { readonly model: OpenAiModel; readonly effort: string | undefined },
): SimulatedCall {
  const { model, effort } = facts;
  const prompt = promptOf(body, items);
  const format = isObject(body['text']) && isObject(body['text']['format']) ? body['text']['format'] : {};
  const outputSchema = isObject(format['schema']) ? format['schema'] : undefined;
  const thinking = thinkingBudget(model, effort);
  const choice = choiceOf(body['tool_choice']);
  const tools = declaredTools(body, items);
  const lastType = textOr(items.at(-1)?.['type']);
  return {
    model: model.id,
    ...cachingOf(prompt, model, body['prompt_cache_options']),
    mediaTokens: prompt.mediaTokens,
    lastUserText: textOf(items.findLast(({ role }) => role === 'user')?.['content']),
    endsWithToolResults: lastType.endsWith('_output'),
    ...placeScript(items.map(scriptTurn)),
    tools: choice.allowed === undefined ? tools : tools.filter(({ name }) => choice.allowed?.includes(name)),
    ...hostedOffer(body),
    toolChoice: choice.choice,
    allowsParallelCalls: body['parallel_tool_calls'] !== false,
    ...(thinking === undefined ? {} : { thinking }),
    ...(outputSchema === undefined ? {} : { outputSchema }),
    wantsJson: format['type'] === 'json_object',
    stopSequences: [],
    maxOutputTokens:
      typeof body['max_output_tokens'] === 'number' ? body['max_output_tokens'] : model.maxOutputTokens,
    choices: 1,
  };
}

function promptOf(body: JsonObject, items: readonly JsonObject[]): Prompt {
  const prompt: Prompt = { segments: [], mediaTokens: 0 };
  for (const tool of objectsOf(body['tools'])) addSegment(prompt, JSON.stringify(tool));
  if (typeof body['instructions'] === 'string') addSegment(prompt, body['instructions']);
  for (const item of items) addItem(prompt, item);
  return prompt;
}

function addItem(prompt: Prompt, item: JsonObject): void {
  const content = item['content'] ?? item['output'];
  if (item['role'] !== undefined && item['tools'] === undefined) return addContent(prompt, content);
  if (textOr(item['type']).endsWith('_call_output')) return addContent(prompt, content);
  // Identifiers and states change from turn to turn and cost nothing.
  const { id: _id, status: _status, ...said } = item;
  addSegment(prompt, JSON.stringify(said));
}

function addContent(prompt: Prompt, content: Json | undefined): void {
  if (typeof content === 'string') addSegment(prompt, content);
  for (const part of isArray(content) ? content : []) {
    if (!isObject(part)) continue;
    addSegment(prompt, textOr(part['text'] ?? part['refusal'], `[${textOr(part['type'])}]`), part);
    if (part['type'] === 'input_image') prompt.mediaTokens += imageTokens(textOr(part['detail'], 'auto'));
    if (part['type'] === 'input_file') prompt.mediaTokens += fileTokens(textOr(part['file_data']));
    const audio = part['input_audio'];
    if (isObject(audio)) prompt.mediaTokens += audioTokens(textOr(audio['data']));
  }
}

interface Choice {
  readonly choice: SimulatedCall['toolChoice'];
  readonly allowed?: readonly string[];
}

function choiceOf(choice: Json | undefined): Choice {
  if (choice === 'none' || choice === 'required') return { choice };
  if (!isObject(choice)) return { choice: 'auto' };
  if (choice['type'] === 'allowed_tools') {
    const allowed = objectsOf(choice['tools']).map((tool) => textOr(tool['name']));
    return { choice: choice['mode'] === 'required' ? 'required' : 'auto', allowed };
  }
  const isNamed = choice['type'] === 'function' || choice['type'] === 'custom';
  return { choice: isNamed ? { name: textOr(choice['name']) } : 'auto' };
}

function scriptTurn(item: JsonObject): ScriptTurn {
  const { role } = item;
  if (role === 'user') return { role, text: textOf(item['content']) };
  const isSaid = role === 'assistant' || /_call$|^reasoning$/.test(textOr(item['type']));
  return { role: isSaid ? 'model' : 'other' };
}

function textOf(content: Json | undefined): string {
  if (typeof content === 'string') return content;
  return objectsOf(content)
    .map((part) => textOr(part['text']))
    .join('\n');
}
