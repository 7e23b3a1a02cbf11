/**
 * Tools that a provider runs itself, asked for with the official clients. Each client keeps its history in its own form
 * and says what it was told in words of no protocol. Must not know which upstream answers. Begin with
 * `../hosted-tools.test.ts`.
 */
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI, type Content, type GroundingMetadata, type Part } from '@google/genai';
import OpenAI from 'openai';

/** What a client reads of an answer whose provider searched and ran code. */
export interface Told {
  readonly text: string;
  /** Each source with the words that rest on it. */
  readonly cited: readonly { readonly url: string; readonly words: string }[];
  readonly queries: readonly string[];
  readonly code: readonly string[];
  readonly outputs: readonly string[];
}

export interface HostedClient {
  /** Goes on from all that was said before. */
  ask(prompt: string, how: { readonly model: string; readonly isStreamed: boolean }): Promise<Told>;
}

export interface RelayAddress {
  readonly url: string;
  readonly key: string;
}

export type OpenClient = (relay: RelayAddress) => HostedClient;

export const openMessages: OpenClient = ({ url, key }) => {
  const client = new Anthropic({ baseURL: url, apiKey: key, maxRetries: 0 });
  const messages: Anthropic.MessageParam[] = [];
  return {
    async ask(prompt, { model, isStreamed }) {
      messages.push({ role: 'user', content: prompt });
      const request: Anthropic.MessageCreateParamsNonStreaming = {
        model,
        max_tokens: 2_000,
        messages,
        tools: [
          { type: 'web_search_20250305', name: 'web_search' },
          { type: 'code_execution_20250825', name: 'code_execution' },
        ],
      };
      const { content } = isStreamed
        ? await client.messages.stream(request).finalMessage()
        : await client.messages.create(request);
      messages.push({ role: 'assistant', content });
      return toldByBlocks(content);
    },
  };
};

function toldByBlocks(content: readonly Anthropic.ContentBlock[]): Told {
  const texts = content.filter((block) => block.type === 'text');
  const inputs = content.flatMap((block) =>
    block.type === 'server_tool_use' ? [block.input as Readonly<Record<string, string>>] : [],
  );
  return {
    text: texts.map(({ text }) => text).join(''),
    cited: texts.flatMap(({ text, citations }) =>
      (citations ?? []).flatMap((citation) =>
        citation.type === 'web_search_result_location' ? [{ url: citation.url, words: text.trim() }] : [],
      ),
    ),
    queries: inputs.flatMap(({ query }) => query ?? []),
    code: inputs.flatMap(({ code, command }) => code ?? command ?? []),
    outputs: content.flatMap((block) => {
      const result =
        block.type === 'code_execution_tool_result' || block.type === 'bash_code_execution_tool_result'
          ? block.content
          : undefined;
      return result !== undefined && 'stdout' in result ? [result.stdout + result.stderr] : [];
    }),
  };
}

export const openResponses: OpenClient = ({ url, key }) => {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 });
  const input: OpenAI.Responses.ResponseInputItem[] = [];
  return {
    async ask(prompt, { model, isStreamed }) {
      input.push({ role: 'user', content: prompt });
      const request: OpenAI.Responses.ResponseCreateParamsNonStreaming = {
        model,
        input,
        tools: [{ type: 'web_search' }, { type: 'code_interpreter', container: { type: 'auto' } }],
        include: ['web_search_call.action.sources', 'code_interpreter_call.outputs'],
      };
      const { output } = isStreamed
        ? await completed(await client.responses.create({ ...request, stream: true }))
        : await client.responses.create(request);
      input.push(...(output as OpenAI.Responses.ResponseInputItem[]));
      return toldByItems(output);
    },
  };
};

/** The response as its last event has it: the stream helper adds fields that may not go back. */
async function completed(
  events: AsyncIterable<OpenAI.Responses.ResponseStreamEvent>,
): Promise<OpenAI.Responses.Response> {
  const all = await Array.fromAsync(events);
  const last = all.find((event) => event.type === 'response.completed');
  if (last === undefined) throw new Error('The stream did not complete.');
  return last.response;
}

function toldByItems(output: readonly OpenAI.Responses.ResponseOutputItem[]): Told {
  const parts = output.flatMap((item) => (item.type === 'message' ? item.content : []));
  const texts = parts.filter((part) => part.type === 'output_text');
  const runs = output.filter((item) => item.type === 'code_interpreter_call');
  return {
    text: texts.map(({ text }) => text).join(''),
    cited: texts.flatMap(({ text, annotations }) =>
      annotations.flatMap((note) =>
        note.type === 'url_citation'
          ? [{ url: note.url, words: text.slice(note.start_index, note.end_index).trim() }]
          : [],
      ),
    ),
    queries: output.flatMap((item) =>
      item.type === 'web_search_call' && item.action.type === 'search' ? (item.action.queries ?? []) : [],
    ),
    code: runs.flatMap(({ code }) => code ?? []),
    outputs: runs.flatMap(({ outputs }) =>
      (outputs ?? []).flatMap((out) => (out.type === 'logs' ? [out.logs] : [])),
    ),
  };
}

export const openGemini: OpenClient = ({ url, key }) => {
  const client = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: url } });
  const contents: Content[] = [];
  return {
    async ask(prompt, { model, isStreamed }) {
      contents.push({ role: 'user', parts: [{ text: prompt }] });
      const request = { model, contents, config: { tools: [{ googleSearch: {} }, { codeExecution: {} }] } };
      const chunks = isStreamed
        ? await Array.fromAsync(await client.models.generateContentStream(request))
        : [await client.models.generateContent(request)];
      const candidates = chunks.flatMap((chunk) => chunk.candidates ?? []);
      const parts = candidates.flatMap(({ content }) => content?.parts ?? []);
      contents.push({ role: 'model', parts });
      return toldByParts(
        parts,
        candidates.findLast((candidate) => candidate.groundingMetadata !== undefined)?.groundingMetadata,
      );
    },
  };
};

function toldByParts(parts: readonly Part[], grounding: GroundingMetadata | undefined): Told {
  const text = parts.map((part) => (part.thought === true ? '' : (part.text ?? ''))).join('');
  const bytes = Buffer.from(text);
  return {
    text,
    cited: (grounding?.groundingSupports ?? []).flatMap(({ segment, groundingChunkIndices }) =>
      (groundingChunkIndices ?? []).map((index) => ({
        url: grounding?.groundingChunks?.[index]?.web?.uri ?? '',
        words: bytes.toString('utf8', segment?.startIndex ?? 0, segment?.endIndex).trim(),
      })),
    ),
    queries: grounding?.webSearchQueries ?? [],
    code: parts.flatMap(({ executableCode }) => executableCode?.code ?? []),
    outputs: parts.flatMap(({ codeExecutionResult }) => codeExecutionResult?.output ?? []),
  };
}

/** Chat has an option to search, no interpreter, and tells sources alone. */
export const openChat: OpenClient = ({ url, key }) => {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 });
  const messages: OpenAI.ChatCompletionMessageParam[] = [];
  return {
    async ask(prompt, { model, isStreamed }) {
      messages.push({ role: 'user', content: prompt });
      const request = { model, messages, web_search_options: { search_context_size: 'low' } } as const;
      const said = isStreamed
        ? await streamed(await client.chat.completions.create({ ...request, stream: true }))
        : (await client.chat.completions.create(request)).choices[0]?.message;
      const text = said?.content ?? '';
      const annotations = said?.annotations ?? [];
      messages.push({ role: 'assistant', content: text });
      const cited = annotations.map(
        ({ url_citation: { url: source, start_index: from, end_index: to } }) => ({
          url: source,
          words: text.slice(from, to).trim(),
        }),
      );
      return { text, cited, queries: [], code: [], outputs: [] };
    },
  };
};

/** The official types leave out the annotations of a stream. */
type Delta = { readonly content?: string | null; readonly annotations?: Annotations };
type Annotations = NonNullable<OpenAI.ChatCompletionMessage['annotations']>;

async function streamed(
  chunks: AsyncIterable<OpenAI.ChatCompletionChunk>,
): Promise<{ readonly content: string; readonly annotations: Annotations }> {
  let content = '';
  const annotations: Annotations = [];
  for await (const { choices } of chunks) {
    const delta: Delta | undefined = choices[0]?.delta;
    content += delta?.content ?? '';
    annotations.push(...(delta?.annotations ?? []));
  }
  return { content, annotations };
}
