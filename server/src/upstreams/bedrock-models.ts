import { field } from './model-list.ts';

/**
 * Ids of models on Bedrock: `vendor.name-version:revision`, with the geography of an inference profile in front
 * (`us.`, `eu.`, `global.`, ...), or an ARN that ends in one of these or in an id that tells nothing.
 */
const geography = /^(?:us-gov|us|eu|apac|au|jp|ca|in|sa|me|af|global)\./;
const tellingArn = /^arn:[\w-]+:bedrock:[^/]*:(?:inference-profile|foundation-model)\/(.+)$/;

/** `us.anthropic.claude-x` or the like out of an ARN that says so; any other id as it is. */
function plainId(model: string): string {
  return tellingArn.exec(model)?.[1] ?? model;
}

/** Token counting takes the model itself and no profile of it. */
export function withoutGeography(model: string): string {
  return plainId(model).replace(geography, '');
}

export function isClaude(model: string): boolean {
  return withoutGeography(model).startsWith('anthropic.');
}

/**
 * Under which names the catalogue may know a model. Claude and GPT cost here what their makers ask, so their own names will
 * do; what other vendors' models cost here is another matter.
 */
export function bedrockCatalogueNames(model: string): readonly string[] {
  const id = withoutGeography(model);
  if (!/^[a-z0-9-]+\.[\w.-]+/.test(id)) return [];
  const unversioned = id.replace(/(?:-v\d+)?(?::\d+)?$/, '');
  const names = [id, unversioned];
  const ownPrice = /^(?:anthropic|openai)\.((?:claude|gpt-\d).*)$/.exec(unversioned)?.[1];
  if (ownPrice !== undefined) names.push(ownPrice);
  return [...new Set(names)].filter((name) => name !== model);
}

/** Whoever keeps a call within a geography pays more than where it may run anywhere. */
export function bedrockSurcharge(model: string): string | undefined {
  const id = plainId(model);
  return geography.test(id) && !id.startsWith('global.') ? 'bedrock-regional' : undefined;
}

/** Geographies of the profiles that every region of a kind has. */
const profiles: readonly (readonly [RegExp, string])[] = [
  [/^us-gov-/, 'us-gov.'],
  [/^us-/, 'us.'],
  [/^eu-/, 'eu.'],
  [/^ap-/, 'apac.'],
];

/** Of a region's models those that answer in text, by the id that calls them there. */
export function callableModels(body: unknown): readonly string[] {
  const list = field(body, 'modelSummaries');
  if (!Array.isArray(list)) return [];
  return list.flatMap((model: unknown) => {
    const id = field(model, 'modelId');
    if (typeof id !== 'string' || !holds(model, 'outputModalities', 'TEXT')) return [];
    if (!holds(model, 'inferenceTypesSupported', 'INFERENCE_PROFILE')) return [id];
    if (holds(model, 'inferenceTypesSupported', 'ON_DEMAND')) return [id];
    const region = /^arn:[\w-]+:bedrock:([\w-]+):/.exec(String(field(model, 'modelArn')))?.[1] ?? '';
    const profile = profiles.find(([pattern]) => pattern.test(region))?.[1];
    return profile === undefined ? [] : [profile + id];
  });
}

function holds(model: unknown, name: string, word: string): boolean {
  const list = field(model, name);
  return Array.isArray(list) && list.includes(word);
}
