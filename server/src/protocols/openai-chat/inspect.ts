import type { Draft } from '../../domain/draft.ts';
import { estimateInput, promptAdditions } from '../input-estimate.ts';
import {
  asksReasoning,
  includesUsage,
  isSchemaFormat,
  mediaParts,
  openAiWatch,
  singleFields,
  usageSplices,
} from '../inspect-openai.ts';
import { asShape } from '../json-shape.ts';
import {
  choicesOf,
  isFilled,
  requiredModel,
  scanRequest,
  streamFlag,
  textField,
  wholeNumber,
  type RequestScan,
} from '../request-scan.ts';
import type { Envelope, RequestTarget } from '../wire-protocol.ts';
import { isOutOfLine, ownShapeWatch } from './out-of-line.ts';

const watch: ReadonlySet<string> = new Set([...openAiWatch, ...ownShapeWatch]);

export function inspectChat(body: Buffer, target: RequestTarget): Envelope {
  const request = scanRequest(body, watch, singleFields);
  const { model, modelSpan } = requiredModel(request);
  const stream = streamFlag(request);
  const parts = mediaParts(request, request.has('messages') ? 'messages' : 'input');
  const features = featuresOf(request, parts);
  const maxOutputTokens = wholeNumber(request, 'max_completion_tokens', 'max_tokens', 'max_output_tokens');
  const hint =
    textField(request, 'prompt_cache_key') ??
    textField(request, 'safety_identifier') ??
    textField(request, 'user');
  const wantsStreamUsage = stream && includesUsage(request);
  const envelope: Draft<Envelope> = {
    operation: target.operation,
    model,
    stream,
    inputEstimate: estimateInput(request, parts, promptAdditions(request, features)),
    choices: choicesOf(wholeNumber(request, 'n')),
    features,
    modelSpan,
    wantsStreamUsage,
    passthroughSplices: stream && !wantsStreamUsage ? usageSplices(request, modelSpan[1]) : [],
  };
  if (isOutOfLine(request)) envelope.isOutOfLine = true;
  if (maxOutputTokens !== undefined) envelope.maxOutputTokens = maxOutputTokens;
  if (hint !== undefined) envelope.sessionHint = hint;
  return envelope;
}

function featuresOf(request: RequestScan, parts: ReturnType<typeof mediaParts>): Envelope['features'] {
  const features = new Set<'tools' | 'image' | 'document' | 'audio' | 'schema' | 'reasoning'>();
  if (isFilled(request, 'tools') || isFilled(request, 'functions')) features.add('tools');
  if (parts.images > 0) features.add('image');
  if (parts.documents > 0) features.add('document');
  if (parts.audio > 0 || request.has('audio')) features.add('audio');
  if (isSchemaFormat(request.field('response_format') ?? asShape(request.field('text'))?.['format']))
    features.add('schema');
  const effort = request.field('reasoning_effort') ?? asShape(request.field('reasoning'))?.['effort'];
  if (asksReasoning(effort)) features.add('reasoning');
  return features;
}
