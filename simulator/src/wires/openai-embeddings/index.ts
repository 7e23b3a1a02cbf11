/**
 * OpenAI embeddings: unit vectors that follow from the text, as numbers or as base64 of little-endian floats.
 * Must not know generation. Begin at `handleEmbeddings`.
 */
import type { Exchange, SimulatedWire } from '../../engine/exchange.ts';
import type { Json, JsonObject } from '../../engine/simulated-call.ts';
import { openai } from '../../providers/openai.ts';
import {
  chooseModel,
  invalid,
  OpenAiRefusal,
  openRequest,
  refuseFirstFault,
  unlistedModel,
  withRefusals,
} from '../openai/index.ts';
import type { OpenAiModel } from '../openai/index.ts';
import { isArray, textOr } from '../shape.ts';
import { unitVector } from '../unit-vector.ts';
import { embeddingRequest } from './request-shape.ts';

const ownPath = '/v1/embeddings';
const maxTokensPerRequest = 300_000;

export const openaiEmbeddingsWire: SimulatedWire = {
  id: 'openai-embeddings',
  provider: openai,
  matches: (method, path) => method === 'POST' && path.endsWith('/embeddings'),
  handle: (exchange) => withRefusals(exchange, () => handleEmbeddings(exchange)),
};

function handleEmbeddings(exchange: Exchange): Promise<void> {
  const body = openRequest(exchange);
  checkShape(body);
  const name = textOr(body['model']);
  const isOwn = exchange.path === ownPath;
  const model = isOwn ? chooseModel(exchange.account, name) : unlistedModel(name);
  if (isOwn) checkModel(model);
  const dimensions = dimensionsOf(body, model);
  const inputs = inputsOf(body['input']);
  const tokens = inputs.map((input) => input.ids ?? exchange.countTokens(input.text));
  checkInputs(inputs, tokens, model);
  const total = tokens.reduce((sum, count) => sum + count, 0);
  const isBase64 = body['encoding_format'] === 'base64';
  return exchange.sendJson(200, {
    object: 'list',
    data: inputs.map(({ text }, index) => {
      const vector = unitVector(text, dimensions);
      const embedding = isBase64 ? Buffer.from(vector.buffer).toString('base64') : [...vector];
      return { object: 'embedding', index, embedding };
    }),
    model: model.snapshot,
    usage: { prompt_tokens: total, total_tokens: total },
  });
}

function checkShape(body: JsonObject): void {
  const unknown = Object.keys(body).find(
    (name) => !['model', 'input', 'dimensions', 'encoding_format', 'user'].includes(name),
  );
  if (unknown !== undefined) throw invalid(`Unrecognized request argument supplied: ${unknown}`);
  if (body['model'] === undefined) throw invalid('you must provide a model parameter');
  if (body['input'] === undefined || body['input'] === null) {
    throw invalid(
      "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.",
    );
  }
  refuseFirstFault(body, embeddingRequest);
}

function checkModel(model: OpenAiModel): void {
  if (model.kind === 'embedding') return;
  throw new OpenAiRefusal({
    status: 403,
    message: `You are not allowed to generate embeddings from this model`,
  });
}

function dimensionsOf(body: JsonObject, model: OpenAiModel): number {
  const full = model.dimensions ?? 1024;
  const asked = body['dimensions'];
  if (typeof asked !== 'number') return full;
  if (!model.hasChosenDimensions && model.kind === 'embedding') {
    throw invalid('This model does not support specifying dimensions.');
  }
  if (model.dimensions !== undefined && asked > full) {
    throw invalid(`Invalid value for 'dimensions' = ${asked}. Must be less than or equal to ${full}.`);
  }
  return asked;
}

interface EmbeddingInput {
  readonly text: string;
  /** Number of token identifiers, when the input came as such. */
  readonly ids?: number;
}

function inputsOf(input: Json | undefined): readonly EmbeddingInput[] {
  if (!isArray(input)) return [{ text: textOr(input) }];
  if (typeof input[0] === 'number') return [{ text: JSON.stringify(input), ids: input.length }];
  return input.map((entry) =>
    isArray(entry) ? { text: JSON.stringify(entry), ids: entry.length } : { text: textOr(entry) },
  );
}

function checkInputs(inputs: readonly EmbeddingInput[], tokens: readonly number[], model: OpenAiModel): void {
  if (inputs.some(({ text }) => text === '')) {
    throw invalid("Invalid 'input[0]': input cannot be an empty string.", undefined, 'empty_string');
  }
  const longest = Math.max(...tokens);
  if (longest > model.contextTokens) {
    throw invalid(
      `This model's maximum context length is ${model.contextTokens} tokens, however you requested ${longest} tokens ` +
        `(${longest} in your prompt; 0 for the completion). Please reduce your prompt; or completion length.`,
    );
  }
  const total = tokens.reduce((sum, count) => sum + count, 0);
  if (total > maxTokensPerRequest) {
    throw invalid(
      `Requested ${total} tokens, max ${maxTokensPerRequest} tokens per request`,
      undefined,
      'max_tokens_per_request',
    );
  }
}
