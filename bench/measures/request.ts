import { BENCH_MODEL } from '../upstream/answers.ts';
import type { RunningTarget } from '../targets/target.ts';

export interface RequestOptions {
  /** How the mock upstream is to answer, see `upstream/answers.ts`. */
  readonly mode: string;
  readonly bodyBytes: number;
}

const SYSTEM = 'You are a careful assistant. Answer in short sentences and name your sources. ';
const USER = 'Explain how a light boat crosses ten thousand mountains, and what the crew has to know. ';

function text(sentence: string, bytes: number): string {
  return sentence.repeat(Math.ceil(bytes / sentence.length)).slice(0, Math.max(0, bytes));
}

/** A chat completions body of exactly `bodyBytes` bytes: system and user text, model first, as clients send it. */
export function chatBody({ mode, bodyBytes }: RequestOptions): string {
  const isStream = mode.startsWith('mock-sse');
  const body = (system: string, user: string): string =>
    JSON.stringify({
      model: BENCH_MODEL,
      messages: [
        { role: 'system', content: `${mode} ${system}` },
        { role: 'user', content: user },
      ],
      temperature: 0.7,
      max_tokens: 512,
      ...(isStream ? { stream: true, stream_options: { include_usage: true } } : {}),
    });
  const left = bodyBytes - body('', '').length;
  const systemBytes = Math.floor(left / 3);
  return body(text(SYSTEM, systemBytes), text(USER, left - systemBytes));
}

/** Head and body as one string of ASCII, ready to be written as it is. */
export function requestTo(target: RunningTarget, options: RequestOptions): string {
  const body = chatBody(options);
  const head = [
    'POST /v1/chat/completions HTTP/1.1',
    `host: 127.0.0.1:${target.port}`,
    'user-agent: qingzhou-bench',
    'accept: application/json',
    'content-type: application/json',
    ...Object.entries(target.headers).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${body.length}`,
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
