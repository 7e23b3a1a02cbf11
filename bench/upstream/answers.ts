/** The mock upstream's answers as ready bytes: an OpenAI chat completion and its stream. */

/** A model of today with a known price, so that a relay that keeps books has something to settle. */
export const BENCH_MODEL = 'gpt-4.1-mini';

/** `mock-json-1024` or `mock-sse-<chunks>-<ms>`: the first word of the system text, so it survives any relay. */
export type AnswerMode =
  | { readonly kind: 'json'; readonly bytes: number }
  | { readonly kind: 'sse'; readonly chunks: number; readonly paceMs: number };

const MODE = /^mock-(?:json-(\d+)|sse-(\d+)-(\d+))$/;
const CREATED = 1_790_000_000;
const DELTA_BYTES = 213;
const USAGE = '"usage":{"prompt_tokens":512,"completion_tokens":220,"total_tokens":732}';

export function answerMode(mode: string): AnswerMode | null {
  const match = MODE.exec(mode);
  if (match === null) return null;
  if (match[1] !== undefined) return { kind: 'json', bytes: Number(match[1]) };
  return { kind: 'sse', chunks: Number(match[2]), paceMs: Number(match[3]) };
}

function padded(before: string, after: string, bytes: number): string {
  return (
    before + 'lorem ipsum '.repeat(bytes).slice(0, Math.max(1, bytes - before.length - after.length)) + after
  );
}

/** A whole answer, head and body; the body has exactly `bytes` bytes when that is enough to hold the fields. */
export function unaryAnswer(bytes: number): Buffer {
  const before = `{"id":"chatcmpl-bench","object":"chat.completion","created":${CREATED},"model":"${BENCH_MODEL}","choices":[{"index":0,"message":{"role":"assistant","content":"`;
  const after = `"},"logprobs":null,"finish_reason":"stop"}],${USAGE}}`;
  const body = padded(before, after, bytes);
  const head = [
    'HTTP/1.1 200 OK',
    'content-type: application/json',
    'x-request-id: req_bench',
    `content-length: ${body.length}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`, 'latin1');
}

function chunk(data: string): string {
  return `${data.length.toString(16)}\r\n${data}\r\n`;
}

function event(rest: string): string {
  return `data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":${CREATED},"model":"${BENCH_MODEL}",${rest}}\n\n`;
}

function choice(delta: string, finish: string): string {
  return `"choices":[{"index":0,"delta":${delta},"logprobs":null,"finish_reason":${finish}}]`;
}

export interface StreamAnswer {
  /** Head of the response and the event that carries the role. */
  readonly opening: Buffer;
  /** The opening with the first delta. */
  readonly start: Buffer;
  /** One content delta in its own HTTP chunk. */
  readonly delta: Buffer;
  /** Finish, usage, [DONE] and the end of the chunked body. */
  readonly closing: Buffer;
}

export function streamAnswer(): StreamAnswer {
  const head =
    'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\n' +
    'x-request-id: req_bench\r\ntransfer-encoding: chunked\r\n\r\n';
  const role = event(choice('{"role":"assistant","content":""}', 'null'));
  const [before, after] = event(choice('{"content":"@"}', 'null')).split('@') as [string, string];
  const finish = event(choice('{}', '"stop"'));
  const usage = event(`"choices":[],${USAGE}`);
  const opening = Buffer.from(head + chunk(role), 'latin1');
  const delta = Buffer.from(chunk(padded(before, after, DELTA_BYTES)), 'latin1');
  return {
    opening,
    start: Buffer.concat([opening, delta]),
    delta,
    closing: Buffer.from(`${chunk(finish) + chunk(usage) + chunk('data: [DONE]\n\n')}0\r\n\r\n`, 'latin1'),
  };
}

/** What a request that names no mode gets. */
export const UNKNOWN_MODE = Buffer.from(
  'HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\ncontent-length: 96\r\n\r\n' +
    '{"error":{"message":"unknown mode","type":"invalid_request_error","param":null,"code":null}}'.padEnd(96),
  'latin1',
);
