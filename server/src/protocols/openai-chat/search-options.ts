import { scopeOf } from '../canonical/hosted.ts';
import { asObject, asText, defined } from '../canonical/read-json.ts';
import type { HostedTool, Json } from '../canonical/request.ts';

/**
 * Searching the web is an option of the request in this protocol, a tool that the provider runs in others. The option
 * stays where it is for its own protocol, so the tool has nothing to write there.
 */
export function decodeSearchOptions(options: Json | undefined): readonly HostedTool[] {
  const asked = asObject(options);
  if (asked === undefined) return [];
  const place = asObject(asked['user_location']);
  const location = asObject(place?.['approximate']);
  return [
    {
      type: 'hosted',
      name: 'web_search',
      protocol: 'openai-chat',
      config: {},
      ability: 'web-search',
      ...scopeOf(defined({ location })),
      ...defined({ contextSize: asText(asked['search_context_size']) }),
    },
  ];
}
