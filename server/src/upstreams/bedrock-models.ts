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
 * Under which names the catalogue may know a model. Claude costs here what it costs at Anthropic, so its own names will
 * do; what other vendors' models cost here is not what their makers ask.
 */
export function bedrockCatalogueNames(model: string): readonly string[] {
  const id = withoutGeography(model);
  if (!/^[a-z0-9-]+\.[\w.-]+/.test(id)) return [];
  const unversioned = id.replace(/(?:-v\d+)?(?::\d+)?$/, '');
  const names = [id, unversioned];
  if (isClaude(model)) names.push(unversioned.replace('anthropic.', ''));
  return [...new Set(names)].filter((name) => name !== model);
}
