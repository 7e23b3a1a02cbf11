import { isDeepStrictEqual } from 'node:util';
import type { CollectedAnswer } from '../../../server/src/protocols/canonical/collect.ts';
import type { StopReason } from '../../../server/src/protocols/canonical/events.ts';
import type { CanonicalRequest, Json } from '../../../server/src/protocols/canonical/request.ts';
import type { ClientProtocol, ReadAnswer } from '../../../server/test/conformance/strict/index.ts';
import type { ExpectedUsage } from '../expected-usage.ts';
import { difference, excerpt } from '../differences.ts';

export interface Expectation {
  readonly client: ClientProtocol;
  /** As the client asked, for what it wants to see of reasoning. */
  readonly request: CanonicalRequest;
  /** What the recording says. */
  readonly answer: CollectedAnswer;
  /** Worked out from the recording without the relay's meters; `undefined` where it reports none. */
  readonly usage: ExpectedUsage | undefined;
}

/** Where the client's answer says anything but the recorded one, in the words its protocol has for it. */
export function answerProblems(expected: Expectation, found: ReadAnswer): readonly string[] {
  return [
    ...unequalText('the text', textFor(expected), found.text),
    ...reasoningProblems(expected, found),
    ...refusalProblems(expected, found),
    ...callProblems(expected, found),
    ...stopProblems(expected, found),
    ...usageProblems(expected, found),
  ];
}

function unequalText(what: string, expected: string, found: string): readonly string[] {
  return expected === found ? [] : [`${what} differs ${difference(expected, found)}`];
}

const refusesInText: ReadonlySet<ClientProtocol> = new Set(['anthropic-messages', 'gemini']);

function textFor({ client, answer }: Expectation): string {
  return answer.parts
    .map((part) => {
      if (part.type === 'text') return part.text;
      return part.type === 'refusal' && refusesInText.has(client) ? part.text : '';
    })
    .join('');
}

/** Reasoning reaches whoever did not forbid it; Gemini's clients have to ask for it. */
function reasoningProblems({ client, request, answer }: Expectation, found: ReadAnswer): readonly string[] {
  const said = answer.parts.map((part) => (part.type === 'reasoning' ? part.text : '')).join('');
  const { show, style } = request.reasoning ?? {};
  const isHidden =
    show === 'none' || style === 'off' || (client === 'gemini' && show === undefined) || said === '';
  return unequalText('the reasoning', isHidden ? '' : said, found.reasoning);
}

function refusalProblems({ client, answer }: Expectation, found: ReadAnswer): readonly string[] {
  if (refusesInText.has(client)) return [];
  const said = answer.parts.map((part) => (part.type === 'refusal' ? part.text : '')).join('');
  return unequalText('the refusal', said, found.refusal);
}

function callProblems({ client, answer }: Expectation, found: ReadAnswer): readonly string[] {
  const calls = answer.parts.filter((part) => part.type === 'tool-call');
  if (calls.length !== found.calls.length) {
    return [`${found.calls.length} calls instead of ${calls.length}`];
  }
  return calls.flatMap((call, index) => {
    const read = found.calls[index];
    if (read === undefined) return [];
    const problems: string[] = [];
    if (read.name !== call.name) problems.push(`a call of ${read.name} instead of ${call.name}`);
    if (keepsId(client, call.id) && read.id !== call.id) {
      problems.push(`the call id ${read.id} instead of ${call.id}`);
    }
    if (!isSameInput(call.argumentsText, read.argumentsText)) {
      problems.push(
        `the arguments of ${call.name} differ ${difference(call.argumentsText, read.argumentsText)}`,
      );
    }
    return problems;
  });
}

function keepsId(client: ClientProtocol, id: string): boolean {
  return id !== '' && (client !== 'anthropic-messages' || /^[A-Za-z0-9_-]{1,64}$/.test(id));
}

/** Text is compared as what it means; nothing at all is an empty object, and what is no object is wrapped into one. */
function isSameInput(expected: string, found: string): boolean {
  if (expected === found) return true;
  const [before, after] = [valueOf(expected), valueOf(found)];
  if (before === undefined) return isDeepStrictEqual(after, { _raw: expected });
  return isDeepStrictEqual(before, after) || isDeepStrictEqual({ value: before }, after);
}

function valueOf(text: string): Json | undefined {
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

type StopWords = Readonly<Record<StopReason, readonly string[]>>;

/** The words each wire has for an end; more than one where what was said decides. */
const stopWords: Readonly<Record<ClientProtocol, StopWords>> = {
  'openai-chat': {
    end: ['stop'],
    length: ['length'],
    'context-full': ['length'],
    'stop-sequence': ['stop'],
    'tool-calls': ['tool_calls'],
    refusal: ['stop', 'content_filter'],
    filter: ['content_filter'],
    pause: ['stop'],
    malformed: ['stop', 'tool_calls'],
    other: ['stop', 'tool_calls'],
  },
  'openai-responses': {
    end: ['completed'],
    length: ['max_output_tokens'],
    'context-full': ['max_output_tokens'],
    'stop-sequence': ['completed'],
    'tool-calls': ['completed'],
    refusal: ['completed', 'content_filter'],
    filter: ['content_filter'],
    pause: ['completed'],
    malformed: ['completed', 'failed'],
    other: ['completed'],
  },
  'anthropic-messages': {
    end: ['end_turn'],
    length: ['max_tokens'],
    'context-full': ['model_context_window_exceeded', 'max_tokens'],
    'stop-sequence': ['stop_sequence'],
    'tool-calls': ['tool_use'],
    refusal: ['refusal'],
    filter: ['refusal'],
    pause: ['pause_turn'],
    malformed: ['end_turn', 'tool_use'],
    other: ['end_turn', 'tool_use'],
  },
  gemini: {
    end: ['STOP'],
    length: ['MAX_TOKENS'],
    'context-full': ['MAX_TOKENS'],
    'stop-sequence': ['STOP'],
    'tool-calls': ['STOP'],
    refusal: ['SAFETY'],
    filter: ['SAFETY', 'RECITATION', 'BLOCKLIST', 'PROHIBITED_CONTENT', 'SPII'],
    pause: ['STOP'],
    malformed: ['MALFORMED_FUNCTION_CALL'],
    other: ['OTHER'],
  },
};

function stopProblems({ client, answer }: Expectation, found: ReadAnswer): readonly string[] {
  const words = stopWords[client][answer.stop];
  if (words.includes(found.stop)) return [];
  return [`it ends as ${excerpt(found.stop)} instead of ${words.join(' or ')} (${answer.stop})`];
}

function usageProblems({ usage }: Expectation, found: ReadAnswer): readonly string[] {
  if (usage === undefined) return [];
  const { input, cacheRead, cacheWrite5m, cacheWrite30m, cacheWrite1h, cacheWrite12h, output, reasoning } =
    usage;
  const prompt = input + cacheRead + cacheWrite5m + cacheWrite30m + cacheWrite1h + cacheWrite12h;
  const expected = { prompt, cacheRead, output, reasoning };
  if (found.usage === undefined) return ['the answer has no usage'];
  if (isDeepStrictEqual(expected, found.usage)) return [];
  return [`the usage is ${JSON.stringify(found.usage)} instead of ${JSON.stringify(expected)}`];
}
