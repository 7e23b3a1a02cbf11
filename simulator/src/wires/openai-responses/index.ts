/**
 * OpenAI Responses: create, count, compact, and the routes of stored responses. Keeps stored responses in memory, so
 * that a later request can continue an earlier one. Must not know what is answered.
 * Begin at `create-response.ts`; what is refused is in `rules.ts` and `input-rules.ts`, the events are in `stream.ts`.
 */
import type { Exchange, SimulatedWire } from '../../engine/exchange.ts';
import { openai } from '../../providers/openai.ts';
import { withRefusals } from '../openai/index.ts';
import { compactInput, countInput } from './count-and-compact.ts';
import { createResponse } from './create-response.ts';
import { createResponseStore } from './response-store.ts';
import type { ResponseStore } from './response-store.ts';
import { cancelResponse, deleteResponse, listInputItems, readResponse } from './stored-routes.ts';

type Route = (exchange: Exchange, store: ResponseStore, id: string) => Promise<void>;

/** By method and by what stands after `/responses`; `*` is the identifier. */
const routes: Readonly<Record<string, Route>> = {
  'POST ': createResponse,
  'POST /input_tokens': countInput,
  'POST /compact': compactInput,
  'GET /*': readResponse,
  'DELETE /*': deleteResponse,
  'POST /*/cancel': cancelResponse,
  'GET /*/input_items': listInputItems,
};

/** An account's own, forgotten with it when the simulator is reset. */
const stores = new WeakMap<object, ResponseStore>();

function storeOf(account: object): ResponseStore {
  const known = stores.get(account);
  if (known !== undefined) return known;
  const store = createResponseStore();
  stores.set(account, store);
  return store;
}

export const openaiResponsesWire: SimulatedWire = {
  id: 'openai-responses',
  provider: openai,
  matches: (method, path) => findRoute(method, path) !== undefined,
  handle: (exchange) =>
    withRefusals(exchange, async () => {
      const found = findRoute(exchange.method, exchange.path);
      await found?.route(exchange, storeOf(exchange.account), found.id);
    }),
};

function findRoute(method: string, path: string): { readonly route: Route; readonly id: string } | undefined {
  const match = /\/responses((?:\/[^/]+){0,2})$/u.exec(path);
  if (match === null) return undefined;
  const rest = match[1] ?? '';
  const id = rest.split('/')[1] ?? '';
  const route = routes[`${method} ${rest}`] ?? routes[`${method} ${rest.replace(`/${id}`, '/*')}`];
  return route === undefined ? undefined : { route, id };
}
