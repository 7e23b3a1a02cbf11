import { asArray, asObjects, asText, defined } from '../canonical/read-json.ts';
import type { Citation, JsonObject } from '../canonical/request.ts';

/**
 * Sources of an answer told beside its choices (Perplexity: `search_results`, in older answers `citations`). The text
 * names them by number, so each belongs to the text as a whole. `undefined` where the chunk tells of none.
 */
export function decodeSources(chunk: JsonObject): readonly Citation[] | undefined {
  const results = asObjects(chunk['search_results']);
  if (results.length > 0) {
    return results.flatMap((result): Citation[] => {
      const url = asText(result['url']);
      return url === undefined ? [] : [{ url, raw: result, ...defined({ title: asText(result['title']) }) }];
    });
  }
  const addresses = asArray(chunk['citations'])?.filter((url) => typeof url === 'string') ?? [];
  return addresses.length === 0 ? undefined : addresses.map((url) => ({ url, raw: { url } }));
}
