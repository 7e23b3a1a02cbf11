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
  parsed,
  textAt,
} from './shape.ts';

/** Anthropic Messages as its clients read it. */
export const strictMessages: StrictReader = { readStream, readUnary, readError };

const stopReasons = [
  'end_turn',
  'max_tokens',
  'stop_sequence',
  'tool_use',
  'pause_turn',
  'refusal',
  'model_context_window_exceeded',
  'compaction',
];

interface Block {
  readonly start: JsonObject;
  readonly type: string;
  pieces: string[];
  isSigned: boolean;
}

interface Reading {
  usage: JsonObject | undefined;
  blocks: Block[];
  open: Block | undefined;
  stop: string | undefined;
  isOver: boolean;
  error: string | undefined;
}

function readStream(text: string): ReadAnswer {
  const reading: Reading = {
    usage: undefined,
    blocks: [],
    open: undefined,
    stop: undefined,
    isOver: false,
    error: undefined,
  };
  for (const { event, data } of framesOf(text)) {
    const payload = parsed(data);
    const type = nameAt(payload, 'type');
    demand(event === type, `the event ${event ?? 'without name'} carries ${type}`);
    demand(!reading.isOver, `${type} comes after the end`);
    const step = steps[type];
    demand(step !== undefined, `there is no event ${type}`);
    demand(
      reading.usage !== undefined || type === 'message_start' || type === 'ping' || type === 'error',
      `${type} first`,
    );
    step(reading, payload);
  }
  demand(reading.isOver, 'the stream has no end');
  return answerOf(reading);
}

const steps: Readonly<Record<string, (reading: Reading, payload: JsonObject) => void>> = {
  ping: () => undefined,
  message_start(reading, payload) {
    demand(reading.usage === undefined, 'message_start comes twice');
    const message = objectAt(payload, 'message');
    checkMessage(message);
    demand(listAt(message, 'content').length === 0, 'the message starts with content');
    demand(message['stop_reason'] === null, 'the message starts with its stop reason');
    reading.usage = objectAt(message, 'usage');
  },
  content_block_start(reading, payload) {
    demand(reading.open === undefined, 'a block opens inside another');
    demand(reading.stop === undefined, 'a block opens after the stop');
    demand(countAt(payload, 'index') === reading.blocks.length, 'the index of a block is not the next');
    const start = objectAt(payload, 'content_block');
    const type = nameAt(start, 'type');
    reading.open = { start, type, pieces: [], isSigned: false };
    reading.blocks.push(reading.open);
    checkBlockStart(start, type);
  },
  content_block_delta(reading, payload) {
    const { open } = reading;
    demand(open !== undefined, 'a delta without a block');
    demand(countAt(payload, 'index') === reading.blocks.length - 1, 'a delta for another block');
    addDelta(open, objectAt(payload, 'delta'));
  },
  content_block_stop(reading, payload) {
    demand(reading.open !== undefined, 'a block stops twice');
    demand(countAt(payload, 'index') === reading.blocks.length - 1, 'another block stops');
    reading.open = undefined;
  },
  message_delta(reading, payload) {
    demand(reading.open === undefined, 'a block is open at the stop');
    demand(reading.stop === undefined, 'message_delta comes twice');
    const delta = objectAt(payload, 'delta');
    reading.stop = oneOf(delta['stop_reason'], stopReasons, 'stop_reason');
    const usage = objectAt(payload, 'usage');
    countAt(usage, 'output_tokens');
    reading.usage = { ...reading.usage, ...usage };
  },
  message_stop(reading) {
    demand(reading.stop !== undefined, 'message_stop without message_delta');
    reading.isOver = true;
  },
  error(reading, payload) {
    reading.error = nameAt(objectAt(payload, 'error'), 'type');
    textAt(objectAt(payload, 'error'), 'message');
    reading.isOver = true;
  },
};

function checkMessage(message: JsonObject): void {
  nameAt(message, 'id');
  nameAt(message, 'model');
  demand(message['type'] === 'message' && message['role'] === 'assistant', 'not a message of the assistant');
  countAt(objectAt(message, 'usage'), 'input_tokens');
  countAt(objectAt(message, 'usage'), 'output_tokens');
}

function checkBlockStart(start: JsonObject, type: string): void {
  if (type === 'text') demand(textAt(start, 'text') === '', 'a text block starts with text');
  if (type === 'thinking') demand(textAt(start, 'thinking') === '', 'a thinking block starts with text');
  if (type === 'redacted_thinking') nameAt(start, 'data');
  if (type !== 'tool_use') return;
  checkCall(start);
  demand(Object.keys(objectAt(start, 'input')).length === 0, 'a call starts with input');
}

function checkCall(call: JsonObject): void {
  demand(/^[A-Za-z0-9_-]{1,64}$/.test(nameAt(call, 'id')), 'the id of a call has odd characters');
  nameAt(call, 'name');
}

const deltaFields: Readonly<Record<string, readonly [block: string, field: string]>> = {
  text_delta: ['text', 'text'],
  thinking_delta: ['thinking', 'thinking'],
  input_json_delta: ['tool_use', 'partial_json'],
};

function addDelta(open: Block, delta: JsonObject): void {
  const type = nameAt(delta, 'type');
  demand(!open.isSigned, `${type} comes after the signature`);
  if (type === 'signature_delta') {
    demand(open.type === 'thinking', `a signature in a block of ${open.type}`);
    nameAt(delta, 'signature');
    open.isSigned = true;
  } else if (type === 'citations_delta') {
    demand(open.type === 'text', `a citation in a block of ${open.type}`);
    nameAt(objectAt(delta, 'citation'), 'type');
  } else {
    const [block, field] = deltaFields[type] ?? [];
    demand(block !== undefined && field !== undefined, `there is no delta ${type}`);
    demand(
      block === open.type || (type === 'input_json_delta' && open.type.endsWith('tool_use')),
      `${type} in a block of ${open.type}`,
    );
    open.pieces.push(textAt(delta, field));
  }
}

function answerOf({ blocks, stop, usage, error }: Reading): ReadAnswer {
  const textOf = (type: string): string =>
    blocks.flatMap((block) => (block.type === type ? block.pieces : [])).join('');
  const calls = blocks.filter((block) => block.type === 'tool_use').map(callOf);
  if (error === undefined) checkStop(stop ?? '', calls);
  return {
    text: textOf('text'),
    reasoning: textOf('thinking'),
    refusal: stop === 'refusal' ? textOf('text') : '',
    calls,
    stop: stop ?? '',
    usage: usage === undefined ? undefined : usageOf(usage),
    ...(error === undefined ? {} : { error }),
  };
}

/** A call as its pieces say it; a provider may send arguments that are not JSON, which the client is told as they are. */
function callOf({ start, pieces }: Block): ReadCall {
  return { id: nameAt(start, 'id'), name: nameAt(start, 'name'), argumentsText: pieces.join('') };
}

/** A client runs its tools when, and only when, it is told to. */
function checkStop(stop: string, calls: readonly ReadCall[]): void {
  demand(stop !== 'tool_use' || calls.length > 0, 'stop_reason is tool_use without a call');
  const isPlain = stop === 'end_turn' || stop === 'stop_sequence';
  demand(!isPlain || calls.length === 0, `stop_reason is ${stop} after a call`);
}

function usageOf(usage: JsonObject): ReadUsage {
  const cacheRead = optionalCount(usage, 'cache_read_input_tokens');
  const written = optionalCount(usage, 'cache_creation_input_tokens');
  const details = usage['output_tokens_details'] as JsonObject | undefined;
  return {
    prompt: countAt(usage, 'input_tokens') + cacheRead + written,
    cacheRead,
    output: countAt(usage, 'output_tokens'),
    reasoning: optionalCount(details ?? undefined, 'thinking_tokens'),
  };
}

function readUnary(body: string): ReadAnswer {
  const message = parsed(body);
  checkMessage(message);
  const blocks = listAt(message, 'content');
  const stop = oneOf(message['stop_reason'], stopReasons, 'stop_reason');
  const textOf = (type: string, field: string): string =>
    blocks.map((block) => (nameAt(block, 'type') === type ? textAt(block, field) : '')).join('');
  const calls = blocks
    .filter((block) => block['type'] === 'tool_use')
    .map((call) => {
      checkCall(call);
      const argumentsText = JSON.stringify(objectAt(call, 'input'));
      return { id: nameAt(call, 'id'), name: nameAt(call, 'name'), argumentsText };
    });
  checkStop(stop, calls);
  const text = textOf('text', 'text');
  return {
    text,
    reasoning: textOf('thinking', 'thinking'),
    refusal: stop === 'refusal' ? text : '',
    calls,
    stop,
    usage: usageOf(objectAt(message, 'usage')),
  };
}

function readError(status: number, body: string): string {
  demand(status >= 400, `an error with status ${status}`);
  const answer = parsed(body);
  demand(answer['type'] === 'error', 'the error has no type');
  nameAt(objectAt(answer, 'error'), 'message');
  return nameAt(objectAt(answer, 'error'), 'type');
}
