import { RelayError } from '../../domain/errors.ts';
import { asList, asShape, asText, parseShape, textBytes, type Shape } from '../json-shape.ts';
import { openAiUsage } from '../openai-usage.ts';
import type { MeteredUsage } from '../stream-rules.ts';
import { defined } from '../canonical/read-json.ts';
import { estimatedReading, freeReading, readUnaryBody, reportedReading } from '../unary-reading.ts';
import type { Envelope, LaterReading, UnaryReading } from '../wire-protocol.ts';

const labels: ReadonlySet<string> = new Set([
  'type',
  'id',
  'call_id',
  'status',
  'role',
  'phase',
  'encrypted_content',
  'annotations',
  'logprobs',
]);

/** Usage of a whole response object, as unary bodies and terminal events carry it. */
export function responseUsage(response: Shape): MeteredUsage | undefined {
  const report = asShape(response['usage']);
  if (report === undefined) return undefined;
  const metered = openAiUsage(report, response);
  if (asShape(response['tool_usage']) !== undefined || metered.usage.webSearches > 0) return metered;
  return { ...metered, usage: { ...metered.usage, webSearches: searchCalls(response) } };
}

/** Where the response does not count its hosted searches, its items do; opening a page is no search. */
function searchCalls(response: Shape): number {
  return asList(response['output']).filter((item) => {
    const call = asShape(item);
    const action = asText(asShape(call?.['action'])?.['type']);
    return call?.['type'] === 'web_search_call' && (action === undefined || action === 'search');
  }).length;
}

export function outputBytes(response: Shape): number {
  return asList(response['output']).length + textBytes(response['output'], labels);
}

/** True where a response without output says why: cut by a filter or a limit, or asked to only warm the cache. */
export function isEmptyByIntent(response: Shape): boolean {
  return (
    asShape(response['incomplete_details']) !== undefined ||
    asShape(response['prompt_cache_options'])?.['prewarm'] === true
  );
}

export function readResponseUnary(body: Buffer, envelope: Envelope): UnaryReading {
  if (envelope.operation === 'stored') return readFree(body, () => true);
  if (envelope.operation === 'count-tokens') {
    return readFree(body, (answer) => typeof answer['input_tokens'] === 'number');
  }
  return readAnswer(body, envelope);
}

/** States of an answer that is still being made. */
const unfinished: ReadonlySet<unknown> = new Set(['queued', 'in_progress']);

/** A background response as it is kept: at work, or over with its usage. */
export function readLater(body: Buffer, envelope: Envelope): LaterReading | undefined {
  const answer = parseShape(body.toString());
  if (answer === undefined || typeof answer['status'] !== 'string') return undefined;
  const metered = responseUsage(answer);
  return {
    isOver: !unfinished.has(answer['status']),
    isFailed: answer['status'] === 'failed',
    reading:
      metered === undefined
        ? estimatedReading(envelope, outputBytes(answer))
        : reportedReading(metered, () => outputBytes(answer)),
    ...defined({ servedModel: asText(answer['model']) }),
  };
}

function readAnswer(body: Buffer, envelope: Envelope): UnaryReading {
  let goesOnAs: string | undefined;
  const told = readUnaryBody(body, envelope, (answer) => {
    const isUnfinished = unfinished.has(answer['status']);
    if (isUnfinished && envelope.isBackground === true) goesOnAs = asText(answer['id']);
    if (answer['status'] === 'failed' || !Array.isArray(answer['output'])) return undefined;
    return {
      metered: responseUsage(answer),
      contentBytes: () => outputBytes(answer),
      // A background response is only queued yet.
      isEmptyByIntent: isEmptyByIntent(answer) || isUnfinished,
      servedModel: asText(answer['model']),
    };
  });
  return { ...told, ...defined({ goesOnAs }) };
}

/** Looking at what is kept costs nothing, whatever usage it tells again. */
function readFree(body: Buffer, isAnswer: (answer: Shape) => boolean): UnaryReading {
  const answer = parseShape(body.toString());
  const isOfProtocol = answer !== undefined && isAnswer(answer);
  const failure = isOfProtocol ? {} : { failure: new RelayError('upstream_protocol') };
  return { isEmpty: false, reading: freeReading, ...failure };
}
