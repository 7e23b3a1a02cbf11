import { estimateInput } from '../input-estimate.ts';
import { openAiWatch, singleFields } from '../inspect-openai.ts';
import { requiredModel, scanRequest } from '../request-scan.ts';
import type { Envelope, RequestTarget } from '../wire-protocol.ts';

const noMedia = { images: 0, documents: 0, audio: 0 };
const noAdditions = { hasInstructions: false, hostedTools: 0 };

/** Input may be token ids: a short number and its comma are one token, so two bytes count as one at least. */
export function inspectEmbedding(body: Buffer, target: RequestTarget): Envelope {
  const request = scanRequest(body, openAiWatch, singleFields);
  const { model, modelSpan } = requiredModel(request);
  const span = request.span('input');
  const isTokenIds =
    span !== undefined && /^\[[\s[]*\d/.test(body.toString('latin1', span.start, span.start + 64));
  const inputEstimate = isTokenIds
    ? Math.ceil((span.end - span.start) / 2)
    : estimateInput(request, noMedia, noAdditions);
  return {
    operation: target.operation,
    model,
    stream: false,
    inputEstimate,
    choices: 1,
    features: new Set(),
    modelSpan,
    wantsStreamUsage: false,
    passthroughSplices: [],
  };
}
