import type { JsonObject } from '../../engine/simulated-call.ts';
import { isObject, textOr } from '../shape.ts';
import * as rules from './rules.ts';
import { plainStyle, type DialectServer } from './server.ts';

/**
 * Each server as its provider's pages and recorded traffic show it, as of 2026-11. What a provider passes over silently is
 * passed over here too; only what is known to be refused is refused.
 */
const usual = [rules.usualRoles, rules.orderedResults];

const openAiError: DialectServer['errorBody'] = (message, status) => ({
  error: { message, type: status < 500 ? 'invalid_request_error' : 'server_error', param: null, code: null },
});

/** `thinking: { type }`; without it the model thinks. */
const thinksUnlessTold = (body: JsonObject): boolean =>
  !(isObject(body['thinking']) && body['thinking']['type'] === 'disabled');

const byEffort = (body: JsonObject): boolean =>
  typeof body['reasoning_effort'] === 'string' && body['reasoning_effort'] !== 'none';

/** OpenRouter's and Together's object. */
function byReasoning(body: JsonObject): boolean {
  const { reasoning } = body;
  return isObject(reasoning) && reasoning['enabled'] !== false && reasoning['effort'] !== 'none';
}

const platformOnly = [
  'max_completion_tokens',
  'store',
  'metadata',
  'verbosity',
  'prediction',
  'service_tier',
  'stream_options',
  'logprobs',
  'top_logprobs',
];

const servers: Readonly<Record<string, DialectServer>> = {
  deepseek: {
    isThinking: thinksUnlessTold,
    rules: [...usual, rules.reasoningBesideCalls, rules.noForcedToolsWhileThinking, rules.noSchema],
    errorBody: openAiError,
    style: {
      ...plainStyle,
      callId: (position, id) => `call_0${position}_${id}`,
      usage: 'finish',
      cacheField: 'prompt_cache_hit_tokens',
    },
  },
  xai: {
    isThinking: (_body, model) => !model.includes('non-reasoning'),
    rules: [...usual, rules.noFields('stop', 'presence_penalty', 'frequency_penalty')],
    errorBody: (message) => ({ code: 'Client specified an invalid argument', error: message }),
    style: { ...plainStyle, sendsCallsWhole: true, isThinkingCounted: false },
  },
  mistral: {
    isThinking: byEffort,
    rules: [
      ...usual,
      rules.noFields(...platformOnly, 'seed', 'user', 'logit_bias'),
      rules.noMessageFields('reasoning_content', 'reasoning'),
      rules.nineCharacterIds,
      rules.noUserAfterTool,
      rules.markedPrefill('prefix'),
      rules.noNullContent,
    ],
    errorBody: (message) => ({
      object: 'error',
      message: { detail: [{ type: 'value_error', msg: message }] },
      type: 'invalid_request_error',
      param: null,
      code: null,
    }),
    style: {
      ...plainStyle,
      thinking: 'blocks',
      callId: (_position, id) => id.slice(0, 9),
      sendsCallsWhole: true,
      usage: 'finish',
      cacheField: 'num_cached_tokens',
    },
  },
  groq: {
    isThinking: (body, model) => model.includes('gpt-oss') || byEffort(body),
    rules: [
      ...usual,
      rules.noFields('logprobs', 'top_logprobs', 'logit_bias', 'store'),
      rules.noMessageFields('reasoning_content'),
      rules.fieldValues('reasoning_effort', (model) =>
        model.includes('gpt-oss') ? ['low', 'medium', 'high'] : ['none', 'default'],
      ),
    ],
    errorBody: openAiError,
    style: { ...plainStyle, thinking: 'reasoning', sendsCallsWhole: true, usage: 'x_groq' },
  },
  moonshot: {
    isThinking: thinksUnlessTold,
    rules: [
      ...usual,
      rules.reasoningBesideCalls,
      rules.noForcedToolsWhileThinking,
      rules.noEmptyAssistant,
      rules.noSchema,
    ],
    errorBody: (message) => ({ error: { message, type: 'invalid_request_error' } }),
    style: {
      ...plainStyle,
      callId: (position, _id, name) => `functions.${name}:${position}`,
      usage: 'choice',
      cacheField: 'cached_tokens',
    },
  },
  qwen: {
    isThinking: (body) => body['enable_thinking'] === true,
    rules: [...usual, rules.systemFirst, rules.noForcedToolsWhileThinking],
    errorBody: openAiError,
    style: plainStyle,
  },
  zhipu: {
    isThinking: thinksUnlessTold,
    rules: [...usual, rules.onlyAutoChoice, rules.noSchema, rules.noNullContent, rules.stops(1)],
    errorBody: (message) => ({ error: { code: '1210', message } }),
    style: { ...plainStyle, usage: 'finish' },
  },
  openrouter: {
    isThinking: (body) => byReasoning(body) || byEffort(body),
    rules: [rules.orderedResults],
    errorBody: (message, status) => ({ error: { message, code: status }, user_id: 'user_simulated' }),
    style: { ...plainStyle, thinking: 'details', comment: 'OPENROUTER PROCESSING' },
  },
  together: {
    isThinking: (body) => byReasoning(body) || byEffort(body),
    rules: [...usual, rules.noMessageFields('reasoning_content')],
    errorBody: openAiError,
    style: { ...plainStyle, thinking: 'reasoning', usage: 'finish' },
  },
  fireworks: {
    isThinking: byEffort,
    rules: usual,
    errorBody: openAiError,
    style: { ...plainStyle, usage: 'finish' },
  },
  cerebras: {
    isThinking: byEffort,
    rules: [
      ...usual,
      rules.evenStrictness,
      rules.noFields('frequency_penalty', 'presence_penalty', 'logit_bias', 'store'),
      rules.noMessageFields('reasoning_content'),
    ],
    errorBody: (message) => ({
      message,
      type: 'invalid_request_error',
      param: 'validation_error',
      code: 'wrong_api_format',
    }),
    style: { ...plainStyle, thinking: 'reasoning', hasCallIndex: false, sendsCallsWhole: true },
  },
  perplexity: {
    isThinking: (_body, model) => model.includes('reasoning'),
    rules: [
      rules.usualRoles,
      rules.noTools,
      rules.alternation,
      rules.endsWithUser,
      rules.noFields(...platformOnly),
      rules.noMessageFields('reasoning_content', 'reasoning'),
    ],
    errorBody: (message, status) => ({ error: { message, type: 'bad_request', code: status } }),
    style: { ...plainStyle, thinking: 'tags', usage: 'every', sendsDone: false, isCumulative: true },
  },
  ollama: {
    isThinking: byEffort,
    rules: [rules.usualRoles, rules.noFetchedImages],
    errorBody: openAiError,
    style: {
      ...plainStyle,
      thinking: 'reasoning',
      callId: (_position, id) => `call_${id.slice(0, 8)}`,
      sendsCallsWhole: true,
      callFinish: 'stop',
    },
  },
  vllm: {
    isThinking(body) {
      const settings = body['chat_template_kwargs'];
      return byEffort(body) || (isObject(settings) && settings['enable_thinking'] === true);
    },
    rules: [...usual, rules.systemFirst],
    errorBody: (message, status) => ({
      object: 'error',
      message,
      type: 'BadRequestError',
      param: null,
      code: status,
    }),
    style: { ...plainStyle, thinking: 'reasoning', callId: (_position, id) => `chatcmpl-tool-${id}` },
  },
  litellm: {
    isThinking: byEffort,
    rules: [rules.orderedResults, rules.toolsWithHistory],
    errorBody: openAiError,
    style: plainStyle,
  },
};

/** The server under a path such as `/dialects/groq/v1/chat/completions`. */
export function serverOf(path: string): DialectServer | undefined {
  const name = /^\/dialects\/([a-z]+)\//.exec(path)?.[1];
  return servers[textOr(name)];
}
