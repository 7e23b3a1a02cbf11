import { estimateInput, promptAdditions, referredTokens, type MediaParts } from '../input-estimate.ts';
import { asksReasoning, isSchemaFormat, mediaParts, openAiWatch, singleFields } from '../inspect-openai.ts';
import { keptItems } from './kept-items.ts';
import { defined } from '../canonical/read-json.ts';
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
import type { Envelope, KeptReference, RequestTarget } from '../wire-protocol.ts';

export function inspectResponse(body: Buffer, target: RequestTarget): Envelope {
  return target.operation === 'stored' ? inspectStored(target) : inspectRequest(body, target);
}

/** The path says it all; the model is that of the answer that is kept. */
function inspectStored({ operation, resource = '', query }: RequestTarget): Envelope {
  return {
    operation,
    model: '',
    stream: new URLSearchParams(query).get('stream') === 'true',
    inputEstimate: 0,
    choices: 1,
    features: new Set(),
    wantsStreamUsage: true,
    passthroughSplices: [],
    kept: { id: resource, param: 'response_id' },
    isAnswerKept: true,
  };
}

function inspectRequest(body: Buffer, target: RequestTarget): Envelope {
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
    ...defined({ kept: keptReference(request) }),
    keptItems: keptItems(body, request.span('input')),
    isAnswerKept: target.operation === 'generate' && request.field('store') !== false,
    ...(request.field('background') === true ? { isBackground: true } : {}),
  };
}

/** Earlier answers and conversations are kept by the account that gave them. */
function keptReference(request: RequestScan): KeptReference | undefined {
  const previous = request.span('previous_response_id');
  const id = textField(request, 'previous_response_id');
  if (previous !== undefined && id !== undefined) {
    return { id, param: 'previous_response_id', span: [previous.start, previous.end] };
  }
  const conversation = request.field('conversation');
  const named = asText(conversation) ?? asText(asShape(conversation)?.['id']);
  return named === undefined ? undefined : { id: named, param: 'conversation' };
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
