import { after } from 'node:test';
import { GoogleGenAI } from '@google/genai';
import type { CanonicalRequest } from '../../src/protocols/canonical/request.ts';
import { geminiTranslation } from '../../src/protocols/gemini/translation.ts';
import { createFoldPipe, createTranslationPipe } from '../../src/protocols/translation-pipe.ts';
import type { Translation } from '../../src/protocols/wire-protocol.ts';

/** What the official client makes of an answer of ours. */
interface ReadAnswer {
  readonly text: string;
  readonly calls: readonly unknown[];
  readonly reason: string | undefined;
  readonly total: number | undefined;
}

/** A whole stream of an upstream, and the request it answers. */
interface Given {
  readonly upstream: Translation;
  readonly request: CanonicalRequest;
  readonly bytes: Buffer;
}

/** The client takes no fetch of its own. */
const networkFetch = globalThis.fetch;
after(() => {
  globalThis.fetch = networkFetch;
});

function googleClient({ upstream, request, bytes }: Given): GoogleGenAI {
  const serve: typeof fetch = async (url) => {
    const isStream = JSON.stringify(url).includes('streamGenerateContent');
    const options = { upstream, client: geminiTranslation, request: { ...request, stream: isStream } };
    const pipe = isStream ? createTranslationPipe(options) : createFoldPipe(options);
    const pushed = Buffer.from(pipe.push(Buffer.from(bytes)));
    const body = Buffer.concat([pushed, pipe.finish(), pipe.terminalBytes()]);
    const type = isStream ? 'text/event-stream' : 'application/json';
    return new Response(body, { status: 200, headers: { 'content-type': type } });
  };
  globalThis.fetch = serve;
  return new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: 'http://relay.test' } });
}

export async function readUnary(given: Given): Promise<ReadAnswer> {
  const client = googleClient(given);
  const answer = await client.models.generateContent({ model: 'm', contents: 'Hi' });
  return {
    text: answer.text ?? '',
    calls: answer.functionCalls ?? [],
    reason: answer.candidates?.[0]?.finishReason,
    total: answer.usageMetadata?.totalTokenCount,
  };
}

export async function readStream(given: Given): Promise<ReadAnswer> {
  const client = googleClient(given);
  const read = { text: '', calls: [] as unknown[], reason: undefined as string | undefined };
  let total: number | undefined;
  for await (const chunk of await client.models.generateContentStream({ model: 'm', contents: 'Hi' })) {
    read.text += chunk.text ?? '';
    read.calls.push(...(chunk.functionCalls ?? []));
    read.reason = chunk.candidates?.[0]?.finishReason ?? read.reason;
    total = chunk.usageMetadata?.totalTokenCount ?? total;
  }
  return { ...read, total };
}
