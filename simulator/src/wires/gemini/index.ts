/**
 * Gemini: generate (unary, SSE, JSON array), count, embed and the list of models, under `v1`, `v1beta` and `v1alpha`.
 * Must not know what is answered. Begin at `handleGemini`; what is refused is in `check-generate.ts`.
 */
import type { Exchange, SimulatedWire } from '../../engine/exchange.ts';
import type { Json, JsonObject } from '../../engine/simulated-call.ts';
import { gemini } from '../../providers/gemini.ts';
import { isObject } from '../shape.ts';
import { batchEmbed, embed } from './embed.ts';
import { countTokens, generate } from './generate.ts';
import { chooseModel, listModels, renderModel } from './model-list.ts';
import { GeminiRefusal, invalid } from './refusals.ts';

/** The verb stands after the last colon; model names may hold colons of their own. */
const actionPath = /^\/(?:v1|v1beta|v1alpha)\/(?:models|tunedModels)\/(.+):([a-zA-Z]+)$/u;
const listPath = /^\/(?:v1|v1beta|v1alpha)\/models(?:\/(.+))?$/u;

export const geminiWire: SimulatedWire = {
  id: 'gemini',
  provider: gemini,
  /** `/v1/models` is shared with other providers; there the key's place tells. */
  matches(method, path, headers, query) {
    if (method === 'POST') return actionPath.test(path);
    if (method !== 'GET' || !listPath.test(path)) return false;
    const hasOwnKey = headers['x-goog-api-key'] !== undefined || query.get('key') !== null;
    return hasOwnKey || !path.startsWith('/v1/');
  },
  handle: (exchange) => withGeminiRefusals(exchange, () => handleGemini(exchange)),
};

export async function withGeminiRefusals(exchange: Exchange, handle: () => Promise<void>): Promise<void> {
  try {
    await handle();
  } catch (error) {
    if (!(error instanceof GeminiRefusal)) throw error;
    const { refusal } = error;
    await exchange.refuse(isArrayStream(exchange) ? { ...refusal, body: [refusal.body] } : refusal);
  }
}

async function handleGemini(exchange: Exchange): Promise<void> {
  if (exchange.method === 'GET') return handleModels(exchange);
  const [, name = '', action = ''] = actionPath.exec(exchange.path) ?? [];
  return handleAction(exchange, decodeURIComponent(name), action);
}

/** Also for the cloud that serves these models under addresses of its own. */
export async function handleAction(exchange: Exchange, id: string, action: string): Promise<void> {
  const isBatch = action === 'batchEmbedContents';
  const model = chooseModel(exchange, id, isBatch ? 'embedContent' : action);
  const body = parse(exchange.bodyText);
  switch (action) {
    case 'generateContent':
    case 'streamGenerateContent':
      return generate(exchange, body, { model, isStream: action === 'streamGenerateContent' });
    case 'countTokens':
      return countTokens(exchange, body);
    case 'embedContent':
      return embed(exchange, body, model);
    case 'batchEmbedContents':
      return batchEmbed(exchange, body, model);
    default:
      throw new GeminiRefusal(404, `Method ${action} is not found.`);
  }
}

function handleModels(exchange: Exchange): Promise<void> {
  const name = listPath.exec(exchange.path)?.[1];
  if (name === undefined) return listModels(exchange);
  return exchange.sendJson(200, renderModel(chooseModel(exchange, decodeURIComponent(name), 'get')));
}

function parse(text: string): JsonObject {
  let body: Json;
  try {
    body = JSON.parse(text) as Json;
  } catch {
    throw invalid('Invalid JSON payload received. Unable to parse the request body.');
  }
  if (!isObject(body)) throw invalid('Invalid JSON payload received. Expected an object.');
  return body;
}

/** Errors of a stream that would have been an array come in an array too. */
function isArrayStream(exchange: Exchange): boolean {
  return exchange.path.endsWith(':streamGenerateContent') && exchange.query.get('alt') !== 'sse';
}
