import { estimateInput } from '../input-estimate.ts';
import { includesUsage, openAiWatch, singleFields, usageSplices } from '../inspect-openai.ts';
import {
  choicesOf,
  requiredModel,
  scanRequest,
  streamFlag,
  textField,
  wholeNumber,
} from '../request-scan.ts';
import type { Envelope, RequestTarget } from '../wire-protocol.ts';

const noMedia = { images: 0, documents: 0, audio: 0 };
const noAdditions = { hasInstructions: false, hostedTools: 0 };

export function inspectCompletion(body: Buffer, target: RequestTarget): Envelope {
  const request = scanRequest(body, openAiWatch, singleFields);
  const { model, modelSpan } = requiredModel(request);
  const stream = streamFlag(request);
  const wantsStreamUsage = stream && includesUsage(request);
  const maxOutputTokens = wholeNumber(request, 'max_tokens');
  const hint = textField(request, 'user');
  return {
    operation: target.operation,
    model,
    stream,
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    inputEstimate: estimateInput(request, noMedia, noAdditions),
    choices: choicesOf(Math.max(wholeNumber(request, 'n') ?? 1, wholeNumber(request, 'best_of') ?? 1)),
    features: new Set(),
    ...(hint === undefined ? {} : { sessionHint: hint }),
    modelSpan,
    wantsStreamUsage,
    passthroughSplices: stream && !wantsStreamUsage ? usageSplices(request, modelSpan[1]) : [],
  };
}
