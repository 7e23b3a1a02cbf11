/** Raw requests in each wire protocol, for tests that must see statuses, headers and bytes rather than what a client makes of them. */
export interface WireClient {
  readonly name: string;
  readonly model: string;
  /** Frames that mean "this stream has ended as it should". */
  readonly terminal: RegExp;
  /** The protocol's error event inside a stream. */
  readonly streamError: RegExp;
  path(isStream: boolean): string;
  headers(key: string): Record<string, string>;
  body(prompt: string, isStream: boolean): string;
  /** True when the JSON body is an error as this protocol says it. */
  isErrorBody(body: unknown, status: number): boolean;
}

const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (inner, name) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, name) : undefined),
    value,
  );

const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });

export const wireClients: readonly WireClient[] = [
  {
    name: 'chat completions',
    model: 'gpt-4.1-mini',
    terminal: /data: \[DONE\]\n\n$/,
    streamError: /data: \{"error":/,
    path: () => '/v1/chat/completions',
    headers: bearer,
    body: (prompt, stream) =>
      JSON.stringify({
        model: 'gpt-4.1-mini',
        messages: [{ role: 'user', content: prompt }],
        ...(stream ? { stream, stream_options: { include_usage: true } } : {}),
      }),
    isErrorBody: (body) =>
      typeof at(body, 'error', 'message') === 'string' && at(body, 'error', 'type') !== undefined,
  },
  {
    name: 'responses',
    model: 'gpt-4.1-mini',
    terminal: /event: response\.completed\ndata: .*\n\n$/,
    streamError: /event: (?:response\.failed|error)\n|data: \{"error":/,
    path: () => '/v1/responses',
    headers: bearer,
    body: (prompt, stream) =>
      JSON.stringify({ model: 'gpt-4.1-mini', input: prompt, ...(stream ? { stream } : {}) }),
    isErrorBody: (body) =>
      typeof at(body, 'error', 'message') === 'string' && at(body, 'error', 'type') !== undefined,
  },
  {
    name: 'messages',
    model: 'claude-sonnet-4-5',
    terminal: /event: message_stop\ndata: .*\n\n$/,
    streamError: /event: error\n/,
    path: () => '/v1/messages',
    headers: (key) => ({ 'x-api-key': key, 'anthropic-version': '2023-06-01' }),
    body: (prompt, stream) =>
      JSON.stringify({
        model: 'claude-sonnet-4-5',
        max_tokens: 2_000,
        messages: [{ role: 'user', content: prompt }],
        ...(stream ? { stream } : {}),
      }),
    isErrorBody: (body) => at(body, 'type') === 'error' && typeof at(body, 'error', 'type') === 'string',
  },
  {
    name: 'generate content',
    model: 'gemini-2.5-flash',
    terminal: /"finishReason":"STOP".*(?:\r\n){2}$/s,
    streamError: /data: \{"error":/,
    path: (isStream) =>
      `/v1beta/models/gemini-2.5-flash:${isStream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    headers: (key) => ({ 'x-goog-api-key': key }),
    body: (prompt) => JSON.stringify({ contents: [{ role: 'user', parts: [{ text: prompt }] }] }),
    isErrorBody: (body, status) =>
      (at(body, 'error', 'code') === status || status === 429 || status === 402) &&
      typeof at(body, 'error', 'status') === 'string',
  },
];

export interface WireAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** True when the connection ended before the answer did. */
  readonly isCut: boolean;
}

/** Sends one request and reads the answer to its end, however it ends. */
export async function ask(
  target: { readonly url: string; readonly key: string },
  client: WireClient,
  wish: { readonly prompt: string; readonly isStream: boolean },
): Promise<WireAnswer> {
  const response = await fetch(target.url + client.path(wish.isStream), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...client.headers(target.key) },
    body: client.body(wish.prompt, wish.isStream),
  });
  let text = '';
  try {
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString();
    return { status: response.status, headers: response.headers, text, isCut: false };
  } catch {
    return { status: response.status, headers: response.headers, text, isCut: true };
  }
}
