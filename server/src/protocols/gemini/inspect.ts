import { RelayError } from '../../domain/errors.ts';
import {
  estimateInput,
  inlineMediaKeys,
  mediaTypeKeys,
  referredTokens,
  type MediaParts,
  type PromptAdditions,
} from '../input-estimate.ts';
import { choicesOf, isFilled, scanRequest, textField, type RequestScan } from '../request-scan.ts';
import type { Envelope, RequestTarget } from '../wire-protocol.ts';
import { arrayForm, isArrayStream } from './stream-form.ts';

const mediaKeys = ['inlineData', 'inline_data', 'fileData', 'file_data'];
const hostedTools = [
  'googleSearch',
  'google_search',
  'urlContext',
  'url_context',
  'codeExecution',
  'code_execution',
  'googleMaps',
  'fileSearch',
];
const watch: ReadonlySet<string> = new Set([
  'model',
  'maxOutputTokens',
  'max_output_tokens',
  'candidateCount',
  'candidate_count',
  'responseSchema',
  'response_schema',
  'responseJsonSchema',
  'response_json_schema',
  'thinkingConfig',
  'thinking_config',
  ...hostedTools,
  ...mediaKeys,
  ...inlineMediaKeys,
  ...mediaTypeKeys,
]);
const schemaKeys = ['responseSchema', 'response_schema', 'responseJsonSchema', 'response_json_schema'];

/** Model and mode stand in the path; both spellings of field names are taken, as the provider takes them. */
export function inspectGemini(body: Buffer, target: RequestTarget): Envelope {
  const { model } = target;
  if (model === undefined || model === '') {
    throw new RelayError('invalid_request', { message: 'The path names no model.', param: 'model' });
  }
  const request = scanRequest(body, watch);
  const parts = mediaParts(request);
  const features = featuresOf(request, parts);
  const maxOutputTokens = configNumber(request, ['maxOutputTokens', 'max_output_tokens']);
  const cached = textField(request, 'cachedContent') ?? textField(request, 'cached_content');
  const stream = target.stream === true;
  return {
    operation: target.operation,
    model,
    stream,
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    inputEstimate:
      estimateInput(request, parts, promptAdditions(request, features)) +
      (cached === undefined ? 0 : referredTokens),
    choices: choicesOf(configNumber(request, ['candidateCount', 'candidate_count'])),
    features,
    ...(cached === undefined ? {} : { sessionHint: cached }),
    wantsStreamUsage: true,
    passthroughSplices: [],
    ...echoes(request, target),
    ...(stream && isArrayStream(target.query) ? { streamForm: arrayForm } : {}),
  };
}

/** A number directly in the generation config: in the body, or in the request that tokens are counted of. */
function configNumber(request: RequestScan, keys: readonly string[]): number | undefined {
  let found: number | undefined;
  for (const mark of request.marks) {
    if (!keys.includes(mark.key) || !/^generation_?[cC]onfig$/.test(mark.topKey) || mark.depth !== 2)
      continue;
    const digits = /^\d{1,15}(?![\d.eE])/.exec(request.body.toString('latin1', mark.start, mark.start + 16));
    if (digits !== null) found = Number(digits[0]);
  }
  return found;
}

/** `image/...` parts are pictures, `audio/...` and video sound, anything else a document. */
function mediaParts(request: RequestScan): MediaParts {
  const parts = { images: 0, documents: 0, audio: 0 };
  const holders = request.marks.filter((mark) => mediaKeys.includes(mark.key));
  const types = request.marks.filter((mark) => mediaTypeKeys.includes(mark.key));
  for (const holder of holders) {
    const type = types.find((mark) => mark.start > holder.start && mark.depth === holder.depth + 1);
    const text = type === undefined ? '' : request.body.toString('latin1', type.start + 1, type.end - 1);
    if (text.startsWith('image/')) parts.images++;
    else if (text.startsWith('audio/')) parts.audio++;
    else parts.documents++;
  }
  return parts;
}

function featuresOf(request: RequestScan, parts: MediaParts): Envelope['features'] {
  const features = new Set<'tools' | 'image' | 'document' | 'audio' | 'schema' | 'reasoning'>();
  const keys = new Set(request.marks.filter((mark) => mark.depth === 2).map((mark) => mark.key));
  if (isFilled(request, 'tools')) features.add('tools');
  if (parts.images > 0) features.add('image');
  if (parts.documents > 0) features.add('document');
  if (parts.audio > 0) features.add('audio');
  if (schemaKeys.some((key) => keys.has(key))) features.add('schema');
  if (keys.has('thinkingConfig') || keys.has('thinking_config')) features.add('reasoning');
  return features;
}

function promptAdditions(request: RequestScan, features: Envelope['features']): PromptAdditions {
  const hosted = request.marks.filter((mark) => mark.topKey === 'tools' && hostedTools.includes(mark.key));
  return {
    hasInstructions: features.has('tools') || features.has('schema'),
    hostedTools: hosted.length,
  };
}

/** Embedding and counting requests may repeat the model inside; a mapped name must reach those places too. */
function echoes(request: RequestScan, target: RequestTarget): Pick<Envelope, 'modelEchoes'> {
  if (target.operation === 'generate') return {};
  const spans = request.marks
    .filter(
      (mark) => mark.key === 'model' && (mark.topKey === 'requests' ? mark.depth === 3 : mark.depth === 2),
    )
    .map((mark) => [mark.start, mark.end] as const)
    .filter(([start, end]) => end > start);
  const top = request.span('model');
  if (top !== undefined && typeof request.field('model') === 'string') spans.push([top.start, top.end]);
  return spans.length === 0 ? {} : { modelEchoes: spans };
}
