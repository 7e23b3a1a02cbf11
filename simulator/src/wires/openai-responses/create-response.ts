import { readDirectives } from '../../engine/directives.ts';
import type { Exchange } from '../../engine/exchange.ts';
import type { JsonObject, SimulatedAnswer, SimulatedCall } from '../../engine/simulated-call.ts';
import {
  checkContextLength,
  chooseModel,
  invalid,
  isRefusalAsked,
  OpenAiRefusal,
  openRequest,
  unlistedModel,
} from '../openai/index.ts';
import type { OpenAiModel } from '../openai/index.ts';
import { isArray, isObject, textOr } from '../shape.ts';
import { stepItem } from './hosted-tools.ts';
import { checkInput, inputItems } from './input-rules.ts';
import type { InputContext } from './input-rules.ts';
import { renderItem } from './render-items.ts';
import type { ItemRendering } from './render-items.ts';
import { renderResponse, renderUsage } from './render-response.ts';
import type { ResponseFacts } from './render-response.ts';
import type { ResponseStore } from './response-store.ts';
import {
  checkCompatibleShape,
  checkFields,
  checkModel,
  checkShape,
  unknownModel,
  withTaggedReferences,
} from './rules.ts';
import { sealOf } from './sealed-text.ts';
import { streamResponse } from './stream.ts';
import type { Telling } from './stream.ts';
import { declaredTools, toCall } from './to-call.ts';

/** `POST /responses`. */
export async function createResponse(exchange: Exchange, store: ResponseStore): Promise<void> {
  const asked = openRequest(exchange);
  if (isOwnPath(exchange)) checkShape(asked);
  else checkCompatibleShape(asked);
  checkFields(asked);
  const body = withTaggedReferences(asked);
  const model = modelOf(exchange, textOr(body['model']));
  const effort = checkModel(body, model);
  const { items } = openConversation(exchange, body, store);
  const call = toCall(body, items, { model, effort });
  checkContextLength(call, model, exchange, 'input');
  const facts: ResponseFacts = {
    id: '',
    body,
    model,
    effort,
    createdAt: Math.floor(exchange.nowMs() / 1000),
    searches: 0,
  };
  const { later } = readDirectives(call.lastUserText);
  const told = prepare(exchange, { facts, call, items });
  const telling =
    later?.isFailed === true
      ? { ...told, end: { ...told.end, status: 'failed', output: [] } as const }
      : told;
  if (body['store'] !== false) {
    store.keep({
      id: telling.id,
      input: items,
      telling,
      state: body['background'] === true && body['stream'] !== true ? 'running' : 'done',
      isBackground: body['background'] === true,
      doneAtMs: exchange.nowMs() + (later?.ms ?? 0),
    });
  }
  if (body['stream'] === true) {
    return exchange.sendStream(streamResponse(telling), 'text/event-stream; charset=utf-8');
  }
  const isLater = body['background'] === true;
  const state = isLater ? ({ status: 'queued', output: [], usage: null } as const) : telling.end;
  return exchange.sendJson(200, telling.render(state));
}

export function modelOf(exchange: Exchange, name: string): OpenAiModel {
  return isOwnPath(exchange) ? chooseModel(exchange.account, name, unknownModel) : unlistedModel(name);
}

/** On any other path this is a compatible server: any model, unknown fields passed over. */
function isOwnPath(exchange: Exchange): boolean {
  return exchange.path.startsWith('/v1/');
}

interface Conversation {
  /** History first, then the input. */
  readonly items: readonly JsonObject[];
  readonly input: readonly JsonObject[];
}

/** Joins the input to what it continues, and checks it. */
export function openConversation(exchange: Exchange, body: JsonObject, store: ResponseStore): Conversation {
  const seal = sealOf(exchange);
  const context: InputContext = {
    history: historyOf(body['previous_response_id'], store),
    isOwnSeal: (sealed) => seal.isOwn(sealed),
    findItem: (id) => store.findItem(id),
  };
  refuseConversation(body['conversation']);
  const input = inputItems(body, context);
  checkInput(input, context);
  return { items: [...context.history, ...input], input };
}

function historyOf(previous: JsonObject[string] | undefined, store: ResponseStore): readonly JsonObject[] {
  if (typeof previous !== 'string') return [];
  const found = store.find(previous);
  if (found === undefined) {
    throw invalid(
      `Previous response with id '${previous}' not found.`,
      'previous_response_id',
      'previous_response_not_found',
    );
  }
  return [...found.input, ...found.telling.items];
}

/** Conversations are an endpoint of their own that is not served here, so none can exist. */
function refuseConversation(conversation: JsonObject[string] | undefined): void {
  const id = isObject(conversation) ? conversation['id'] : conversation;
  if (typeof id !== 'string') return;
  throw new OpenAiRefusal({ status: 404, message: `Conversation with id '${id}' not found.` });
}

interface Preparation {
  readonly facts: ResponseFacts;
  readonly call: SimulatedCall;
  readonly items: readonly JsonObject[];
}

/** Everything the answer will be, before its first byte. */
function prepare(exchange: Exchange, preparation: Preparation): Telling & { readonly id: string } {
  const { call } = preparation;
  const { body, model } = preparation.facts;
  const answer = answerOf(exchange, body, call);
  const facts = { ...preparation.facts, id: `resp_${answer.id}`, searches: answer.usage.searches };
  const rendering: ItemRendering = {
    seal: sealOf(exchange),
    tools: declaredTools(body, preparation.items),
    isRefusal: isRefusalAsked(call),
    showsSummary: isObject(body['reasoning']) && typeof body['reasoning']['summary'] === 'string',
    showsPhase: /^gpt-(?:5\.[5-9]|6)/u.test(model.id),
    ...topLogprobsOf(body),
  };
  const include = isArray(body['include']) ? body['include'].map((name) => textOr(name)) : [];
  const items = answer.blocks.map((block, index) => renderItem(block, { answer, index }, rendering));
  const thought = answer.blocks.findLastIndex((block) => block.type === 'thinking') + 1;
  const steps = answer.hosted.map((step) => stepItem(step, include));
  const output = [...items.slice(0, thought), ...steps, ...items.slice(thought)];
  return {
    id: facts.id,
    answer,
    items: output,
    isQueuedFirst: body['background'] === true,
    ...topLogprobsOf(body),
    render: (state) => renderResponse(facts, state),
    end: {
      status: answer.stop === 'length' ? 'incomplete' : 'completed',
      output,
      usage: renderUsage(answer.usage, model),
    },
  };
}

/** Prewarming fills the cache and says nothing. */
function answerOf(exchange: Exchange, body: JsonObject, call: SimulatedCall): SimulatedAnswer {
  const answer = exchange.answer(call);
  const options = body['prompt_cache_options'];
  if (!isObject(options) || options['prewarm'] !== true) return answer;
  return { ...answer, blocks: [], stop: 'end', usage: { ...answer.usage, output: 0, thinking: 0 } };
}

function topLogprobsOf(body: JsonObject): { readonly topLogprobs?: number } {
  const isIncluded = isArray(body['include']) && body['include'].includes('message.output_text.logprobs');
  const asked = body['top_logprobs'];
  if (!isIncluded && typeof asked !== 'number') return {};
  return { topLogprobs: typeof asked === 'number' ? asked : 0 };
}
