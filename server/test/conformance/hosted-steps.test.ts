import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { collect } from '../../src/protocols/canonical/collect.ts';
import type { CanonicalEvent } from '../../src/protocols/canonical/events.ts';
import type { JsonObject } from '../../src/protocols/canonical/request.ts';
import { code, encode, names, requests, search, sides, type Name } from './hosted-material.ts';

/** One answer of each provider: it searched, found a page, and cites it; it ran code and read the output. */
const text = 'Tårnet er 8 m.';
const answers: Readonly<Record<Name, JsonObject>> = {
  anthropic: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude',
    content: [
      { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'tower' } },
      {
        type: 'web_search_tool_result',
        tool_use_id: 'srvtoolu_1',
        content: [
          { type: 'web_search_result', url: 'https://t.example/a', title: 'A', encrypted_content: 'e' },
        ],
      },
      { type: 'server_tool_use', id: 'srvtoolu_2', name: 'code_execution', input: { code: 'print(8)' } },
      {
        type: 'code_execution_tool_result',
        tool_use_id: 'srvtoolu_2',
        content: { type: 'code_execution_result', stdout: '8', stderr: '', return_code: 0, content: [] },
      },
      {
        type: 'text',
        text,
        citations: [
          { type: 'web_search_result_location', url: 'https://t.example/a', title: 'A', cited_text: 'c' },
        ],
      },
    ],
    stop_reason: 'end_turn',
    usage: { input_tokens: 5, output_tokens: 5, server_tool_use: { web_search_requests: 1 } },
  },
  responses: {
    id: 'resp_1',
    object: 'response',
    status: 'completed',
    model: 'gpt',
    output: [
      {
        id: 'ws_1',
        type: 'web_search_call',
        status: 'completed',
        action: { type: 'search', query: 'tower', sources: [{ type: 'url', url: 'https://t.example/a' }] },
      },
      {
        id: 'ci_1',
        type: 'code_interpreter_call',
        status: 'completed',
        code: 'print(8)',
        outputs: [{ type: 'logs', logs: '8' }],
      },
      {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        status: 'completed',
        content: [
          {
            type: 'output_text',
            text,
            annotations: [
              {
                type: 'url_citation',
                url: 'https://t.example/a',
                title: 'A',
                start_index: 0,
                end_index: text.length,
              },
            ],
          },
        ],
      },
    ],
    usage: { input_tokens: 5, output_tokens: 5, total_tokens: 10 },
  },
  gemini: {
    responseId: 'r1',
    modelVersion: 'gemini',
    candidates: [
      {
        index: 0,
        content: {
          role: 'model',
          parts: [
            { executableCode: { language: 'PYTHON', code: 'print(8)' } },
            { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '8' } },
            { text },
          ],
        },
        finishReason: 'STOP',
        groundingMetadata: {
          webSearchQueries: ['tower'],
          groundingChunks: [{ web: { uri: 'https://t.example/a', title: 'A' } }],
          groundingSupports: [
            {
              segment: { startIndex: 0, endIndex: Buffer.byteLength(text), text },
              groundingChunkIndices: [0],
            },
          ],
        },
      },
    ],
    usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 5, totalTokenCount: 10 },
  },
};

function eventsOf(from: Name): readonly CanonicalEvent[] {
  const request = requests[from]([search[from], code[from]]);
  return sides[from].translation.decodeUnary(answers[from], request);
}

/** What the client of a protocol reads of the steps, in plain words. */
const readers: Readonly<Record<Name, (answer: JsonObject) => JsonObject>> = {
  anthropic(answer) {
    const blocks = answer['content'] as readonly JsonObject[];
    const uses = blocks.filter(({ type }) => type === 'server_tool_use');
    const ids = new Set(blocks.map((block) => block['tool_use_id']));
    assert.ok(
      uses.every(({ id }) => ids.has(id)),
      'every use has its result',
    );
    const inputs = uses.map(({ input }) => input as JsonObject);
    const cited = blocks.flatMap((block) => (block['citations'] ?? []) as readonly JsonObject[]);
    return {
      query: inputs.find((input) => 'query' in input)?.['query'] ?? null,
      code: inputs.find((input) => 'code' in input)?.['code'] ?? null,
      output: JSON.stringify(blocks).includes('"stdout":"8"'),
      cites: cited.map(({ url }) => url ?? null),
      searches:
        ((answer['usage'] as JsonObject)['server_tool_use'] as JsonObject)['web_search_requests'] ?? 0,
    };
  },
  responses(answer) {
    const items = answer['output'] as readonly JsonObject[];
    const find = (type: string): JsonObject => items.find((item) => item['type'] === type) ?? {};
    const [content] = (find('message')['content'] ?? []) as readonly JsonObject[];
    const cited = (content?.['annotations'] ?? []) as readonly JsonObject[];
    for (const { start_index, end_index } of cited)
      assert.deepEqual([start_index, end_index], [0, text.length]);
    return {
      query: (find('web_search_call')['action'] as JsonObject)['query'] ?? null,
      code: find('code_interpreter_call')['code'] ?? null,
      output: JSON.stringify(find('code_interpreter_call')).includes('"logs":"8"'),
      cites: cited.map(({ url }) => url ?? null),
      searches: 1,
    };
  },
  gemini(answer) {
    const [candidate] = answer['candidates'] as readonly JsonObject[];
    const grounding = candidate?.['groundingMetadata'] as JsonObject;
    const [support] = grounding['groundingSupports'] as readonly JsonObject[];
    assert.ok(support);
    const { startIndex, endIndex } = support['segment'] as JsonObject;
    assert.deepEqual([startIndex, endIndex], [0, Buffer.byteLength(text)]);
    const parts = JSON.stringify(candidate?.['content']);
    return {
      query: (grounding['webSearchQueries'] as readonly string[])[0] ?? null,
      code: /"code":"([^"]+)"/u.exec(parts)?.[1] ?? null,
      output: parts.includes('"output":"8"'),
      cites: (grounding['groundingChunks'] as readonly JsonObject[]).map(
        ({ web }) => (web as JsonObject)['uri'] ?? null,
      ),
      searches: 1,
    };
  },
};

suite('what a tool that the provider ran did', () => {
  for (const from of names) {
    for (const to of names) {
      test(`for ${from} is told to a client of ${to}: query, code, output, sources and how many searches`, () => {
        const events = eventsOf(from);
        const answer = sides[to].translation.encodeUnary(events, requests[to]([search[to], code[to]]));
        assert.deepEqual(readers[to](answer), {
          query: 'tower',
          code: 'print(8)',
          output: true,
          cites: ['https://t.example/a'],
          searches: 1,
        });
        assert.equal(collect(events).usage.webSearches, 1);
      });

      test(`for ${from} is streamed to a client of ${to} as the same`, () => {
        const request = { ...requests[to]([search[to], code[to]]), stream: true };
        const encoder = sides[to].translation.createEncoder(request);
        const streamed = eventsOf(from)
          .map((event) => encoder.push(event))
          .join('');
        for (const said of ['tower', 'print(8)', 'https://t.example/a'])
          assert.ok(streamed.includes(said), said);
      });
    }
  }

  test('is told in words to a model of another provider that goes on from there', () => {
    const content = answers.anthropic['content'];
    const history = [
      { role: 'user', content: 'How high?' },
      { role: 'assistant', content },
      { role: 'user', content: 'Sure?' },
    ];
    const request = requests.anthropic([], { messages: history as never });
    for (const to of ['responses', 'gemini'] as const) {
      const { body, losses } = encode(request, to);
      const said = JSON.stringify(body);
      for (const word of ['Searched the web for: tower', 'https://t.example/a', 'print(8)', 'Output:'])
        assert.ok(said.includes(word), `${to}: ${word}`);
      assert.deepEqual(losses, [], to);
    }
  });
});
