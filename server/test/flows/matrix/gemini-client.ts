import {
  ApiError,
  GoogleGenAI,
  type Content,
  type GenerateContentConfig,
  type GenerateContentResponse,
  type Part,
} from '@google/genai';
import type {
  Conversation,
  ConversationOptions,
  MatrixClient,
  RelayAddress,
  Seen,
  Turn,
} from './conversation.ts';
import { toolSchema } from './scenarios.ts';

/** The official client on Gemini's generateContent. */
export function geminiClient({ url, key }: RelayAddress): MatrixClient {
  const google = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: url } });
  return {
    protocol: 'gemini',
    open: (options) => openConversation(google, options),
    async abort(model, prompt) {
      const gone = new AbortController();
      const config = { abortSignal: gone.signal };
      const stream = await google.models.generateContentStream({ model, contents: prompt, config });
      for await (const chunk of stream) if (chunk.text !== undefined && chunk.text !== '') break;
      gone.abort();
    },
    statusOf: (error) => (error instanceof ApiError ? error.status : undefined),
  };
}

function openConversation(google: GoogleGenAI, options: ConversationOptions): Conversation {
  const contents: Content[] = [];
  const config: GenerateContentConfig = {
    ...(options.thinks === true ? { thinkingConfig: { includeThoughts: true, thinkingBudget: 2_000 } } : {}),
    ...(options.tools === undefined
      ? {}
      : { tools: [{ functionDeclarations: options.tools.map(declared) }] }),
    ...(options.schema === undefined
      ? {}
      : { responseMimeType: 'application/json', responseJsonSchema: options.schema }),
  };
  return {
    async ask(turn) {
      contents.push({ role: 'user', parts: partsOf(turn) });
      const params = { model: options.model, contents, config };
      const responses =
        turn.isStreamed === true
          ? await Array.fromAsync(await google.models.generateContentStream(params))
          : [await google.models.generateContent(params)];
      const parts = responses.flatMap((response) => response.candidates?.[0]?.content?.parts ?? []);
      contents.push({ role: 'model', parts });
      return seen(parts, responses.at(-1));
    },
  };
}

function seen(parts: readonly Part[], last: GenerateContentResponse | undefined): Seen {
  const textOf = (isThought: boolean): string =>
    parts.map((part) => ((part.thought === true) === isThought ? (part.text ?? '') : '')).join('');
  const usage = last?.usageMetadata;
  return {
    text: textOf(false),
    reasoning: textOf(true),
    calls: parts.flatMap(({ functionCall: call }, index) =>
      call === undefined ? [] : [{ id: call.id ?? String(index), name: call.name ?? '', input: call.args }],
    ),
    outputTokens: usage?.candidatesTokenCount ?? 0,
    reasoningTokens: usage?.thoughtsTokenCount ?? 0,
  };
}

function partsOf({ text = '', image, results }: Turn): Part[] {
  if (results !== undefined) {
    return results.map(({ call, text: output }) => ({
      functionResponse: { id: call.id, name: call.name, response: { output } },
    }));
  }
  const picture: Part[] = image === undefined ? [] : [{ inlineData: { mimeType: 'image/png', data: image } }];
  return [...picture, { text }];
}

function declared(name: string) {
  return { name, parametersJsonSchema: toolSchema };
}
