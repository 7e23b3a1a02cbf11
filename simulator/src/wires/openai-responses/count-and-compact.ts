import type { Exchange } from '../../engine/exchange.ts';
import type { JsonObject, SimulatedCall } from '../../engine/simulated-call.ts';
import { invalid, openRequest, unlistedModel } from '../openai/index.ts';
import { textOr } from '../shape.ts';
import { modelOf, openConversation } from './create-response.ts';
import { renderUsage } from './render-response.ts';
import { compactRequest, countRequest } from './request-shape.ts';
import type { ResponseStore } from './response-store.ts';
import { checkModel, checkShape, withTaggedReferences } from './rules.ts';
import { sealOf } from './sealed-text.ts';
import { toCall } from './to-call.ts';

/** `POST /responses/input_tokens`: what a request would cost to read. */
export async function countInput(exchange: Exchange, store: ResponseStore): Promise<void> {
  const body = openRequest(exchange);
  checkShape(body, countRequest);
  const name = textOr(body['model']);
  const model = name === '' ? unlistedModel('none') : modelOf(exchange, name);
  const effort = checkModel(body, model);
  const { items } = openConversation(exchange, withTaggedReferences(body), store);
  const call = toCall(body, items, { model, effort });
  await exchange.sendJson(200, {
    object: 'response.input_tokens',
    input_tokens: tokensOf(call, exchange),
  });
}

/** `POST /responses/compact`: what users said stays readable, the rest becomes one sealed item. */
export async function compactInput(exchange: Exchange, store: ResponseStore): Promise<void> {
  const body = openRequest(exchange);
  checkShape(body, compactRequest);
  if (typeof body['model'] !== 'string') {
    throw invalid("Missing required parameter: 'model'.", 'model', 'missing_required_parameter');
  }
  const model = modelOf(exchange, body['model']);
  const effort = checkModel(body, model);
  const { items } = openConversation(exchange, withTaggedReferences(body), store);
  const call = { ...toCall(body, items, { model, effort }), tools: [], lastUserText: '', maxOutputTokens: 1 };
  const answer = exchange.answer(call);
  const users = items.filter((item) => item['role'] === 'user');
  const rest = items.filter((item) => item['role'] !== 'user');
  const summary = JSON.stringify(rest);
  await exchange.sendJson(200, {
    id: `resp_${answer.id}`,
    object: 'response.compaction',
    created_at: Math.floor(exchange.nowMs() / 1000),
    output: [
      ...users.map((item, index) => keptMessage(item, `msg_${answer.id}${index}`)),
      { id: `cmp_${answer.id}`, type: 'compaction', encrypted_content: sealOf(exchange).seal(summary) },
    ],
    usage: renderUsage({ ...answer.usage, output: exchange.countTokens(summary), thinking: 0 }, model),
  });
}

function keptMessage(item: JsonObject, id: string): JsonObject {
  const { content } = item;
  const parts = typeof content === 'string' ? [{ type: 'input_text', text: content }] : (content ?? []);
  return { id, type: 'message', status: 'completed', role: 'user', content: parts };
}

function tokensOf(call: SimulatedCall, exchange: Pick<Exchange, 'countTokens'>): number {
  return call.segments.reduce((sum, { text }) => sum + exchange.countTokens(text), call.mediaTokens);
}
