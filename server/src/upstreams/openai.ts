import type { ProtocolId } from '../protocols/canonical/request.ts';
import type { Operation, RequestTarget } from '../protocols/wire-protocol.ts';
import { field, namesOf } from './model-list.ts';
import { openaiChatCarriage } from './openai-output-limit.ts';
import type { ConnectionSettings, UpstreamKind } from './upstream-kind.ts';

/** Paths under a base URL that ends in `/v1`, by protocol. */
export const openaiPaths: Partial<Record<ProtocolId, string>> = {
  'openai-chat': '/chat/completions',
  'openai-responses': '/responses',
  'openai-completions': '/completions',
  'openai-embeddings': '/embeddings',
};

export const bearer = (settings: ConnectionSettings): readonly string[] => [
  'authorization',
  `Bearer ${settings.credential}`,
];

export const openaiListModels: UpstreamKind['listModels'] = {
  address: (settings) => ({ path: '/models', headers: bearer(settings) }),
  parse: (body) => namesOf(field(body, 'data') ?? body, 'id'),
};

const spoken: Readonly<Record<Operation, readonly ProtocolId[]>> = {
  generate: ['openai-responses', 'openai-chat'],
  complete: ['openai-completions'],
  embed: ['openai-embeddings'],
  'count-tokens': ['openai-responses'],
  compact: ['openai-responses'],
  stored: ['openai-responses'],
};

/** Responses has addresses of its own for counting, compacting and what is kept. */
export function responsesPath({ operation, verb, resource = '', query }: RequestTarget): string {
  const asked = query === '' ? '' : `?${query}`;
  if (operation === 'count-tokens') return '/responses/input_tokens';
  if (operation === 'compact') return '/responses/compact';
  if (operation !== 'stored') return '/responses';
  return `/responses/${encodeURIComponent(resource)}${verb === undefined ? '' : `/${verb}`}${asked}`;
}

/** Models with native completions; chat models answer 404 at that address. */
export const hasCompletions = /instruct|davinci|babbage/;

/** OpenAI's own API. The base URL ends in `/v1`. */
export const openai: UpstreamKind = {
  id: 'openai',
  title: 'OpenAI',
  defaultBaseUrl: 'https://api.openai.com/v1',
  options: [],
  needsCredential: true,
  presets: {},
  provider: 'openai',
  speaks: (operation, model) =>
    operation === 'complete' && !hasCompletions.test(model) ? [] : spoken[operation],
  forwardedHeaders: ['openai-beta'],
  requiredHeaders: [],
  address: (settings, protocol, _model, target) => ({
    path: protocol === 'openai-responses' ? responsesPath(target) : (openaiPaths[protocol] ?? '/'),
    headers: bearer(settings),
  }),
  carriage: (protocol) => (protocol === 'openai-chat' ? openaiChatCarriage : undefined),
  listModels: openaiListModels,
};
