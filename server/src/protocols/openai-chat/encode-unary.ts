import { collect, type CollectedAnswer } from '../canonical/collect.ts';
import { choicesOf, eventsOfChoice, tokenLogprobs } from '../canonical/choices.ts';
import type { CanonicalEvent, TokenLogprob } from '../canonical/events.ts';
import { defined } from '../canonical/read-json.ts';
import type { CanonicalRequest, JsonObject, ToolCallPart } from '../canonical/request.ts';
import { encodeCallSignature, encodeReasoningDetail } from './call-signature.ts';
import { customToolNames } from './decode-tools.ts';
import {
  choiceLogprobs,
  completionId,
  customInput,
  encodeAnnotations,
  encodeTier,
  finishReason,
} from './encode-events.ts';
import { encodeOpenAiUsage } from '../openai-usage-report.ts';

/** Client half: a finished answer as one chat completion. */
export function encodeUnary(events: readonly CanonicalEvent[], request: CanonicalRequest): JsonObject {
  const answers = Array.from({ length: choicesOf(request) }, (_, index) => {
    const own = eventsOfChoice(events, index);
    const answer = collect(own);
    return { answer, choice: encodeChoice(answer, request, { index, tokens: tokenLogprobs(own) }) };
  });
  const first = answers[0]?.answer ?? collect(events);
  return {
    id: completionId(first.id),
    object: 'chat.completion',
    created: first.createdAtSeconds ?? 0,
    model: first.model === '' ? request.model : first.model,
    choices: answers.map(({ choice }) => choice),
    usage: encodeOpenAiUsage(first.usage),
    ...defined({ service_tier: encodeTier(first.usage) }),
  };
}

function encodeChoice(
  answer: CollectedAnswer,
  request: CanonicalRequest,
  { index, tokens }: { readonly index: number; readonly tokens: readonly TokenLogprob[] },
): JsonObject {
  const message = encodeMessage(answer, request);
  const reason = finishReason(answer.stop, {
    hasRefusal: message['refusal'] !== null,
    hasCalls: answer.parts.some((part) => part.type === 'tool-call'),
    isLegacy: request.extra['functions'] !== undefined,
  });
  return { index, message, logprobs: choiceLogprobs(tokens), finish_reason: reason };
}

function encodeMessage(answer: CollectedAnswer, request: CanonicalRequest): JsonObject {
  const calls = answer.parts.filter((part) => part.type === 'tool-call');
  const refusals = answer.parts.flatMap((part) => (part.type === 'refusal' ? [part.text] : []));
  const reasoning = reasoningText(answer, request);
  const { content, annotations } = encodeTexts(answer);
  return {
    role: 'assistant',
    content,
    refusal: refusals.length === 0 ? null : refusals.join(''),
    ...(annotations.length === 0 ? {} : { annotations }),
    ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
    ...reasoningDetails(answer, request),
    ...encodeCalls(calls, request),
  };
}

function reasoningText(answer: CollectedAnswer, request: CanonicalRequest): string {
  if (request.reasoning?.show === 'none') return '';
  return answer.parts.flatMap((part) => (part.type === 'reasoning' ? [part.text] : [])).join('');
}

function reasoningDetails(answer: CollectedAnswer, request: CanonicalRequest): JsonObject {
  const isShown = request.reasoning?.show !== 'none';
  const details = answer.parts
    .map((part) => (part.type === 'reasoning' ? encodeReasoningDetail(part, isShown) : undefined))
    .filter((detail) => detail !== undefined);
  if (details.length === 0) return {};
  return { reasoning_details: details.map((detail, index) => ({ ...detail, index })) };
}

/** All texts as one, as a stream would have given them, and the span of each block for its citations. */
function encodeTexts(answer: CollectedAnswer): {
  readonly content: string | null;
  readonly annotations: readonly JsonObject[];
} {
  let content = '';
  const annotations: JsonObject[] = [];
  for (const part of answer.parts) {
    if (part.type !== 'text') continue;
    const start = content.length;
    content += part.text;
    annotations.push(...encodeAnnotations(part.citations ?? [], start, content.length));
  }
  return { content: content === '' ? null : content, annotations };
}

function encodeCalls(calls: readonly ToolCallPart[], request: CanonicalRequest): JsonObject {
  const [first] = calls;
  if (first === undefined) return {};
  if (request.extra['functions'] !== undefined) {
    return { function_call: { name: first.name, arguments: first.argumentsText } };
  }
  const custom = customToolNames(request);
  return { tool_calls: calls.map((call) => encodeCall(call, custom)) };
}

function encodeCall(call: ToolCallPart, custom: ReadonlySet<string>): JsonObject {
  if (custom.has(call.name)) {
    return {
      id: call.id,
      type: 'custom',
      custom: { name: call.name, input: customInput(call.argumentsText) },
    };
  }
  const signature = encodeCallSignature(call);
  const called = { name: call.name, arguments: call.argumentsText };
  return { id: call.id, type: 'function', function: called, ...signature };
}
