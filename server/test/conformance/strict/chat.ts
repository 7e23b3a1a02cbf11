import type { JsonObject } from '../../../src/protocols/canonical/request.ts';
import type { ReadAnswer, ReadCall, ReadUsage, StrictReader } from './answer.ts';
import {
  countAt,
  demand,
  framesOf,
  listAt,
  nameAt,
  objectAt,
  oneOf,
  optionalCount,
  optionalList,
  optionalObject,
  optionalText,
  parsed,
  textAt,
} from './shape.ts';

/** Chat Completions as its clients read it. */
export const strictChat: StrictReader = { readStream, readUnary, readError };

const finishReasons = ['stop', 'length', 'tool_calls', 'content_filter', 'function_call'];

interface CallPieces {
  readonly id: string;
  readonly name: string;
  readonly isCustom: boolean;
  readonly pieces: string[];
}

interface Reading {
  identity: string | undefined;
  readonly texts: { content: string; reasoning_content: string; refusal: string };
  readonly calls: CallPieces[];
  legacy: { name: string; argumentsText: string } | undefined;
  stop: string | undefined;
  usage: ReadUsage | undefined;
  error: string | undefined;
}

function readStream(text: string): ReadAnswer {
  const frames = framesOf(text);
  const reading: Reading = {
    identity: undefined,
    texts: { content: '', reasoning_content: '', refusal: '' },
    calls: [],
    legacy: undefined,
    stop: undefined,
    usage: undefined,
    error: undefined,
  };
  demand(frames.at(-1)?.data === '[DONE]', 'the stream does not end in [DONE]');
  for (const { event, data } of frames.slice(0, -1)) {
    demand(event === undefined, `an event has the name ${event ?? ''}`);
    demand(data !== '[DONE]', '[DONE] comes twice');
    demand(reading.error === undefined, 'the stream goes on after an error');
    readChunk(reading, parsed(data));
  }
  const { error, stop } = reading;
  demand(error !== undefined || stop !== undefined, 'there is no finish_reason');
  return answerOf(reading);
}

function readChunk(reading: Reading, chunk: JsonObject): void {
  if (chunk['error'] !== undefined) {
    nameAt(objectAt(chunk, 'error'), 'message');
    reading.error = nameAt(objectAt(chunk, 'error'), 'type');
    return;
  }
  demand(chunk['object'] === 'chat.completion.chunk', 'a chunk is no chat.completion.chunk');
  countAt(chunk, 'created');
  const identity = `${nameAt(chunk, 'id')} ${nameAt(chunk, 'model')}`;
  demand(reading.identity === undefined || reading.identity === identity, 'id or model change');
  const choices = listAt(chunk, 'choices');
  const usage = optionalObject(chunk, 'usage');
  if (usage !== undefined) {
    demand(reading.stop !== undefined, 'usage comes before the finish_reason');
    demand(reading.usage === undefined, 'usage comes twice');
    reading.usage = usageOf(usage);
  }
  for (const choice of choices) readChoice(reading, choice);
  reading.identity = identity;
}

function readChoice(reading: Reading, choice: JsonObject): void {
  demand(choice['index'] === 0, 'a choice nobody asked for');
  demand(reading.stop === undefined, 'a delta comes after the finish_reason');
  const delta = objectAt(choice, 'delta');
  const isFirst = reading.identity === undefined;
  demand(!isFirst || delta['role'] === 'assistant', 'the first delta has no role');
  const { texts } = reading;
  texts.content += optionalText(delta, 'content');
  texts.reasoning_content += optionalText(delta, 'reasoning_content');
  texts.refusal += optionalText(delta, 'refusal');
  for (const fragment of optionalList(delta, 'tool_calls')) addFragment(reading.calls, fragment);
  const legacy = optionalObject(delta, 'function_call');
  if (legacy !== undefined) {
    const { name, argumentsText } = reading.legacy ?? { name: nameAt(legacy, 'name'), argumentsText: '' };
    reading.legacy = { name, argumentsText: argumentsText + optionalText(legacy, 'arguments') };
  }
  const stop = choice['finish_reason'];
  if (stop !== null && stop !== undefined) reading.stop = oneOf(stop, finishReasons, 'finish_reason');
}

/** Only the first fragment of a call has id, type and name; calls count from 0 without a gap. */
function addFragment(calls: CallPieces[], fragment: JsonObject): void {
  const index = countAt(fragment, 'index');
  demand(index <= calls.length, 'the index of a call is not the next');
  const isCustom = fragment['type'] === 'custom';
  const body = optionalObject(fragment, isCustom ? 'custom' : 'function') ?? {};
  const known = calls[index];
  if (known === undefined) {
    oneOf(fragment['type'], ['function', 'custom'], 'the type of a call');
    const piece = textAt(body, isCustom ? 'input' : 'arguments');
    calls.push({ id: nameAt(fragment, 'id'), name: nameAt(body, 'name'), isCustom, pieces: [piece] });
    return;
  }
  demand(optionalText(fragment, 'id') === '', 'a call has its id twice');
  demand(optionalText(body, 'name') === '', 'a call has its name twice');
  const inside = optionalObject(fragment, known.isCustom ? 'custom' : 'function') ?? {};
  known.pieces.push(optionalText(inside, known.isCustom ? 'input' : 'arguments'));
}

function answerOf(reading: Reading): ReadAnswer {
  const { texts, legacy, stop = '', usage, error } = reading;
  const calls: ReadCall[] = reading.calls.map(({ id, name, pieces }) => ({
    id,
    name,
    argumentsText: pieces.join(''),
  }));
  if (legacy !== undefined) calls.push({ id: '', ...legacy });
  if (error === undefined) checkStop(stop, calls);
  return {
    text: texts.content,
    reasoning: texts.reasoning_content,
    refusal: texts.refusal,
    calls,
    stop,
    usage,
    ...(error === undefined ? {} : { error }),
  };
}

function checkStop(stop: string, calls: readonly ReadCall[]): void {
  const isCalling = stop === 'tool_calls' || stop === 'function_call';
  demand(!isCalling || calls.length > 0, `finish_reason is ${stop} without a call`);
  demand(stop !== 'stop' || calls.length === 0, 'finish_reason is stop after a call');
}

function usageOf(usage: JsonObject): ReadUsage {
  const prompt = countAt(usage, 'prompt_tokens');
  const output = countAt(usage, 'completion_tokens');
  demand(countAt(usage, 'total_tokens') === prompt + output, 'total_tokens is not the sum');
  return {
    prompt,
    cacheRead: optionalCount(optionalObject(usage, 'prompt_tokens_details'), 'cached_tokens'),
    output,
    reasoning: optionalCount(optionalObject(usage, 'completion_tokens_details'), 'reasoning_tokens'),
  };
}

function readUnary(body: string): ReadAnswer {
  const completion = parsed(body);
  demand(completion['object'] === 'chat.completion', 'not a chat.completion');
  nameAt(completion, 'id');
  nameAt(completion, 'model');
  countAt(completion, 'created');
  const [choice, ...more] = listAt(completion, 'choices');
  demand(choice?.['index'] === 0 && more.length === 0, 'not one choice');
  const message = objectAt(choice, 'message');
  demand(message['role'] === 'assistant', 'not a message of the assistant');
  demand('content' in message, 'the message has no content');
  const calls = optionalList(message, 'tool_calls').map(wholeCall);
  const legacy = optionalObject(message, 'function_call');
  if (legacy !== undefined) {
    calls.push({ id: '', name: nameAt(legacy, 'name'), argumentsText: textAt(legacy, 'arguments') });
  }
  const stop = oneOf(choice['finish_reason'], finishReasons, 'finish_reason');
  checkStop(stop, calls);
  return {
    text: optionalText(message, 'content'),
    reasoning: optionalText(message, 'reasoning_content'),
    refusal: optionalText(message, 'refusal'),
    calls,
    stop,
    usage: usageOf(objectAt(completion, 'usage')),
  };
}

function wholeCall(call: JsonObject): ReadCall {
  const type = oneOf(call['type'], ['function', 'custom'], 'the type of a call');
  const body = objectAt(call, type);
  const argumentsText = textAt(body, type === 'custom' ? 'input' : 'arguments');
  return { id: nameAt(call, 'id'), name: nameAt(body, 'name'), argumentsText };
}

function readError(status: number, body: string): string {
  demand(status >= 400, `an error with status ${status}`);
  const error = objectAt(parsed(body), 'error');
  nameAt(error, 'message');
  demand('param' in error && 'code' in error, 'the error has no param or code');
  return nameAt(error, 'type');
}
