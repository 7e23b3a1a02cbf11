import { fromCloudClient } from './gemini-cloud-client.ts';
import { field, namesOf } from './model-list.ts';
import type { UpstreamKind } from './upstream-kind.ts';

/** Clients of the cloud name its own version, which this API calls otherwise. */
function versionOf(asked: string | undefined): string {
  return asked === undefined || asked === 'v1beta1' ? 'v1beta' : asked;
}

/** Google's Gemini API with an API key. The base URL has no version; the client's version segment is kept. */
export const gemini: UpstreamKind = {
  id: 'gemini',
  title: 'Google Gemini',
  defaultBaseUrl: 'https://generativelanguage.googleapis.com',
  options: [],
  needsCredential: true,
  presets: {},
  provider: 'google',
  speaks: (operation) =>
    operation === 'generate' || operation === 'embed' || operation === 'count-tokens' ? ['gemini'] : [],
  forwardedHeaders: [],
  requiredHeaders: [],
  address: (settings, _protocol, model, target) => {
    const counting = target.operation === 'count-tokens' ? 'countTokens' : undefined;
    const verb = target.verb ?? counting ?? (target.stream ? 'streamGenerateContent' : 'generateContent');
    // A client of this protocol names verb and form itself; any other gets a stream of events.
    const asked = target.verb === undefined && target.stream ? 'alt=sse' : target.query;
    const query = asked === '' ? '' : `?${asked}`;
    return {
      path: `/${versionOf(target.apiVersion)}/models/${encodeURIComponent(model)}:${verb}${query}`,
      headers: ['x-goog-api-key', settings.credential],
    };
  },
  carriage: () => fromCloudClient,
  listModels: {
    address: (settings) => ({
      path: '/v1beta/models?pageSize=1000',
      headers: ['x-goog-api-key', settings.credential],
    }),
    parse: (body) => namesOf(field(body, 'models'), 'name').map((name) => name.replace(/^models\//, '')),
  },
};
