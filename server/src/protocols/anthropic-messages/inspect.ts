import {
  estimateInput,
  promptAdditions,
  inlineMediaKeys,
  mediaTypeKeys,
  type MediaParts,
} from '../input-estimate.ts';
import { asShape, asText, parseShape } from '../json-shape.ts';
import {
  isFilled,
  requiredModel,
  scanRequest,
  streamFlag,
  wholeNumber,
  type RequestScan,
} from '../request-scan.ts';
import type { Envelope, RequestTarget } from '../wire-protocol.ts';

const watch: ReadonlySet<string> = new Set(['type', ...inlineMediaKeys, ...mediaTypeKeys]);
const single: ReadonlySet<string> = new Set(['model', 'stream', 'max_tokens']);

export function inspectMessages(body: Buffer, target: RequestTarget): Envelope {
  const request = scanRequest(body, watch, single);
  const { model, modelSpan } = requiredModel(request);
  const parts = mediaParts(request);
  const features = featuresOf(request, parts);
  const maxOutputTokens = wholeNumber(request, 'max_tokens');
  const hint = sessionOf(request);
  return {
    operation: target.operation,
    model,
    stream: target.operation === 'generate' && streamFlag(request),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    inputEstimate: estimateInput(request, parts, promptAdditions(request, features)),
    choices: 1,
    features,
    ...(hint === undefined ? {} : { sessionHint: hint }),
    modelSpan,
    wantsStreamUsage: true,
    passthroughSplices: [],
  };
}

/** Blocks by `"type":"image"` and `"type":"document"`; tool results may hold them too. */
function mediaParts(request: RequestScan): MediaParts {
  let images = 0;
  let documents = 0;
  for (const mark of request.marks) {
    if (mark.key !== 'type' || mark.topKey !== 'messages') continue;
    const size = mark.end - mark.start;
    if (size !== 7 && size !== 10) continue;
    const type = request.body.toString('latin1', mark.start + 1, mark.end - 1);
    if (type === 'image') images++;
    else if (type === 'document') documents++;
  }
  return { images, documents, audio: 0 };
}

function featuresOf(request: RequestScan, parts: MediaParts): Envelope['features'] {
  const features = new Set<'tools' | 'image' | 'document' | 'audio' | 'schema' | 'reasoning'>();
  if (isFilled(request, 'tools')) features.add('tools');
  if (parts.images > 0) features.add('image');
  if (parts.documents > 0) features.add('document');
  const output = asShape(request.field('output_config'));
  if (asShape(output?.['format']) !== undefined || request.field('output_format') !== undefined)
    features.add('schema');
  const thinking = asText(asShape(request.field('thinking'))?.['type']);
  if (thinking !== undefined && thinking !== 'disabled') features.add('reasoning');
  return features;
}

/** Claude Code puts its session into `metadata.user_id`: a JSON string, or of old `user_..._session_<id>`. */
function sessionOf(request: RequestScan): string | undefined {
  const userId = asText(asShape(request.field('metadata'))?.['user_id']);
  if (userId === undefined) return undefined;
  if (userId.startsWith('{')) return asText(parseShape(userId)?.['session_id']) ?? userId;
  return /_session_(.+)$/.exec(userId)?.[1] ?? userId;
}
