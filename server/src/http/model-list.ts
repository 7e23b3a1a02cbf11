import type { ModelFacts } from '../domain/catalogue.ts';

/** A model on offer to one caller, with what the catalogue knows of it. */
export interface OfferedModel {
  readonly id: string;
  readonly facts: ModelFacts | undefined;
}

type Json = Readonly<Record<string, unknown>>;

/** How one family of clients wants model lists to look. */
export interface ModelListShape {
  list(models: readonly OfferedModel[], page: URLSearchParams): Json;
  one(model: OfferedModel): Json;
}

/** `GET /v1/models` is shared by three protocols; the caller's own headers say which one asks. */
export function shapeFor(
  headers: { get(name: string): string | undefined },
  path: string,
  query: URLSearchParams,
): ModelListShape {
  if (headers.get('anthropic-version') !== undefined) return cursorShape;
  const isGoogle =
    headers.get('x-goog-api-key') !== undefined || query.has('key') || path.startsWith('/v1beta');
  return isGoogle ? pageShape : plainShape;
}

/** Model lists carry a date; the catalogue has none, so every model shares this one. */
const listedAt = '2026-01-01T00:00:00Z';
const listedAtSeconds = Date.parse(listedAt) / 1_000;

const plainShape: ModelListShape = {
  list: (models) => ({ object: 'list', data: models.map((model) => plainShape.one(model)) }),
  one: ({ id, facts }) => ({
    id,
    object: 'model',
    created: listedAtSeconds,
    owned_by: facts?.provider ?? 'qingzhou',
    ...(facts === undefined
      ? {}
      : { context_window: facts.contextWindow, max_output_tokens: facts.maxOutput }),
  }),
};

const cursorShape: ModelListShape = {
  list(models, page) {
    const after = page.get('after_id');
    const before = page.get('before_id');
    const limit = Math.min(Math.max(Number(page.get('limit') ?? 20) || 20, 1), 1_000);
    const from = after === null ? 0 : models.findIndex((model) => model.id === after) + 1;
    const beforeAt = before === null ? -1 : models.findIndex((model) => model.id === before);
    const data =
      beforeAt === -1
        ? models.slice(from, from + limit)
        : models.slice(Math.max(0, beforeAt - limit), beforeAt);
    return {
      data: data.map((model) => cursorShape.one(model)),
      has_more: beforeAt === -1 ? from + limit < models.length : beforeAt > limit,
      first_id: data[0]?.id ?? null,
      last_id: data.at(-1)?.id ?? null,
    };
  },
  one: ({ id, facts }) => ({
    type: 'model',
    id,
    display_name: id,
    created_at: listedAt,
    ...(facts === undefined ? {} : { max_input_tokens: facts.contextWindow, max_tokens: facts.maxOutput }),
  }),
};

const pageShape: ModelListShape = {
  list(models, page) {
    const size = Math.min(Math.max(Number(page.get('pageSize') ?? 50) || 50, 1), 1_000);
    const from = Number(page.get('pageToken') ?? 0) || 0;
    const next = from + size;
    return {
      models: models.slice(from, next).map((model) => pageShape.one(model)),
      ...(next < models.length ? { nextPageToken: String(next) } : {}),
    };
  },
  one: ({ id, facts }) => ({
    name: `models/${id}`,
    displayName: id,
    version: '1',
    supportedGenerationMethods: facts?.outputModalities.includes('embedding')
      ? ['embedContent', 'batchEmbedContents']
      : ['generateContent', 'streamGenerateContent', 'countTokens'],
    ...(facts === undefined
      ? {}
      : { inputTokenLimit: facts.contextWindow, outputTokenLimit: facts.maxOutput }),
  }),
};
