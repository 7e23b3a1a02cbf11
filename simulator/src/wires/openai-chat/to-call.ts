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
import { isArray, isObject, objectsOf, textOr } from '../shape.ts';

/** A checked request in the engine's terms. */
export function toCall(body: JsonObject, model: OpenAiModel, effort: string | undefined): SimulatedCall {
  const prompt = promptOf(body);
  const messages = objectsOf(body['messages']);
  const format = isObject(body['response_format']) ? body['response_format'] : {};
  const definition = isObject(format['json_schema']) ? format['json_schema'] : {};
  const outputSchema = isObject(definition['schema']) ? definition['schema'] : undefined;
  const thinking = thinkingBudget(model, effort);
  const limit = body['max_completion_tokens'] ?? body['max_tokens'];
  const choice = choiceOf(body['tool_choice'] ?? body['function_call']);
  const tools = [
    ...objectsOf(body['tools']).flatMap(declaredTool),
    ...objectsOf(body['functions']).map(legacyTool),
  ];
  return {
    model: model.id,
    ...cachingOf(prompt, model, body['prompt_cache_options']),
    mediaTokens: prompt.mediaTokens,
    lastUserText: lastUserText(messages),
    endsWithToolResults: ['tool', 'function'].includes(textOr(messages.at(-1)?.['role'])),
    ...placeScript(messages.map(scriptTurn)),
    tools: choice.allowed === undefined ? tools : tools.filter(({ name }) => choice.allowed?.includes(name)),
    ...hostedOffer(body),
    toolChoice: choice.choice,
    allowsParallelCalls: body['parallel_tool_calls'] !== false && body['functions'] === undefined,
    ...(thinking === undefined ? {} : { thinking }),
    ...(outputSchema === undefined ? {} : { outputSchema }),
    wantsJson: format['type'] === 'json_object',
    stopSequences: stopSequences(body['stop']),
    maxOutputTokens: typeof limit === 'number' ? limit : model.maxOutputTokens,
    choices: typeof body['n'] === 'number' ? body['n'] : 1,
  };
}

/** Searching is an option of the request here, not a tool. */
function hostedOffer(body: JsonObject): Pick<SimulatedCall, 'hosted'> {
  if (!isObject(body['web_search_options'])) return {};
  return { hosted: { abilities: ['search'], allowedDomains: [], blockedDomains: [] } };
}

function promptOf(body: JsonObject): Prompt {
  const prompt: Prompt = { segments: [], mediaTokens: 0 };
  for (const tool of [...objectsOf(body['tools']), ...objectsOf(body['functions'])]) {
    addSegment(prompt, JSON.stringify(tool));
  }
  for (const message of objectsOf(body['messages'])) addMessage(prompt, message);
  return prompt;
}

function addMessage(prompt: Prompt, message: JsonObject): void {
  const { content } = message;
  if (typeof content === 'string') addSegment(prompt, content);
  for (const part of isArray(content) ? content : []) addPart(prompt, part);
  for (const call of [
    ...objectsOf(message['tool_calls']),
    ...objectsOf([message['function_call'] ?? null]),
  ]) {
    addSegment(prompt, JSON.stringify(call['function'] ?? call['custom'] ?? call));
  }
  const thinking = message['reasoning_content'] ?? message['reasoning'];
  if (typeof thinking === 'string' && thinking !== '') addSegment(prompt, thinking);
}

function addPart(prompt: Prompt, part: Json): void {
  if (!isObject(part)) return;
  addSegment(prompt, typeof part['text'] === 'string' ? part['text'] : `[${textOr(part['type'])}]`, part);
  const { image_url: image, input_audio: audio, file } = part;
  if (isObject(image)) prompt.mediaTokens += imageTokens(textOr(image['detail'], 'auto'));
  if (isObject(audio)) prompt.mediaTokens += audioTokens(textOr(audio['data']));
  if (isObject(file)) prompt.mediaTokens += fileTokens(textOr(file['file_data']));
}

function declaredTool(tool: JsonObject): readonly DeclaredTool[] {
  const definition = tool['function'] ?? tool['custom'];
  if (!isObject(definition)) return [];
  const schema = isObject(definition['parameters']) ? definition['parameters'] : { type: 'object' };
  return [{ name: textOr(definition['name']), schema, isFreeText: tool['type'] === 'custom' }];
}

function legacyTool(definition: JsonObject): DeclaredTool {
  const schema = isObject(definition['parameters']) ? definition['parameters'] : { type: 'object' };
  return { name: textOr(definition['name']), schema, isFreeText: false };
}

interface Choice {
  readonly choice: SimulatedCall['toolChoice'];
  readonly allowed?: readonly string[];
}

function choiceOf(choice: Json | undefined): Choice {
  if (choice === 'none' || choice === 'required') return { choice };
  if (!isObject(choice)) return { choice: 'auto' };
  const allowed = choice['allowed_tools'];
  if (isObject(allowed)) {
    const names = objectsOf(allowed['tools']).map((tool) => {
      const named = tool['function'] ?? tool['custom'];
      return textOr(isObject(named) ? named['name'] : tool['name']);
    });
    return { choice: allowed['mode'] === 'required' ? 'required' : 'auto', allowed: names };
  }
  // The old way names the function itself.
  const named = choice['function'] ?? choice['custom'] ?? choice;
  return { choice: isObject(named) ? { name: textOr(named['name']) } : 'auto' };
}

function lastUserText(messages: readonly JsonObject[]): string {
  return textOf(messages.findLast(({ role }) => role === 'user')?.['content']);
}

function scriptTurn(message: JsonObject): ScriptTurn {
  const { role } = message;
  if (role === 'user') return { role, text: textOf(message['content']) };
  return { role: role === 'assistant' ? 'model' : 'other' };
}

function textOf(content: Json | undefined): string {
  if (typeof content === 'string') return content;
  return objectsOf(content)
    .map((part) => (typeof part['text'] === 'string' ? part['text'] : ''))
    .join('\n');
}

function stopSequences(stop: Json | undefined): readonly string[] {
  if (typeof stop === 'string') return [stop];
  return isArray(stop) ? stop.map((text) => textOr(text)) : [];
}
