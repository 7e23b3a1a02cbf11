import type { StreamFrame } from '../../engine/exchange.ts';
import type { Json, JsonObject, SimulatedAnswer } from '../../engine/simulated-call.ts';
import { logprobsOf, namedFrame } from '../openai/index.ts';
import { isArray, isObject, objectsOf, textOr } from '../shape.ts';
import type { ResponseState } from './render-response.ts';

/** An answer ready to be told event by event. */
export interface Telling {
  readonly answer: Pick<SimulatedAnswer, 'tokensOf'>;
  readonly items: readonly JsonObject[];
  readonly end: ResponseState;
  readonly isQueuedFirst: boolean;
  readonly topLogprobs?: number;
  render(state: ResponseState): JsonObject;
}

interface Event {
  readonly type: string;
  readonly fields: JsonObject;
  readonly isToken?: boolean;
}

/** Every event in order, numbered from zero; those up to `after` are left out for a client that comes back. */
export function* streamResponse(telling: Telling, after = -1): Generator<StreamFrame> {
  let sequence = 0;
  for (const { type, fields, isToken } of tell(telling)) {
    if (sequence > after) {
      yield namedFrame(type, { type, sequence_number: sequence, ...fields }, isToken === true);
    }
    sequence += 1;
  }
}

function* tell(telling: Telling): Generator<Event> {
  const started = { output: [], usage: null };
  const lifecycle = (type: string, state: ResponseState): Event => ({
    type: `response.${type}`,
    fields: { response: telling.render(state) },
  });
  yield lifecycle('created', { ...started, status: telling.isQueuedFirst ? 'queued' : 'in_progress' });
  if (telling.isQueuedFirst) yield lifecycle('queued', { ...started, status: 'queued' });
  yield lifecycle('in_progress', { ...started, status: 'in_progress' });
  for (const [index, item] of telling.items.entries()) {
    yield { type: 'response.output_item.added', fields: { output_index: index, item: opened(item) } };
    yield* tellItem(item, index, telling);
    yield { type: 'response.output_item.done', fields: { output_index: index, item } };
  }
  const { status } = telling.end;
  yield lifecycle(status === 'incomplete' || status === 'failed' ? status : 'completed', telling.end);
}

/** The item as it looks before anything is in it. */
function opened(item: JsonObject): JsonObject {
  const isMessage = item['type'] === 'message';
  // What is searched for is known when the search is over.
  const { action: _action, ...begun } = item;
  return {
    ...begun,
    ...(item['status'] === undefined ? {} : { status: 'in_progress' }),
    ...(isMessage ? { content: [] } : {}),
    ...(item['summary'] === undefined ? {} : { summary: [], encrypted_content: '' }),
    ...(item['arguments'] === undefined ? {} : { arguments: '' }),
    ...(item['input'] === undefined ? {} : { input: '' }),
    ...(item['code'] === undefined ? {} : { code: '', outputs: null }),
  };
}

function* tellItem(item: JsonObject, index: number, telling: Telling): Generator<Event> {
  const place = { item_id: item['id'] ?? null, output_index: index };
  const tokensOf = (text: string): readonly string[] => telling.answer.tokensOf(text);
  const summary = isArray(item['summary']) ? item['summary'] : [];
  const content = isArray(item['content']) ? item['content'] : [];
  for (const [summaryIndex, part] of summary.entries()) {
    yield* tellSummary(textOf(part, 'text'), tokensOf, { ...place, summary_index: summaryIndex });
  }
  for (const [contentIndex, part] of content.entries()) {
    if (isObject(part)) yield* tellPart(part, telling, { ...place, content_index: contentIndex });
  }
  yield* tellSteps(item, place, tokensOf);
  for (const [field, stem] of writtenFields) {
    if (typeof item[field] !== 'string') continue;
    for (const delta of tokensOf(item[field])) {
      yield { type: `response.${stem}.delta`, fields: { ...place, delta }, isToken: true };
    }
    yield { type: `response.${stem}.done`, fields: { ...place, [field]: item[field] } };
  }
}

/** States that items of the provider's own tools go through. */
function* tellSteps(
  item: JsonObject,
  place: JsonObject,
  tokensOf: (text: string) => readonly string[],
): Generator<Event> {
  const stem = `response.${textOr(item['type'])}`;
  const state = (name: string): Event => ({ type: `${stem}.${name}`, fields: place });
  if (item['type'] === 'web_search_call') {
    yield* ['in_progress', 'searching', 'completed'].map((name) => state(name));
  }
  if (item['type'] !== 'code_interpreter_call') return;
  const code = textOr(item['code']);
  yield state('in_progress');
  for (const delta of tokensOf(code)) {
    yield { type: `${stem}_code.delta`, fields: { ...place, delta }, isToken: true };
  }
  yield { type: `${stem}_code.done`, fields: { ...place, code } };
  yield state('interpreting');
  yield state('completed');
}

const writtenFields = [
  ['arguments', 'function_call_arguments'],
  ['input', 'custom_tool_call_input'],
] as const;

function* tellSummary(
  text: string,
  tokensOf: (text: string) => readonly string[],
  place: JsonObject,
): Generator<Event> {
  const part = (text: string): Json => ({ type: 'summary_text', text });
  const stem = 'response.reasoning_summary';
  yield { type: `${stem}_part.added`, fields: { ...place, part: part('') } };
  for (const delta of tokensOf(text)) {
    yield { type: `${stem}_text.delta`, fields: { ...place, delta }, isToken: true };
  }
  yield { type: `${stem}_text.done`, fields: { ...place, text } };
  yield { type: `${stem}_part.done`, fields: { ...place, part: part(text) } };
}

function* tellPart(part: JsonObject, telling: Telling, place: JsonObject): Generator<Event> {
  const isRefusal = part['type'] === 'refusal';
  const field = isRefusal ? 'refusal' : 'text';
  const stem = isRefusal ? 'response.refusal' : 'response.output_text';
  const text = textOf(part, field);
  const { topLogprobs } = telling;
  const logprobs = (tokens: readonly string[]): readonly Json[] =>
    topLogprobs === undefined ? [] : logprobsOf(tokens, topLogprobs);
  const empty = isRefusal ? { refusal: '' } : { annotations: [], logprobs: [], text: '' };
  yield { type: 'response.content_part.added', fields: { ...place, part: { ...part, ...empty } } };
  const notes = objectsOf(part['annotations']);
  const tokens = deltasOf(text, notes, telling);
  let told = 0;
  for (const delta of tokens) {
    const extra = isRefusal ? {} : { logprobs: logprobs([delta]) };
    yield { type: `${stem}.delta`, fields: { ...place, delta, ...extra }, isToken: true };
    told += delta.length;
    for (const [index, annotation] of notes.entries()) {
      if (annotation['end_index'] !== told) continue;
      yield {
        type: 'response.output_text.annotation.added',
        fields: { ...place, annotation_index: index, annotation },
      };
    }
  }
  const extra = isRefusal ? {} : { logprobs: logprobs(tokens) };
  yield { type: `${stem}.done`, fields: { ...place, [field]: text, ...extra } };
  yield { type: 'response.content_part.done', fields: { ...place, part } };
}

/** What an annotation spans is one delta, told just before it (recorded 2026). */
function deltasOf(text: string, notes: readonly JsonObject[], telling: Telling): readonly string[] {
  const deltas: string[] = [];
  let at = 0;
  for (const note of notes) {
    const [start, end] = [Number(note['start_index']), Number(note['end_index'])];
    deltas.push(...telling.answer.tokensOf(text.slice(at, start)), text.slice(start, end));
    at = end;
  }
  return [...deltas, ...telling.answer.tokensOf(text.slice(at))];
}

function textOf(part: Json, field: string): string {
  return isObject(part) ? textOr(part[field]) : '';
}
