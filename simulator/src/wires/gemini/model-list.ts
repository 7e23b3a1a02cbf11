import type { Exchange } from '../../engine/exchange.ts';
import type { JsonObject } from '../../engine/simulated-call.ts';
import { findModel, models, unlistedModel } from './models.ts';
import type { GeminiModel } from './models.ts';
import { GeminiRefusal, invalid } from './refusals.ts';

const defaultPageSize = 50;
const maxPageSize = 1000;

export function listModels(exchange: Exchange): Promise<void> {
  const allowed = exchange.account.models;
  const offered = allowed === undefined ? models : allowed.map((id) => findModel(id) ?? unlistedModel(id));
  const size = exchange.query.get('pageSize');
  const pageSize = size === null ? defaultPageSize : Number(size);
  if (!Number.isInteger(pageSize) || pageSize < 0) {
    throw invalid(`Invalid value at 'page_size' (TYPE_INT32), "${size ?? ''}"`);
  }
  const length = pageSize === 0 ? defaultPageSize : Math.min(pageSize, maxPageSize);
  const start = startOf(exchange.query.get('pageToken'), offered.length);
  const end = start + length;
  return exchange.sendJson(200, {
    models: offered.slice(start, end).map((model) => renderModel(model)),
    ...(end < offered.length ? { nextPageToken: Buffer.from(`models:${end}`).toString('base64url') } : {}),
  });
}

function startOf(token: string | null, count: number): number {
  if (token === null || token === '') return 0;
  const position = /^models:(\d+)$/u.exec(Buffer.from(token, 'base64url').toString())?.[1];
  if (position === undefined || Number(position) >= count) throw invalid('Invalid page token.');
  return Number(position);
}

/** The model an account may use, or the provider's 404. An account with a list of its own may name any model. */
export function chooseModel(exchange: Exchange, id: string, method: string): GeminiModel {
  const listed = findModel(id);
  const allowed = exchange.account.models;
  const model = allowed === undefined ? listed : unlistedUnlessKnown(allowed, id, listed);
  if (model !== undefined && (method === 'get' || model.methods.includes(method))) return model;
  const version = exchange.path.split('/')[1] ?? 'v1beta';
  throw new GeminiRefusal(
    404,
    method === 'get'
      ? `Model is not found: models/${id} for api version ${version}`
      : `models/${id} is not found for API version ${version}, or is not supported for ${method}. Call ` +
          'ModelService.ListModels to see the list of available models and their supported methods.',
  );
}

function unlistedUnlessKnown(
  allowed: readonly string[],
  id: string,
  listed: GeminiModel | undefined,
): GeminiModel | undefined {
  return allowed.includes(id) ? (listed ?? unlistedModel(id)) : undefined;
}

export function renderModel(model: GeminiModel): JsonObject {
  const isGenerating = model.methods.includes('generateContent');
  const sampling = { temperature: 1, topP: 0.95, topK: 64, maxTemperature: 2 };
  return {
    name: `models/${model.id}`,
    version: '001',
    displayName: model.displayName,
    description: `Simulated ${model.displayName}`,
    inputTokenLimit: model.inputTokenLimit,
    outputTokenLimit: model.outputTokenLimit,
    supportedGenerationMethods: model.methods,
    ...(isGenerating ? sampling : {}),
    ...(model.thinking === undefined ? {} : { thinking: true }),
  };
}
