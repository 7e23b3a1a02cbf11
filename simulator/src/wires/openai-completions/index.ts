/**
 * The legacy completions endpoint: plain prompts, plain text, no messages and no tools. Must not know chat.
 * Begin at `handleCompletions`; rendering is in `render.ts`.
 */
import type { Exchange, SimulatedWire } from '../../engine/exchange.ts';
import type { Json, JsonObject, SimulatedCall } from '../../engine/simulated-call.ts';
import { openai } from '../../providers/openai.ts';
import {
  chooseModel,
  invalid,
  OpenAiRefusal,
  openRequest,
  refuseFirstFault,
  unlistedModel,
  withRefusals,
} from '../openai/index.ts';
import type { OpenAiModel } from '../openai/index.ts';
import { findFaults, isArray, isObject, textOr } from '../shape.ts';
import { renderCompletion, streamCompletion } from './render.ts';
import { completionRequest } from './request-shape.ts';

const ownPath = '/v1/completions';
const defaultMaxTokens = 16;

export const openaiCompletionsWire: SimulatedWire = {
  id: 'openai-completions',
  provider: openai,
  matches: (method, path) =>
    method === 'POST' && path.endsWith('/completions') && !path.endsWith('/chat/completions'),
  handle: (exchange) => withRefusals(exchange, () => handleCompletions(exchange)),
};

function handleCompletions(exchange: Exchange): Promise<void> {
  const body = openRequest(exchange);
  checkShape(body);
  const name = textOr(body['model']);
  const isOwn = exchange.path === ownPath;
  const model = isOwn ? chooseModel(exchange.account, name) : unlistedModel(name);
  if (isOwn && model.kind !== 'legacy-completion') throw notForCompletions();
  const prompts = promptsOf(body['prompt']);
  const answers = prompts.map((prompt) => exchange.answer(toCall(body, prompt, model)));
  const echoed = body['echo'] === true ? prompts : prompts.map(() => '');
  const rendering = {
    model,
    createdAt: Math.floor(exchange.nowMs() / 1000),
    echoed,
    ...(typeof body['logprobs'] === 'number' ? { logprobs: body['logprobs'] } : {}),
  };
  if (body['stream'] !== true) return exchange.sendJson(200, renderCompletion(answers, rendering));
  const options = body['stream_options'];
  const includesUsage = isObject(options) && options['include_usage'] === true;
  return exchange.sendStream(
    streamCompletion(answers, { ...rendering, includesUsage }),
    'text/event-stream; charset=utf-8',
  );
}

function checkShape(body: JsonObject): void {
  const unknown = findFaults(body, completionRequest).find(
    ({ reason, path }) => reason === 'unknown' && !/[.[]/u.test(path),
  );
  if (unknown !== undefined) throw invalid(`Unrecognized request argument supplied: ${unknown.path}`);
  if (body['model'] === undefined) throw invalid('you must provide a model parameter');
  refuseFirstFault(body, completionRequest);
  const [bestOf, n] = [body['best_of'], body['n'] ?? 1];
  if (typeof bestOf === 'number' && typeof n === 'number' && bestOf < n) {
    throw invalid(
      `You requested that the server return more choices than it will generate (n = ${n}, best_of = ${bestOf}).`,
    );
  }
  if (isObject(body['stream_options']) && body['stream'] !== true) {
    throw invalid(
      "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
      'stream_options',
    );
  }
}

function notForCompletions(): OpenAiRefusal {
  return new OpenAiRefusal({
    status: 404,
    message:
      'This is a chat model and not supported in the v1/completions endpoint. Did you mean to use v1/chat/completions?',
    param: 'model',
  });
}

function promptsOf(prompt: Json | undefined): readonly string[] {
  if (!isArray(prompt)) return [textOr(prompt)];
  if (typeof prompt[0] === 'number') return [JSON.stringify(prompt)];
  return prompt.map((entry) => (isArray(entry) ? JSON.stringify(entry) : textOr(entry)));
}

function toCall(body: JsonObject, prompt: string, model: OpenAiModel): SimulatedCall {
  const { stop, n, max_tokens: limit } = body;
  return {
    model: model.id,
    segments: [{ text: prompt }],
    mediaTokens: 0,
    lastUserText: prompt,
    endsWithToolResults: false,
    tools: [],
    toolChoice: 'none',
    allowsParallelCalls: false,
    wantsJson: false,
    stopSequences: isArray(stop)
      ? stop.map((text) => textOr(text))
      : [textOr(stop)].filter((text) => text !== ''),
    maxOutputTokens: typeof limit === 'number' ? limit : defaultMaxTokens,
    choices: typeof n === 'number' ? n : 1,
    caching: 'none',
  };
}
