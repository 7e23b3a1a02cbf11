import type { JsonObject } from '../../engine/simulated-call.ts';
import type { Telling } from './stream.ts';

export interface StoredResponse {
  readonly id: string;
  /** The whole conversation this response answered, history first. */
  readonly input: readonly JsonObject[];
  readonly telling: Telling;
  /** A background response runs until somebody looks. */
  state: 'running' | 'done' | 'cancelled';
  readonly isBackground: boolean;
}

/** Responses of every account, the oldest forgotten first. */
export interface ResponseStore {
  keep(account: string, response: StoredResponse): void;
  find(account: string, id: string): StoredResponse | undefined;
  findItem(account: string, id: string): JsonObject | undefined;
  remove(account: string, id: string): boolean;
}

const maxResponses = 2000;
const maxItems = 20_000;

export function createResponseStore(): ResponseStore {
  const responses = new Map<string, StoredResponse>();
  const items = new Map<string, JsonObject>();
  const keyOf = (account: string, id: string): string => `${account}\n${id}`;
  return {
    keep(account, response) {
      remember(responses, keyOf(account, response.id), response, maxResponses);
      for (const item of [...response.input, ...response.telling.items]) {
        if (typeof item['id'] === 'string') remember(items, keyOf(account, item['id']), item, maxItems);
      }
    },
    find: (account, id) => responses.get(keyOf(account, id)),
    findItem: (account, id) => items.get(keyOf(account, id)),
    remove: (account, id) => responses.delete(keyOf(account, id)),
  };
}

function remember<T>(kept: Map<string, T>, key: string, value: T, limit: number): void {
  kept.delete(key);
  kept.set(key, value);
  const oldest = kept.size > limit ? kept.keys().next().value : undefined;
  if (oldest !== undefined) kept.delete(oldest);
}
