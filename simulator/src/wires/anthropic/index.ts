/**
 * Anthropic Messages: messages, count_tokens, models. Strict in the provider's words, both versions of the wire. Knows
 * its grammar and its models; what is said comes from the engine, what goes wrong from the faults. Begin with
 * `handleMessages` here: shape first (`request-shape.ts`), then one check a file, then call, answer, rendering.
 */
import type { Exchange, SimulatedWire } from '../../engine/exchange.ts';
import type { JsonObject, SimulatedCall } from '../../engine/simulated-call.ts';
import { anthropic } from '../../providers/anthropic.ts';
import { isObject, textOr } from '../shape.ts';
import { checkReturnedHosted } from './check-hosted.ts';
import { encryptionOf } from './hosted-blocks.ts';
import { checkCacheMarks } from './check-cache-marks.ts';
import { checkEffort, checkReturnedThinking, checkSampling, checkThinking } from './check-thinking.ts';
import { checkToolPairs, checkTools } from './check-tools.ts';
import { checkTurns } from './check-turns.ts';
import { handleModel, handleModelList } from './model-list.ts';
import { requireModel } from './models.ts';
import type { ModelRules } from './models.ts';
import { openRequest, requireVersion } from './open-request.ts';
import { AnthropicRefusal, refuse } from './refusals.ts';
import { renderMessage } from './render.ts';
import type { Rendering } from './render.ts';
import { streamMessage } from './stream.ts';
import { toCall } from './to-call.ts';
import { turnsOf } from './turns.ts';

const MESSAGES = /^(?:\/anthropic)?\/v1\/messages(?<count>\/count_tokens)?$/;
const MODELS = /^(?:\/anthropic)?\/v1\/models(?:\/(?<id>[^/]+))?$/;

export const anthropicMessages: SimulatedWire = {
  id: 'anthropic-messages',
  provider: anthropic,
  matches: (_, path, headers) =>
    MESSAGES.test(path) || (MODELS.test(path) && headers['anthropic-version'] !== undefined),
  async handle(exchange) {
    try {
      await route(exchange);
    } catch (error) {
      if (!(error instanceof AnthropicRefusal)) throw error;
      await exchange.refuse(error.toWire(exchange.requestId));
    }
  },
};

function route(exchange: Exchange): Promise<void> {
  const version = requireVersion(exchange);
  const messages = MESSAGES.exec(exchange.path);
  if (exchange.method !== (messages === null ? 'GET' : 'POST'))
    throw new AnthropicRefusal('Method Not Allowed', 405);
  if (messages === null) {
    const id = MODELS.exec(exchange.path)?.groups?.['id'];
    return id === undefined ? handleModelList(exchange) : handleModel(exchange, decodeURIComponent(id));
  }
  return messages.groups?.['count'] === undefined
    ? handleMessages(exchange, version)
    : handleCount(exchange, version);
}

function handleMessages(exchange: Exchange, version: string): Promise<void> {
  const body = openRequest(exchange, 'generate');
  const model = requireModel(textOr(body['model']), exchange);
  const maxTokens = Number(body['max_tokens']);
  if (maxTokens > model.maxOutputTokens) {
    refuse(
      `max_tokens: ${maxTokens} > ${model.maxOutputTokens}, which is the maximum allowed number of output tokens for ${model.id}`,
    );
  }
  const call = checkedCall(exchange, body, { model, version });
  const promptTokens = tokensOfPrompt(exchange, call);
  if (promptTokens > model.contextTokens)
    refuse(`prompt is too long: ${promptTokens} tokens > ${model.contextTokens} maximum`);
  const answer = exchange.answer(call);
  const rendering = renderingOf(exchange, body, model);
  if (body['stream'] === true) return exchange.sendStream(streamMessage(answer, rendering));
  return exchange.sendJson(200, renderMessage(answer, rendering));
}

function handleCount(exchange: Exchange, version: string): Promise<void> {
  const body = openRequest(exchange, 'count-tokens');
  const model = requireModel(textOr(body['model']), exchange);
  const call = checkedCall(exchange, body, { model, version });
  return exchange.sendJson(200, { input_tokens: tokensOfPrompt(exchange, call) });
}

function checkedCall(
  exchange: Exchange,
  body: JsonObject,
  rules: { model: ModelRules; version: string },
): SimulatedCall {
  const turns = turnsOf(body);
  checkSampling(body, rules);
  checkEffort(body, rules.model);
  checkThinking(body, rules.model);
  checkTools(body, rules.model);
  const betas = exchange.headers['anthropic-beta'] ?? '';
  checkTurns(turns, body, { ...rules, betas });
  checkToolPairs(turns);
  checkReturnedThinking(turns, { body, model: rules.model, exchange });
  checkReturnedHosted(turns, encryptionOf(exchange));
  checkCacheMarks(body, turns);
  return toCall(body, turns, rules.model);
}

function tokensOfPrompt(exchange: Exchange, call: SimulatedCall): number {
  return call.segments.reduce((sum, segment) => sum + exchange.countTokens(segment.text), call.mediaTokens);
}

function renderingOf(exchange: Exchange, body: JsonObject, model: ModelRules): Rendering {
  const thinking = isObject(body['thinking']) ? body['thinking'] : {};
  return {
    model: model.id,
    speed: textOr(body['speed'], 'standard'),
    omitsThinking: thinking['display'] === 'omitted',
    omittedSignature: exchange.sign('', model.id),
    encryption: encryptionOf(exchange),
  };
}
