/**
 * OpenAI Chat Completions. On `/v1/chat/completions` it is as strict as OpenAI; on any other path that ends so it is
 * an OpenAI-compatible server: any model, unknown fields passed over, thinking shown as `reasoning_content`.
 * Must not know what is answered. Begin at `chatWire`, then `rules.ts` and `stream.ts`.
 */
import type { Exchange, SimulatedWire } from '../../engine/exchange.ts';
import type { JsonObject } from '../../engine/simulated-call.ts';
import { openai } from '../../providers/openai.ts';
import {
  checkContextLength,
  chooseModel,
  isRefusalAsked,
  openRequest,
  unlistedModel,
  withRefusals,
} from '../openai/index.ts';
import type { OpenAiModel } from '../openai/index.ts';
import { isObject, textOr } from '../shape.ts';
import { renderCompletion } from './render.ts';
import type { Rendering } from './render.ts';
import { checkCompatibleShape, checkFields, checkModel, checkShape } from './rules.ts';
import { streamCompletion } from './stream.ts';
import { toCall } from './to-call.ts';

export const openaiChatWire: SimulatedWire = {
  id: 'openai-chat',
  provider: openai,
  matches: (method, path) => method === 'POST' && path.endsWith('/chat/completions'),
  handle: (exchange) => withRefusals(exchange, () => handleChat(exchange)),
};

const ownPath = '/v1/chat/completions';

async function handleChat(exchange: Exchange): Promise<void> {
  const body = openRequest(exchange);
  const isCompatible = exchange.path !== ownPath;
  const { model, effort } = isCompatible ? openCompatible(body) : openOwn(body, exchange);
  const call = toCall(body, model, effort);
  checkContextLength(call, model, exchange, 'messages');
  const answer = exchange.answer(call);
  const rendering: Rendering = {
    model,
    createdAt: Math.floor(exchange.nowMs() / 1000),
    isRefusal: isRefusalAsked(call),
    freeTextTools: new Set(call.tools.filter((tool) => tool.isFreeText).map((tool) => tool.name)),
    ...(body['logprobs'] === true ? { topLogprobs: Number(body['top_logprobs'] ?? 0) } : {}),
    serviceTier: servedTier(body['service_tier']),
    showsThinking: isCompatible,
    callsFunctionsTheOldWay: body['functions'] !== undefined,
  };
  if (body['stream'] !== true) return exchange.sendJson(200, renderCompletion(answer, rendering));
  const options = body['stream_options'];
  const includesUsage = isObject(options) && options['include_usage'] === true;
  return exchange.sendStream(
    streamCompletion(answer, { ...rendering, includesUsage }),
    'text/event-stream; charset=utf-8',
  );
}

interface Opened {
  readonly model: OpenAiModel;
  readonly effort: string | undefined;
}

function openOwn(body: JsonObject, exchange: Exchange): Opened {
  checkShape(body);
  const model = chooseModel(exchange.account, textOr(body['model']));
  checkFields(body);
  return { model, effort: checkModel(body, model) };
}

/** Thinking is switched on in one of the ways such servers know. */
function openCompatible(body: JsonObject): Opened {
  checkCompatibleShape(body);
  const name = textOr(body['model']);
  const { thinking, reasoning, reasoning_effort: effort } = body;
  const isSwitchedOn =
    (isObject(thinking) && thinking['type'] !== 'disabled') ||
    (isObject(reasoning) && reasoning['enabled'] !== false) ||
    (typeof effort === 'string' && effort !== 'none') ||
    body['enable_thinking'] === true ||
    /reason|think|r1/iu.test(name);
  const model = {
    ...unlistedModel(name),
    reasoning: { efforts: [], defaultEffort: 'medium', sampling: 'never' },
  } as const;
  return { model, effort: isSwitchedOn ? 'medium' : 'none' };
}

function servedTier(asked: JsonObject[string] | undefined): string {
  if (asked === 'fast' || asked === 'priority') return 'priority';
  return asked === 'flex' || asked === 'scale' ? asked : 'default';
}
