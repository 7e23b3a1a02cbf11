import { field, namesOf } from './model-list.ts';
import type { UpstreamKind } from './upstream-kind.ts';

/** Anthropic's own API: Messages, token counting, model list. The base URL has no `/v1`. */
export const anthropic: UpstreamKind = {
  id: 'anthropic',
  title: 'Anthropic',
  defaultBaseUrl: 'https://api.anthropic.com',
  options: [],
  needsCredential: true,
  presets: {},
  provider: 'anthropic',
  speaks: (operation) =>
    operation === 'generate' || operation === 'count-tokens' ? ['anthropic-messages'] : [],
  forwardedHeaders: ['anthropic-version', 'anthropic-beta'],
  requiredHeaders: ['anthropic-version', '2023-06-01'],
  address: (settings, _protocol, _model, target) => ({
    path: `/v1/messages${target.operation === 'count-tokens' ? '/count_tokens' : ''}${target.query === 'beta=true' ? '?beta=true' : ''}`,
    headers: ['x-api-key', settings.credential],
  }),
  listModels: {
    address: (settings) => ({
      path: '/v1/models?limit=1000',
      headers: ['x-api-key', settings.credential, 'anthropic-version', '2023-06-01'],
    }),
    parse: (body) => namesOf(field(body, 'data'), 'id'),
  },
};
