import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

/**
 * The faults that translating relays are known for, by number, and the test that holds each off. Some need two; some
 * tests hold off several.
 */
const heldOff: readonly (readonly [fault: number, file: string, test: string])[] = [
  [
    1,
    'known-translation-bugs.test.ts',
    'a server that says "stop" after tool calls still ends with tool_use, and no empty text block comes first',
  ],
  [
    2,
    'known-translation-bugs.test.ts',
    'a call that arrives whole in one chunk brings its arguments as an input_json_delta',
  ],
  [
    3,
    'known-translation-bugs.test.ts',
    'a thinking delta inside a text block becomes a block of its own, and a second message_start vanishes',
  ],
  [
    4,
    'known-translation-bugs.test.ts',
    'a block that is stopped twice is closed once, so the client runs its tool once',
  ],
  [
    5,
    '../../src/protocols/openai-responses/decode-events.test.ts',
    'gives whole values that came without deltas, once',
  ],
  [6, '../flows/translation-responses.test.ts', 'gets a stream that its own accumulator takes'],
  [7, '../flows/translation-gemini.test.ts', 'gets a stream piece by piece, as events and as one array'],
  [8, 'known-translation-bugs.test.ts', 'every chat stream carries exactly one finish_reason'],
  [
    9,
    'known-translation-bugs.test.ts',
    'a tool call that the history never answers gets an error result right after it',
  ],
  [10, 'known-conversation-bugs.test.ts', 'user turns that follow each other are one turn to Gemini'],
  [
    11,
    'known-conversation-bugs.test.ts',
    'a call without any arguments is one with an empty object, in the stream and in the history',
  ],
  [12, 'known-conversation-bugs.test.ts', 'items whose ids change on the way are told apart by their place'],
  [
    12,
    'known-translation-bugs.test.ts',
    'fragments with sparse, missing or shared indexes and repeated or late names make the right calls',
  ],
  [
    13,
    'known-translation-bugs.test.ts',
    'an error inside a 200 stream fails the pipe before anything is delivered',
  ],
  [14, 'known-conversation-bugs.test.ts', 'no tool at all means none that the provider runs either'],
  [
    14,
    'known-conversation-bugs.test.ts',
    'an answer that was blocked for a reason nobody knows yet is withheld, not empty',
  ],
  [
    15,
    '../flows/matrix.test.ts',
    'the official Node clients reach every upstream with everything they can ask, as docs/conformance.md says',
  ],
  [
    16,
    '../../src/protocols/openai-responses/encode-request.test.ts',
    'asks for summaries only where the client would show them',
  ],
  [
    17,
    'known-reasoning-bugs.test.ts',
    'reasoning_content becomes a thinking block, once, also where the server writes it under two names',
  ],
  [
    18,
    'known-reasoning-bugs.test.ts',
    'an answer that stands in the reasoning alone is not empty to the client',
  ],
  [
    19,
    'known-reasoning-bugs.test.ts',
    'a signed block goes back to its origin byte for byte and to another vendor not at all',
  ],
  [
    20,
    'known-reasoning-bugs.test.ts',
    'a signed block goes back to its origin byte for byte and to another vendor not at all',
  ],
  [
    21,
    'known-reasoning-bugs.test.ts',
    'thinking with a missing or stub signature is dropped instead of refused',
  ],
  [
    22,
    'known-reasoning-bugs.test.ts',
    'a signed block goes back to its origin byte for byte and to another vendor not at all',
  ],
  [
    23,
    '../../src/protocols/gemini/encode-request.test.ts',
    'the first call of a step has its own, or the stand-in where another model made it',
  ],
  [
    24,
    '../../src/protocols/anthropic-messages/encode-request.test.ts',
    'an open tool call without thinking of its own turns budget thinking off',
  ],
  [25, '../flows/envelopes.test.ts', 'the same history goes upstream as the same bytes every time'],
  [
    26,
    '../flows/translation-gemini.test.ts',
    'a signed call of a Gemini 3 model comes back to it with its own signature through both clients',
  ],
  [
    27,
    '../flows/translation-gemini.test.ts',
    'a signed call of a Gemini 3 model comes back to it with its own signature through both clients',
  ],
  [
    28,
    'known-reasoning-bugs.test.ts',
    'a block of foreign thinking ends with exactly one signature_delta and its text is not doubled',
  ],
  [29, 'known-reasoning-bugs.test.ts', 'the counts of message_start and message_delta are not added up'],
  [30, 'known-reasoning-bugs.test.ts', 'a full prompt first and its split later counts the cache once'],
  [31, 'known-reasoning-bugs.test.ts', 'cache writes are not charged again as input, in either direction'],
  [
    32,
    'known-reasoning-bugs.test.ts',
    'a chat client is told the whole prompt with its cached part inside, and a total of both',
  ],
  [
    33,
    'known-conversation-bugs.test.ts',
    'the whole prompt that OpenAI counts is split for an Anthropic client: cached tokens are not input',
  ],
  [
    34,
    'known-reasoning-bugs.test.ts',
    'a chat client is told the whole prompt with its cached part inside, and a total of both',
  ],
  [35, 'known-conversation-bugs.test.ts', 'what a tool of the provider put into the prompt is counted'],
  [
    36,
    'coding-client-tools.test.ts',
    'additional_tools and reasoning are not dropped on the way to ${upstream.name}, and calls keep their kind',
  ],
  [37, 'coding-client-tools.test.ts', 'a free-text call never becomes a function call with empty arguments'],
  [
    38,
    'coding-client-tools.test.ts',
    'a free-text tool is offered to every upstream, with its grammar where only words can say it',
  ],
  [39, 'coding-client-tools.test.ts', 'an additional_tools item keeps all its tools, in order and each once'],
  [
    40,
    'coding-client-tools.test.ts',
    'namespaces and web search do not reach a Chat upstream as they are, and text arrives in deltas',
  ],
  [
    41,
    '../../src/protocols/gemini/encode-request.test.ts',
    'a schema of this wire becomes JSON Schema, null and bounds included',
  ],
  [42, 'known-conversation-bugs.test.ts', 'an image of an Anthropic client reaches Gemini'],
  [
    43,
    '../flows/vertex.test.ts',
    'betas that the cloud does not know stay behind, and those that it calls otherwise are renamed',
  ],
];

const faults = 43;

test(`each of the ${faults} known faults has a test that holds it off`, () => {
  const numbers = new Set(heldOff.map(([fault]) => fault));
  assert.deepEqual(
    [...numbers].toSorted((left, right) => left - right),
    Array.from({ length: faults }, (_, index) => index + 1),
  );
  for (const [fault, file, name] of heldOff) {
    const text = readFileSync(join(import.meta.dirname, file), 'utf8');
    const isThere = ["'", '`', '"'].some((quote) => text.includes(`test(${quote}${name}${quote}`));
    assert.ok(isThere, `fault ${fault}: ${file} has no test "${name}"`);
  }
});
