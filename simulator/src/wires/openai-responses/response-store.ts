import type { JsonObject } from '../../engine/simulated-call.ts';
import type { Telling } from './stream.ts';

export interface StoredResponse {
  readonly id: string;
  /** The whole conversation this response answered, history first. */
  readonly input: readonly JsonObject[];
  readonly telling: Telling;
  /** A background response runs at least until somebody looks. */
  state: 'running' | 'done' | 'cancelled';
  /** By the simulator's clock. */
  readonly doneAtMs: number;
  readonly isBackground: boolean;
}

/** Responses of one account, the oldest forgotten first. */
export interface ResponseStore {
  keep(response: StoredResponse): void;
  find(id: string): StoredResponse | undefined;
  findItem(id: string): JsonObject | undefined;
  remove(id: string): boolean;
}

const maxResponses = 2000;
const maxItems = 20_000;

export function createResponseStore(): ResponseStore {
  const responses = new Map<string, StoredResponse>();
  const items = new Map<string, JsonObject>();
  return {
    keep(response) {
      remember(responses, response.id, response, maxResponses);
      for (const item of [...response.input, ...response.telling.items]) {
        if (typeof item['id'] === 'string') remember(items, item['id'], item, maxItems);
      }
    },
    find: (id) => responses.get(id),
    findItem: (id) => items.get(id),
    remove: (id) => responses.delete(id),
  };
}

function remember<T>(kept: Map<string, T>, key: string, value: T, limit: number): void {
  kept.delete(key);
  kept.set(key, value);
  const oldest = kept.size > limit ? kept.keys().next().value : undefined;
  if (oldest !== undefined) kept.delete(oldest);
}
