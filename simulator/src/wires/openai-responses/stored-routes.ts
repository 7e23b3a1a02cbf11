import type { Exchange } from '../../engine/exchange.ts';
import type { JsonObject } from '../../engine/simulated-call.ts';
import { invalid, OpenAiRefusal } from '../openai/index.ts';
import type { ResponseStore, StoredResponse } from './response-store.ts';
import { streamResponse } from './stream.ts';

/** `GET /responses/{id}`; a background response is finished by the time somebody asks, unless it is to take longer. */
export async function readResponse(exchange: Exchange, store: ResponseStore, id: string): Promise<void> {
  const found = findOrRefuse(store, id);
  if (found.state === 'running' && exchange.nowMs() >= found.doneAtMs) found.state = 'done';
  if (exchange.query.get('stream') !== 'true') return exchange.sendJson(200, renderStored(found));
  if (!found.isBackground) {
    throw invalid('Only background responses can be streamed again.', 'stream', 'invalid_value');
  }
  const after = Number(exchange.query.get('starting_after') ?? '-1');
  return exchange.sendStream(streamResponse(found.telling, after), 'text/event-stream; charset=utf-8');
}

export async function deleteResponse(exchange: Exchange, store: ResponseStore, id: string): Promise<void> {
  findOrRefuse(store, id);
  store.remove(id);
  await exchange.sendJson(200, { id, object: 'response', deleted: true });
}

export async function cancelResponse(exchange: Exchange, store: ResponseStore, id: string): Promise<void> {
  const found = findOrRefuse(store, id);
  if (!found.isBackground) throw invalid('Cannot cancel a synchronous response.');
  if (found.state === 'running') found.state = 'cancelled';
  await exchange.sendJson(200, renderStored(found));
}

/** `GET /responses/{id}/input_items`, newest first unless asked otherwise. */
export async function listInputItems(exchange: Exchange, store: ResponseStore, id: string): Promise<void> {
  const found = findOrRefuse(store, id);
  const all = found.input.map((item, index) => listedItem(item, `msg_${id.slice(5)}${index}`));
  const isAscending = exchange.query.get('order') === 'asc';
  const ordered = isAscending ? all : all.toReversed();
  const after = exchange.query.get('after');
  const start = after === null ? 0 : ordered.findIndex((item) => item['id'] === after) + 1;
  const limit = Number(exchange.query.get('limit') ?? '20');
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) {
    throw invalid("Invalid 'limit': expected an integer between 1 and 100.", 'limit', 'invalid_value');
  }
  const data = ordered.slice(start, start + limit);
  await exchange.sendJson(200, {
    object: 'list',
    data,
    first_id: data[0]?.['id'] ?? null,
    last_id: data.at(-1)?.['id'] ?? null,
    has_more: start + limit < ordered.length,
  });
}

function listedItem(item: JsonObject, id: string): JsonObject {
  if (item['role'] === undefined) return { id, status: 'completed', ...item };
  const { content, ...rest } = item;
  const parts = typeof content === 'string' ? [{ type: 'input_text', text: content }] : (content ?? []);
  return { id, type: 'message', status: 'completed', ...rest, content: parts };
}

function renderStored(found: StoredResponse): JsonObject {
  if (found.state === 'cancelled') {
    return found.telling.render({ status: 'cancelled', output: [], usage: null });
  }
  if (found.state === 'running') {
    return found.telling.render({ status: 'in_progress', output: [], usage: null });
  }
  return found.telling.render(found.telling.end);
}

function findOrRefuse(store: ResponseStore, id: string): StoredResponse {
  const found = store.find(id);
  if (found !== undefined) return found;
  throw new OpenAiRefusal({ status: 404, message: `Response with id '${id}' not found.` });
}
