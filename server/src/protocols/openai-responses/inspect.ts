import { estimateInput, promptAdditions, referredTokens, type MediaParts } from '../input-estimate.ts';
import { asksReasoning, isSchemaFormat, mediaParts, openAiWatch, singleFields } from '../inspect-openai.ts';
import { asShape, asText } from '../json-shape.ts';
import {
  isFilled,
  requiredModel,
  scanRequest,
  streamFlag,
  textField,
  wholeNumber,
  type RequestScan,
} from '../request-scan.ts';
import type { Envelope, RequestTarget } from '../wire-protocol.ts';

export function inspectResponse(body: Buffer, target: RequestTarget): Envelope {
  const request = scanRequest(body, openAiWatch, singleFields);
  const { model, modelSpan } = requiredModel(request);
  const parts = mediaParts(request, 'input');
  const features = featuresOf(request, parts);
  const maxOutputTokens = wholeNumber(request, 'max_output_tokens');
  const stored = storedContext(request);
  const hint = textField(request, 'prompt_cache_key') ?? stored ?? textField(request, 'safety_identifier');
  return {
    operation: target.operation,
    model,
    stream: streamFlag(request),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    inputEstimate:
      estimateInput(request, parts, promptAdditions(request, features)) +
      (stored === undefined ? 0 : referredTokens),
    choices: 1,
    features,
    ...(hint === undefined ? {} : { sessionHint: hint }),
    modelSpan,
    wantsStreamUsage: true,
    passthroughSplices: [],
  };
}

/** Names what the provider keeps and adds to the prompt by itself. */
function storedContext(request: RequestScan): string | undefined {
  const conversation = request.field('conversation');
  return (
    textField(request, 'previous_response_id') ??
    asText(conversation) ??
    asText(asShape(conversation)?.['id']) ??
    asText(asShape(request.field('prompt'))?.['id'])
  );
}

function featuresOf(request: RequestScan, parts: MediaParts): Envelope['features'] {
  const features = new Set<'tools' | 'image' | 'document' | 'audio' | 'schema' | 'reasoning'>();
  if (isFilled(request, 'tools')) features.add('tools');
  if (parts.images > 0) features.add('image');
  if (parts.documents > 0) features.add('document');
  if (parts.audio > 0) features.add('audio');
  if (isSchemaFormat(asShape(request.field('text'))?.['format'])) features.add('schema');
  if (asksReasoning(asShape(request.field('reasoning'))?.['effort'])) features.add('reasoning');
  return features;
}
