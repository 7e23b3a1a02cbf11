/**
 * Strict readers: what a client of each protocol demands of an answer, checked to the letter, and what it has read.
 * Written from the protocols alone; must not use any code of the relay, so that a fault of an encoder cannot hide behind
 * its decoder. Begin with `answer.ts`.
 */
import type { StrictReader } from './answer.ts';
import { strictChat } from './chat.ts';
import { strictGemini } from './gemini.ts';
import { strictMessages } from './messages.ts';
import { strictResponses } from './responses.ts';

export type { ReadAnswer } from './answer.ts';
export { Violation } from './shape.ts';

/** The four protocols a client may speak. */
export const clientProtocols = ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'] as const;
export type ClientProtocol = (typeof clientProtocols)[number];

export const strictReaders: Readonly<Record<ClientProtocol, StrictReader>> = {
  'openai-chat': strictChat,
  'openai-responses': strictResponses,
  'anthropic-messages': strictMessages,
  gemini: strictGemini,
};
