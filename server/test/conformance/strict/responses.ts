import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from '../../../src/protocols/canonical/request.ts';
import type { ReadAnswer, ReadCall, ReadUsage, StrictReader } from './answer.ts';
import { readError } from './responses-error.ts';
import { openItems, type OpenItems } from './responses-items.ts';
import {
  countAt,
  demand,
  framesOf,
  listAt,
  nameAt,
  objectAt,
  oneOf,
  optionalList,
  optionalObject,
  parsed,
  textAt,
} from './shape.ts';

/** OpenAI Responses as its clients read it. */
export const strictResponses: StrictReader = { readStream, readUnary, readError };

const terminals = ['response.completed', 'response.incomplete', 'response.failed'];

interface Reading {
  readonly items: OpenItems;
  sequence: number;
  responseId: string | undefined;
  last: JsonObject | undefined;
}

function readStream(text: string): ReadAnswer {
  const reading: Reading = { items: openItems(), sequence: 0, responseId: undefined, last: undefined };
  for (const { event, data } of framesOf(text)) {
    const payload = parsed(data);
    const type = nameAt(payload, 'type');
    demand(event === type, `the event ${event ?? 'without name'} carries ${type}`);
    demand(reading.last === undefined, `${type} comes after the end`);
    demand(countAt(payload, 'sequence_number') === reading.sequence, 'a number of the sequence is missing');
    reading.sequence += 1;
    readEvent(reading, type, payload);
  }
  const { last, items } = reading;
  demand(last !== undefined, 'the stream has no end');
  if (last['status'] === 'failed') return failedAnswer(last, items);
  items.checkClosed();
  demand(
    isDeepStrictEqual(listAt(last, 'output'), items.done()),
    'the last event does not repeat the items as they were',
  );
  return answerOf(last);
}

function readEvent(reading: Reading, type: string, payload: JsonObject): void {
  if (type === 'response.created' || type === 'response.in_progress') {
    const response = objectAt(payload, 'response');
    checkResponse(response);
    demand(listAt(response, 'output').length === 0, `${type} has output`);
    demand((type === 'response.created') === (reading.responseId === undefined), `${type} out of order`);
    reading.responseId = nameAt(response, 'id');
  } else if (terminals.includes(type)) {
    const response = objectAt(payload, 'response');
    checkResponse(response);
    demand(`response.${nameAt(response, 'status')}` === type, `${type} with another status`);
    const isSame = reading.responseId === undefined || nameAt(response, 'id') === reading.responseId;
    demand(isSame, 'the id of the response changes');
    demand(reading.responseId !== undefined || type === 'response.failed', `${type} first`);
    reading.last = response;
  } else {
    demand(reading.responseId !== undefined, `${type} comes before response.created`);
    reading.items.read(type, payload);
  }
}

function checkResponse(response: JsonObject): void {
  demand(response['object'] === 'response', 'not a response');
  nameAt(response, 'id');
  textAt(response, 'model');
  countAt(response, 'created_at');
  listAt(response, 'output');
  demand(Array.isArray(response['tools']), 'the response has no tools');
  demand('error' in response && 'incomplete_details' in response, 'the response lacks its ends');
}

function failedAnswer(response: JsonObject, items: OpenItems): ReadAnswer {
  const error = objectAt(response, 'error');
  nameAt(error, 'message');
  return { ...said(items.done()), stop: 'failed', usage: undefined, error: nameAt(error, 'code') };
}

function answerOf(response: JsonObject): ReadAnswer {
  const status = oneOf(response['status'], ['completed', 'incomplete'], 'status');
  const details = optionalObject(response, 'incomplete_details');
  demand((status === 'incomplete') === (details !== undefined), 'the status and its details part');
  const stop = details === undefined ? status : nameAt(details, 'reason');
  const usage = optionalObject(response, 'usage');
  return {
    ...said(listAt(response, 'output')),
    stop,
    usage: usage === undefined ? undefined : usageOf(usage),
  };
}

type Said = Pick<ReadAnswer, 'text' | 'reasoning' | 'refusal' | 'calls'>;

function said(items: readonly JsonObject[]): Said {
  const partsOf = (type: string, field: string): readonly JsonObject[] =>
    items.filter((item) => item['type'] === type).flatMap((item) => optionalList(item, field));
  const texts = (parts: readonly JsonObject[], field: string): string =>
    parts.map((part) => (part[field] === undefined ? '' : textAt(part, field))).join('');
  const message = partsOf('message', 'content');
  return {
    text: texts(message, 'text'),
    refusal: texts(message, 'refusal'),
    reasoning: texts([...partsOf('reasoning', 'summary'), ...partsOf('reasoning', 'content')], 'text'),
    calls: items.flatMap(callOf),
  };
}

function callOf(item: JsonObject): readonly ReadCall[] {
  const type = nameAt(item, 'type');
  nameAt(item, 'id');
  if (type !== 'function_call' && type !== 'custom_tool_call') return [];
  const argumentsText = textAt(item, type === 'function_call' ? 'arguments' : 'input');
  return [{ id: nameAt(item, 'call_id'), name: nameAt(item, 'name'), argumentsText }];
}

function usageOf(usage: JsonObject): ReadUsage {
  const prompt = countAt(usage, 'input_tokens');
  const output = countAt(usage, 'output_tokens');
  demand(countAt(usage, 'total_tokens') === prompt + output, 'total_tokens is not the sum');
  return {
    prompt,
    cacheRead: countAt(objectAt(usage, 'input_tokens_details'), 'cached_tokens'),
    output,
    reasoning: countAt(objectAt(usage, 'output_tokens_details'), 'reasoning_tokens'),
  };
}

function readUnary(body: string): ReadAnswer {
  const response = parsed(body);
  checkResponse(response);
  return answerOf(response);
}
