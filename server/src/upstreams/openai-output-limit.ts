import { changeMembers } from '../platform/json-members.ts';
import type { Carriage } from './carriage.ts';

/** Models that refuse `max_tokens` and take `max_completion_tokens` in its place. */
const refusesOldLimit = /^(?:o\d|gpt-(?:[5-9]|\d{2}))/;
const oldLimit = Buffer.from('"max_tokens"');

/**
 * Tools written for compatible servers send `max_tokens` to every model (opencode's compatible provider, 2026-11, the flow
 * `clients/opencode`); OpenAI's reasoning models answer 400. Both names mean the same, so the limit goes on under the one
 * that is taken, and every other byte stays. A deployment may have any name, so the name in the catalogue counts as well.
 */
export const openaiChatCarriage: Carriage = {
  wrap(body, { model, catalogueModel }) {
    const isRefused = refusesOldLimit.test(model) || refusesOldLimit.test(catalogueModel);
    if (!isRefused || !body.includes(oldLimit)) return body;
    const { max_tokens: old, max_completion_tokens: given } = JSON.parse(body.toString()) as {
      readonly max_tokens?: unknown;
      readonly max_completion_tokens?: unknown;
    };
    if (old === undefined) return body;
    return changeMembers(body, { max_tokens: undefined, max_completion_tokens: given ?? old });
  },
};
