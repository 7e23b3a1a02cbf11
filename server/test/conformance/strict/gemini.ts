import type { JsonObject } from '../../../src/protocols/canonical/request.ts';
import type { ReadAnswer, ReadCall, ReadUsage, StrictReader } from './answer.ts';
import {
  countAt,
  demand,
  framesOf,
  nameAt,
  objectAt,
  oneOf,
  optionalCount,
  optionalList,
  optionalObject,
  parsed,
  textAt,
} from './shape.ts';

/** Gemini generateContent as its clients read it; streams as events or as one array. */
export const strictGemini: StrictReader = { readStream, readUnary, readError };

const finishReasons = [
  'STOP',
  'MAX_TOKENS',
  'SAFETY',
  'RECITATION',
  'LANGUAGE',
  'OTHER',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'MALFORMED_FUNCTION_CALL',
  'UNEXPECTED_TOOL_CALL',
  'IMAGE_SAFETY',
];

interface Reading {
  text: string;
  reasoning: string;
  readonly calls: ReadCall[];
  stop: string | undefined;
  usage: ReadUsage | undefined;
  error: string | undefined;
}

const partFields = [
  'text',
  'functionCall',
  'inlineData',
  'fileData',
  'executableCode',
  'codeExecutionResult',
  'functionResponse',
  'toolCall',
  'toolResponse',
];

function readStream(text: string): ReadAnswer {
  return fold(text.trimStart().startsWith('[') ? elementsOf(text) : payloadsOf(text));
}

function payloadsOf(text: string): readonly JsonObject[] {
  return framesOf(text).map(({ event, data }) => {
    demand(event === undefined, `an event has the name ${event ?? ''}`);
    return parsed(data);
  });
}

function elementsOf(text: string): readonly JsonObject[] {
  const list = parsed(`{"list":${text}}`)['list'];
  demand(Array.isArray(list), 'not an array');
  return list as readonly JsonObject[];
}

function fold(responses: readonly JsonObject[]): ReadAnswer {
  const reading: Reading = {
    text: '',
    reasoning: '',
    calls: [],
    stop: undefined,
    usage: undefined,
    error: undefined,
  };
  for (const response of responses) {
    demand(reading.error === undefined, 'the stream goes on after an error');
    demand(reading.stop === undefined, 'the stream goes on after the finishReason');
    if (response['error'] === undefined) readResponse(reading, response);
    else reading.error = errorStatus(response);
  }
  const { stop = '', error, text } = reading;
  demand(error !== undefined || stop !== '', 'there is no finishReason');
  demand(error !== undefined || reading.usage !== undefined, 'there is no usageMetadata');
  return {
    text,
    reasoning: reading.reasoning,
    refusal: stop === 'SAFETY' ? text : '',
    calls: reading.calls,
    stop,
    usage: reading.usage,
    ...(error === undefined ? {} : { error }),
  };
}

function readResponse(reading: Reading, response: JsonObject): void {
  nameAt(response, 'modelVersion');
  const usage = optionalObject(response, 'usageMetadata');
  if (usage !== undefined) reading.usage = usageOf(usage);
  const [candidate, ...more] = optionalList(response, 'candidates');
  demand(more.length === 0, 'more than one candidate');
  if (candidate === undefined) {
    reading.stop = nameAt(objectAt(response, 'promptFeedback'), 'blockReason');
    return;
  }
  const content = optionalObject(candidate, 'content');
  if (content !== undefined) {
    demand(content['role'] === 'model', 'the content is not of the model');
    for (const part of optionalList(content, 'parts')) readPart(reading, part);
  }
  const stop = candidate['finishReason'];
  if (stop !== undefined) reading.stop = oneOf(stop, finishReasons, 'finishReason');
}

function readPart(reading: Reading, part: JsonObject): void {
  const kinds = partFields.filter((field) => part[field] !== undefined);
  demand(kinds.length === 1, `a part is ${kinds.join(' and ') || 'nothing'}`);
  if (part['text'] !== undefined) {
    const text = textAt(part, 'text');
    if (part['thought'] === true) reading.reasoning += text;
    else reading.text += text;
  }
  const call = optionalObject(part, 'functionCall');
  if (call === undefined) return;
  const argumentsText = JSON.stringify(objectAt(call, 'args'));
  reading.calls.push({
    id: call['id'] === undefined ? '' : nameAt(call, 'id'),
    name: nameAt(call, 'name'),
    argumentsText,
  });
}

function usageOf(usage: JsonObject): ReadUsage {
  const prompt = optionalCount(usage, 'promptTokenCount') + optionalCount(usage, 'toolUsePromptTokenCount');
  const reasoning = optionalCount(usage, 'thoughtsTokenCount');
  const output = optionalCount(usage, 'candidatesTokenCount') + reasoning;
  demand(countAt(usage, 'totalTokenCount') === prompt + output, 'totalTokenCount is not the sum');
  return { prompt, cacheRead: optionalCount(usage, 'cachedContentTokenCount'), output, reasoning };
}

function readUnary(body: string): ReadAnswer {
  return fold([parsed(body)]);
}

function errorStatus(response: JsonObject): string {
  const error = objectAt(response, 'error');
  nameAt(error, 'message');
  countAt(error, 'code');
  return nameAt(error, 'status');
}

function readError(status: number, body: string): string {
  const answer = body.trimStart().startsWith('[') ? elementsOf(body)[0] : parsed(body);
  demand(answer !== undefined, 'no error in the array');
  const word = errorStatus(answer);
  demand(countAt(objectAt(answer, 'error'), 'code') === status, 'the code is not the status');
  return word;
}
