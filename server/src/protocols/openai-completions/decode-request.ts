import { RelayError } from '../../domain/errors.ts';
import {
  asArray,
  asNumber,
  asObject,
  asString,
  asText,
  defined,
  withoutKeys,
} from '../canonical/read-json.ts';
import type { CanonicalRequest, Json, JsonObject } from '../canonical/request.ts';
import type { RequestTarget } from '../wire-protocol.ts';

/**
 * Client half: a prompt to be continued, as a conversation with a chat model that is told to continue it. What only a
 * model with native completions can do is refused in words.
 */
const known = new Set([
  'model',
  'prompt',
  'suffix',
  'stream',
  'stream_options',
  'max_tokens',
  'stop',
  'temperature',
  'top_p',
  'top_k',
  'seed',
  'presence_penalty',
  'frequency_penalty',
  'logit_bias',
  'n',
  'best_of',
  'echo',
  'logprobs',
  'user',
]);

/** Always the same, so that prompt caches hold. */
const instruction =
  'Continue the text that the user sends from exactly where it ends. Answer with the continuation alone: do not repeat the text, do not comment on it, and do not wrap the answer.';

export function decodeRequest(body: JsonObject, target: RequestTarget): CanonicalRequest {
  const prompt = promptOf(body['prompt']);
  refuseUnable(body);
  const stop = body['stop'];
  return {
    origin: 'openai-completions',
    model: asString(body['model']) ?? target.model ?? '',
    stream: body['stream'] === true,
    system: [{ type: 'text', text: instruction }],
    turns: [{ role: 'user', parts: [{ type: 'text', text: prompt }] }],
    tools: [],
    stop: typeof stop === 'string' ? [stop] : (asArray(stop) ?? []).flatMap((item) => asString(item) ?? []),
    sampling: decodeSampling(body),
    includeUsage: asObject(body['stream_options'])?.['include_usage'] === true,
    extra: {
      ...withoutKeys(body, known),
      continued_prompt: true,
      ...(body['echo'] === true ? { echo: prompt } : {}),
    },
    ...defined({
      maxOutputTokens: asNumber(body['max_tokens']),
      endUser: asText(body['user']),
    }),
  };
}

function unable(param: string, message: string): RelayError {
  return new RelayError('unsupported_feature', { param, message });
}

function promptOf(prompt: Json | undefined): string {
  if (prompt === undefined || prompt === null) return '';
  if (typeof prompt === 'string') return prompt;
  const list = asArray(prompt) ?? [];
  const [only] = list;
  if (list.length === 1 && typeof only === 'string') return only;
  if (list.some((item) => typeof item !== 'string')) {
    throw unable(
      'prompt',
      'This model is reached as a chat model, which cannot read a prompt of token ids. Send the prompt as text.',
    );
  }
  throw unable(
    'prompt',
    'This model is reached as a chat model, which answers one prompt per call. Send one call for each prompt.',
  );
}

/** What a chat model has no way to do. */
function refuseUnable(body: JsonObject): void {
  if (asText(body['suffix']) !== undefined) {
    throw unable(
      'suffix',
      'This model is reached as a chat model, which cannot fill in text before a suffix. Leave "suffix" out, or use a model with native completions.',
    );
  }
  if ((asNumber(body['best_of']) ?? 1) > (asNumber(body['n']) ?? 1)) {
    throw unable(
      'best_of',
      'This model is reached as a chat model, which cannot pick the best of several answers.',
    );
  }
  if (body['echo'] === true && (asNumber(body['logprobs']) ?? 0) > 0) {
    throw unable(
      'echo',
      'A chat model gives no probabilities of the prompt. Leave out "echo" or "logprobs".',
    );
  }
}

function decodeSampling(body: JsonObject): CanonicalRequest['sampling'] {
  const logprobs = asNumber(body['logprobs']);
  return defined({
    temperature: asNumber(body['temperature']),
    topP: asNumber(body['top_p']),
    topK: asNumber(body['top_k']),
    seed: asNumber(body['seed']),
    presencePenalty: asNumber(body['presence_penalty']),
    frequencyPenalty: asNumber(body['frequency_penalty']),
    logitBias: asObject(body['logit_bias']),
    choices: asNumber(body['n']),
    logprobs: logprobs === undefined ? undefined : true,
    topLogprobs: logprobs,
  });
}
