import type { Exchange, StreamFrame } from '../../engine/exchange.ts';
import type { Json, JsonObject, WireRefusal } from '../../engine/simulated-call.ts';
import { isObject } from '../shape.ts';

/** Put into a prompt, it is what the filter finds. */
const TRIGGER = '[[content-filter]]';
const SAFE = { filtered: false, severity: 'safe' } as const;
const RESULTS: JsonObject = { hate: SAFE, self_harm: SAFE, sexual: SAFE, violence: SAFE };
const PROMPT_RESULTS: Json = [
  {
    prompt_index: 0,
    content_filter_results: { ...RESULTS, jailbreak: { filtered: false, detected: false } },
  },
];

export function filterRefusal(bodyText: string): WireRefusal | undefined {
  if (!bodyText.includes(TRIGGER)) return undefined;
  const found = { ...RESULTS, violence: { filtered: true, severity: 'medium' } };
  const error = {
    message:
      "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry. To learn more about our content filtering policies please read our documentation: https://go.microsoft.com/fwlink/?linkid=2198766",
    type: null,
    param: 'prompt',
    code: 'content_filter',
    status: 400,
    innererror: { code: 'ResponsibleAIPolicyViolation', content_filter_result: found },
  };
  return { status: 400, headers: {}, body: { error } };
}

/** Results of the filter on the prompt (in a stream a first chunk without choices) and on every choice. */
export function withFilterResults(exchange: Exchange): Exchange {
  return {
    ...exchange,
    sendJson: (status, body, headers) =>
      exchange.sendJson(status, status === 200 ? filtered(body, true) : body, headers),
    sendStream: (frames, contentType, headers) =>
      exchange.sendStream(filteredFrames(frames), contentType, headers),
  };
}

function* filteredFrames(frames: Iterable<StreamFrame>): Generator<StreamFrame> {
  const first = {
    choices: [],
    created: 0,
    id: '',
    model: '',
    object: '',
    prompt_filter_results: PROMPT_RESULTS,
  };
  yield { text: `data: ${JSON.stringify(first)}\n\n`, isToken: false };
  for (const frame of frames) {
    const payload = /^data: (\{.*\})\s*$/s.exec(frame.text)?.[1];
    yield payload === undefined
      ? frame
      : { ...frame, text: `data: ${JSON.stringify(filtered(JSON.parse(payload) as Json, false))}\n\n` };
  }
}

function filtered(body: Json, isWhole: boolean): Json {
  if (!isObject(body)) return body;
  const choices = Array.isArray(body['choices']) ? (body['choices'] as readonly Json[]) : [];
  return {
    ...body,
    choices: choices.map((choice) =>
      isObject(choice) ? { ...choice, content_filter_results: RESULTS } : choice,
    ),
    ...(isWhole ? { prompt_filter_results: PROMPT_RESULTS } : {}),
  };
}
