import type { CanonicalRequest, JsonObject } from '../../src/protocols/canonical/request.ts';
import { geminiTranslation } from '../../src/protocols/gemini/translation.ts';
import { anthropic, chat, responses, target } from './translation-material.ts';

/** Search and code that a provider runs itself, asked for and told in every protocol that has them. */
const gemini = { id: 'gemini', translation: geminiTranslation } as const;
export const sides = { anthropic, responses, gemini, chat } as const;
export type Name = 'anthropic' | 'responses' | 'gemini';

export const requests: Readonly<
  Record<Name, (tools: readonly JsonObject[], over?: JsonObject) => CanonicalRequest>
> = {
  anthropic: (tools, over) =>
    anthropic.translation.decodeRequest(
      { model: 'm', max_tokens: 100, messages: [{ role: 'user', content: 'Hi' }], tools, ...over },
      target,
    ),
  responses: (tools, over) =>
    responses.translation.decodeRequest({ model: 'm', input: 'Hi', tools, ...over }, target),
  gemini: (tools, over) =>
    geminiTranslation.decodeRequest(
      { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }], tools, ...over },
      { ...target, model: 'm' },
    ),
};

const models: Readonly<Record<Name, string>> = {
  anthropic: 'claude-sonnet-4-5',
  responses: 'gpt-5.5',
  gemini: 'gemini-2.5-flash',
};

export function encode(
  request: CanonicalRequest,
  to: Name,
): { readonly body: JsonObject; readonly losses: readonly string[] } {
  const { value, losses } = sides[to].translation.encodeRequest({ ...request, model: models[to] }, undefined);
  return { body: value, losses: losses.map(({ code }) => code) };
}

export const search: Readonly<Record<Name, JsonObject>> = {
  anthropic: { type: 'web_search_20250305', name: 'web_search' },
  responses: { type: 'web_search' },
  gemini: { googleSearch: {} },
};
export const code: Readonly<Record<Name, JsonObject>> = {
  anthropic: { type: 'code_execution_20250825', name: 'code_execution' },
  responses: { type: 'code_interpreter', container: { type: 'auto' } },
  gemini: { codeExecution: {} },
};
export const names: readonly Name[] = ['anthropic', 'responses', 'gemini'];
