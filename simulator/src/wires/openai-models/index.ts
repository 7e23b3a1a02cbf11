/**
 * OpenAI's list of models, for an account that may use some or all of them. Must not know what models can do.
 * Begin at `openaiModelsWire`.
 */
import type { Exchange, SimulatedWire } from '../../engine/exchange.ts';
import type { JsonObject } from '../../engine/simulated-call.ts';
import { openai } from '../../providers/openai.ts';
import { chooseModel, models, unlistedModel, findModel, withRefusals } from '../openai/index.ts';
import type { OpenAiModel } from '../openai/index.ts';

const pattern = /^(?:\/[\w.-]+)*?\/models(?:\/(.+))?$/u;

export const openaiModelsWire: SimulatedWire = {
  id: 'openai-models',
  provider: openai,
  /** Other providers list their models on the same path and are told apart by their headers. */
  matches: (method, path, headers, query) =>
    method === 'GET' &&
    pattern.test(path) &&
    !path.startsWith('/v1beta') &&
    !path.startsWith('/v1alpha') &&
    headers['anthropic-version'] === undefined &&
    headers['x-goog-api-key'] === undefined &&
    query.get('key') === null,
  handle: (exchange) => withRefusals(exchange, () => handleModels(exchange)),
};

function handleModels(exchange: Exchange): Promise<void> {
  const name = pattern.exec(exchange.path)?.[1];
  if (name !== undefined) {
    const model = chooseModel(exchange.account, decodeURIComponent(name));
    return exchange.sendJson(200, renderModel(model));
  }
  const allowed = exchange.account.models;
  const offered = allowed === undefined ? models : allowed.map((id) => findModel(id) ?? unlistedModel(id));
  return exchange.sendJson(200, { object: 'list', data: offered.map((model) => renderModel(model)) });
}

function renderModel(model: OpenAiModel): JsonObject {
  return { id: model.id, object: 'model', created: model.createdAt, owned_by: 'system' };
}
