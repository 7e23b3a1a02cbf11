import { collect } from '../canonical/collect.ts';
import { choicesOf, eventsOfChoice, tokenLogprobs } from '../canonical/choices.ts';
import type { CanonicalEvent, StopReason, TokenLogprob } from '../canonical/events.ts';
import { asString } from '../canonical/read-json.ts';
import type { CanonicalRequest, Json, JsonObject } from '../canonical/request.ts';
import { encodeOpenAiUsage } from '../openai-usage-report.ts';
import type { EventEncoder } from '../wire-protocol.ts';

/** Client half: text choices, streamed and whole. What is not text has no word on this wire. */
const finishReasons: Readonly<Record<StopReason, string>> = {
  end: 'stop',
  length: 'length',
  'context-full': 'length',
  'stop-sequence': 'stop',
  'tool-calls': 'stop',
  refusal: 'content_filter',
  filter: 'content_filter',
  pause: 'stop',
  malformed: 'stop',
  other: 'stop',
};

export function createEncoder(request: CanonicalRequest): EventEncoder {
  const state = new CompletionEncoder(request);
  return { push: (event) => state.push(event) };
}

function completionId(id: string): string {
  return id.startsWith('cmpl-') ? id : `cmpl-${id}`;
}

function promptEcho(request: CanonicalRequest): string {
  return asString(request.extra['echo']) ?? '';
}

/** Where the tokens of an answer stand in its text. */
function encodeLogprobs(tokens: readonly TokenLogprob[], offset: number): JsonObject | null {
  if (tokens.length === 0) return null;
  let at = offset;
  const offsets = tokens.map(({ token }) => {
    const start = at;
    at += token.length;
    return start;
  });
  return {
    tokens: tokens.map(({ token }) => token),
    token_logprobs: tokens.map(({ logprob }) => logprob),
    top_logprobs: tokens.map(({ top }) =>
      Object.fromEntries(top.map((item): [string, Json] => [item.token, item.logprob])),
    ),
    text_offset: offsets,
  };
}

class CompletionEncoder {
  readonly #request: CanonicalRequest;
  readonly #choices: number;
  readonly #stops = new Map<number, StopReason>();
  readonly #lengths = new Map<number, number>();
  #head: JsonObject | undefined;
  #usage: JsonObject | undefined;

  constructor(request: CanonicalRequest) {
    this.#request = request;
    this.#choices = choicesOf(request);
  }

  push(event: CanonicalEvent): string {
    const choice = event.choice ?? 0;
    if (event.type === 'start') return this.#head === undefined ? this.#start(event) : '';
    if (event.type === 'text-delta' || event.type === 'refusal-delta')
      return event.text === '' ? '' : this.#text(choice, event);
    if (event.type === 'usage') this.#usage = encodeOpenAiUsage(event.usage);
    if (event.type === 'stop') this.#stops.set(choice, event.reason);
    return event.type === 'end' ? this.#end() : '';
  }

  #start(start: Partial<Extract<CanonicalEvent, { type: 'start' }>>): string {
    const { id = '', model = '', createdAtSeconds = 0 } = start;
    this.#head = {
      id: completionId(id),
      object: 'text_completion',
      created: createdAtSeconds,
      model: model === '' ? this.#request.model : model,
    };
    const echo = promptEcho(this.#request);
    if (echo === '') return '';
    return Array.from({ length: this.#choices }, (_, choice) => this.#text(choice, { text: echo })).join('');
  }

  #text(
    choice: number,
    { text, logprobs = [] }: { readonly text: string; readonly logprobs?: readonly TokenLogprob[] },
  ): string {
    const offset = this.#lengths.get(choice) ?? 0;
    this.#lengths.set(choice, offset + text.length);
    return this.#chunk([
      { text, index: choice, logprobs: encodeLogprobs(logprobs, offset), finish_reason: null },
    ]);
  }

  #chunk(choices: readonly JsonObject[], usage?: JsonObject): string {
    const opening = this.#head === undefined ? this.#start({}) : '';
    const told = usage ?? (this.#request.includeUsage ? { usage: null } : {});
    return `${opening}data: ${JSON.stringify({ ...this.#head, choices, ...told })}\n\n`;
  }

  #end(): string {
    const finished = Array.from({ length: this.#choices }, (_, index) =>
      this.#chunk([
        {
          text: '',
          index,
          logprobs: null,
          finish_reason: finishReasons[this.#stops.get(index) ?? 'other'],
        },
      ]),
    ).join('');
    const usage = this.#request.includeUsage ? this.#chunk([], { usage: this.#usage ?? null }) : '';
    return `${finished}${usage}data: [DONE]\n\n`;
  }
}

export function encodeUnary(events: readonly CanonicalEvent[], request: CanonicalRequest): JsonObject {
  const echo = promptEcho(request);
  const answers = Array.from({ length: choicesOf(request) }, (_, index) => {
    const own = eventsOfChoice(events, index);
    const answer = collect(own);
    const text = answer.parts.flatMap((part) =>
      part.type === 'text' || part.type === 'refusal' ? [part.text] : [],
    );
    return {
      answer,
      choice: {
        text: echo + text.join(''),
        index,
        logprobs: encodeLogprobs(tokenLogprobs(own), echo.length),
        finish_reason: finishReasons[answer.stop],
      },
    };
  });
  const first = answers[0]?.answer ?? collect(events);
  return {
    id: completionId(first.id),
    object: 'text_completion',
    created: first.createdAtSeconds ?? 0,
    model: first.model === '' ? request.model : first.model,
    choices: answers.map(({ choice }) => choice),
    usage: encodeOpenAiUsage(first.usage),
  };
}
