import type { ProtocolId } from '../../../server/src/protocols/canonical/request.ts';
import type { UsageForm } from '../expected-usage.ts';
import type { Recording } from '../recording.ts';

/** What the provider of a family speaks, and how its recordings reach the relay's half of it. */
export interface Generation {
  readonly protocol: ProtocolId;
  /** Upstream kind that stands for the provider: translation is the same whatever carries the protocol. */
  readonly kind: string;
  /** Upstream kind whose frames the recorded streams have, where they are not the protocol's own. */
  readonly carrier?: string;
  readonly usage: UsageForm;
  /** Every complete answer has one of these. */
  readonly answerFields: readonly string[];
}

const chat: Generation = {
  protocol: 'openai-chat',
  kind: 'openai-compatible',
  usage: 'openai',
  answerFields: ['choices'],
};
const responses: Generation = {
  protocol: 'openai-responses',
  kind: 'openai',
  usage: 'openai',
  answerFields: ['output'],
};
const messages: Generation = {
  protocol: 'anthropic-messages',
  kind: 'anthropic',
  usage: 'anthropic',
  answerFields: ['content'],
};
const gemini: Generation = {
  protocol: 'gemini',
  kind: 'gemini',
  usage: 'gemini',
  answerFields: ['candidates', 'promptFeedback'],
};

const converse: Generation = {
  protocol: 'bedrock-converse',
  kind: 'openai-compatible',
  carrier: 'bedrock',
  usage: 'converse',
  answerFields: ['output'],
};

/** By the end of the recorded path: what is no generation is not translated. */
const byPath: readonly (readonly [path: RegExp, generation: Generation])[] = [
  [/\/chat\/completions$/, chat],
  [/\/responses$/, responses],
  [/\/messages$/, messages],
  [/\/models\/[^/]+:(?:g|streamG)enerateContent$/, gemini],
  [/\/model\/[^/]+\/converse(?:-stream)?$/, converse],
  [/\/model\/[^/]*claude[^/]*\/invoke$/, messages],
];

/** `undefined` for a recording that asks for anything but an answer of a model. */
export function generationOf({ method, path }: Recording): Generation | undefined {
  const [plain = ''] = path.split('?');
  return method === 'POST' ? byPath.find(([pattern]) => pattern.test(plain))?.[1] : undefined;
}
