import type { Exchange } from '../../engine/exchange.ts';
import type { JsonObject } from '../../engine/simulated-call.ts';
import { isObject, objectsOf, textOr } from '../shape.ts';
import { unitVector } from '../unit-vector.ts';
import type { GeminiModel } from './models.ts';
import { invalid } from './refusals.ts';
import { batchEmbedRequest, embedRequest } from './request-shape.ts';
import { readBody } from './rules.ts';

const maxBatch = 100;

export function embed(exchange: Exchange, given: JsonObject, model: GeminiModel): Promise<void> {
  const body = readBody(given, embedRequest);
  checkModelName(body, model, 'EmbedContentRequest');
  const tokens = exchange.countTokens(textOfRequest(body));
  return exchange.sendJson(200, {
    embedding: { values: vectorOf(body, model) },
    usageMetadata: usageOf(tokens),
  });
}

export function batchEmbed(exchange: Exchange, given: JsonObject, model: GeminiModel): Promise<void> {
  const body = readBody(given, batchEmbedRequest);
  const requests = objectsOf(body['requests']);
  if (requests.length === 0)
    throw invalid('* BatchEmbedContentsRequest.requests: requests is not specified\n');
  if (requests.length > maxBatch) {
    throw invalid(`* BatchEmbedContentsRequest.requests: at most ${maxBatch} requests can be in one batch\n`);
  }
  requests.forEach((request, index) =>
    checkModelName(request, model, `BatchEmbedContentsRequest.requests[${index}]`),
  );
  const tokens = requests.reduce((sum, request) => sum + exchange.countTokens(textOfRequest(request)), 0);
  return exchange.sendJson(200, {
    embeddings: requests.map((request) => ({ values: vectorOf(request, model) })),
    usageMetadata: usageOf(tokens),
  });
}

function usageOf(tokens: number): JsonObject {
  return { promptTokenCount: tokens, promptTokenDetails: [{ modality: 'TEXT', tokenCount: tokens }] };
}

/** The name in the body, when there is one, is the one in the path. */
function checkModelName(request: JsonObject, model: GeminiModel, owner: string): void {
  const named = request['model'];
  if (typeof named === 'string' && named.replace(/^models\//u, '') !== model.id) {
    throw invalid(`* ${owner}.model: unexpected model name format, expected models/${model.id}\n`);
  }
}

function vectorOf(request: JsonObject, model: GeminiModel): readonly number[] {
  const text = textOfRequest(request);
  if (text === '') throw invalid('* EmbedContentRequest.content: contents is not specified\n');
  const asked = request['outputDimensionality'];
  const full = model.dimensions ?? 3072;
  if (typeof asked === 'number' && (asked < 1 || asked > full)) {
    throw invalid(`* EmbedContentRequest.output_dimensionality: must be in the range [1, ${full}].\n`);
  }
  return [...unitVector(text, typeof asked === 'number' ? asked : full)];
}

function textOfRequest(request: JsonObject): string {
  const content = request['content'];
  if (!isObject(content)) return '';
  return objectsOf(content['parts'])
    .map((part) => textOr(part['text'], '[media]'))
    .join('\n');
}
