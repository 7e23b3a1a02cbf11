/**
 * Servers that speak OpenAI Chat Completions in a dialect of their own, under `/dialects/<name>/...`: each refuses what
 * the provider of that name refuses, in its words, and answers in its way. Must not know what is answered. Begin at
 * `servers.ts`.
 */
import type { Exchange, SimulatedWire } from '../../engine/exchange.ts';
import type { JsonObject } from '../../engine/simulated-call.ts';
import { openai } from '../../providers/openai.ts';
import { openRequest, unlistedModel, withRefusals } from '../openai/index.ts';
import { checkCompatibleShape } from '../openai-chat/rules.ts';
import { toCall } from '../openai-chat/to-call.ts';
import { isObject, objectsOf, textOr } from '../shape.ts';
import { renderCompletion } from './render.ts';
import { DialectRefusal, type DialectServer } from './server.ts';
import { serverOf } from './servers.ts';
import { streamCompletion } from './stream.ts';

export const openaiDialectsWire: SimulatedWire = {
  id: 'openai-dialects',
  provider: openai,
  matches: (method, path) =>
    method === 'POST' && path.endsWith('/chat/completions') && serverOf(path) !== undefined,
  handle: (exchange) => withRefusals(exchange, () => handleDialect(exchange)),
};

async function handleDialect(exchange: Exchange): Promise<void> {
  const server = serverOf(exchange.path);
  if (server === undefined) throw new Error(`No server is simulated at ${exchange.path}.`);
  const body = openRequest(exchange);
  try {
    await answer(exchange, server, body);
  } catch (error) {
    if (!(error instanceof DialectRefusal)) throw error;
    const { status, message } = error;
    await exchange.refuse({ status, headers: {}, body: server.errorBody(message, status) });
  }
}

async function answer(exchange: Exchange, server: DialectServer, body: JsonObject): Promise<void> {
  checkCompatibleShape(body);
  const model = textOr(body['model']);
  const messages = objectsOf(body['messages']);
  const isThinking = server.isThinking(body, model);
  for (const rule of server.rules) rule({ body, messages, model, isThinking });
  const known = {
    ...unlistedModel(model),
    reasoning: { efforts: [], defaultEffort: 'medium', sampling: 'never' },
  } as const;
  const said = exchange.answer(toCall(body, known, isThinking ? 'medium' : 'none'));
  const options = body['stream_options'];
  const rendering = {
    style: server.style,
    model,
    createdAt: Math.floor(exchange.nowMs() / 1000),
    includesUsage: isObject(options) && options['include_usage'] === true,
  };
  if (body['stream'] !== true) return exchange.sendJson(200, renderCompletion(said, rendering));
  return exchange.sendStream(streamCompletion(said, rendering), 'text/event-stream; charset=utf-8');
}
