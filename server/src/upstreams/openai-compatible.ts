import type { ProtocolId } from '../protocols/canonical/request.ts';
import { dialectIds, quirkNames } from '../protocols/shared/openai-dialects/index.ts';
import type { Operation } from '../protocols/wire-protocol.ts';
import { dialectCarriage } from './openai-dialect-carriage.ts';
import { bearer, openaiListModels, openaiPaths } from './openai.ts';
import type { ConnectionSettings, UpstreamAddress, UpstreamKind } from './upstream-kind.ts';

interface Preset {
  readonly baseUrl: string;
  /** Where the provider's own server for Anthropic Messages lies, as a path at the same host. */
  readonly messagesPath?: string;
  readonly hasResponses?: true;
}

/** Well-known servers. Each has the dialect of the same name in `protocols/shared/openai-dialects/presets.ts`. */
const presets: Readonly<Record<string, Preset>> = {
  deepseek: { baseUrl: 'https://api.deepseek.com/v1', messagesPath: '/anthropic/v1/messages' },
  xai: { baseUrl: 'https://api.x.ai/v1', hasResponses: true },
  mistral: { baseUrl: 'https://api.mistral.ai/v1' },
  groq: { baseUrl: 'https://api.groq.com/openai/v1' },
  moonshot: { baseUrl: 'https://api.moonshot.ai/v1', messagesPath: '/anthropic/v1/messages' },
  qwen: {
    baseUrl: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1',
    messagesPath: '/apps/anthropic/v1/messages',
  },
  zhipu: { baseUrl: 'https://api.z.ai/api/paas/v4', messagesPath: '/api/anthropic/v1/messages' },
  openrouter: { baseUrl: 'https://openrouter.ai/api/v1' },
  together: { baseUrl: 'https://api.together.xyz/v1' },
  fireworks: { baseUrl: 'https://api.fireworks.ai/inference/v1' },
  cerebras: { baseUrl: 'https://api.cerebras.ai/v1' },
  perplexity: { baseUrl: 'https://api.perplexity.ai' },
  ollama: { baseUrl: 'http://127.0.0.1:11434/v1' },
  vllm: { baseUrl: 'http://127.0.0.1:8000/v1' },
  litellm: { baseUrl: 'http://127.0.0.1:4000/v1' },
};

/** Other hosts of the same servers. */
const otherHosts: Readonly<Record<string, string>> = {
  'api.moonshot.cn': 'moonshot',
  'dashscope.aliyuncs.com': 'qwen',
  'dashscope-us.aliyuncs.com': 'qwen',
  'open.bigmodel.cn': 'zhipu',
  'api.together.ai': 'together',
  'ollama.com': 'ollama',
};

const presetOfHost: ReadonlyMap<string, string> = new Map([
  ...Object.entries(presets)
    .filter(([, { baseUrl }]) => baseUrl.startsWith('https:'))
    .map(([id, { baseUrl }]) => [new URL(baseUrl).host, id] as const),
  ...Object.entries(otherHosts),
]);

/** Asked for several times in every call, and reading an address costs more than all else that is asked here. */
const presetIds = new WeakMap<ConnectionSettings, { readonly id: string | undefined }>();

/** The server an account stands for: by its preset, else by the host of its base URL. */
function presetIdOf(settings: ConnectionSettings): string | undefined {
  const known = presetIds.get(settings);
  if (known !== undefined) return known.id;
  const { preset, baseUrl } = settings;
  const id = preset ?? (URL.canParse(baseUrl) ? presetOfHost.get(new URL(baseUrl).host) : undefined);
  presetIds.set(settings, { id });
  return id;
}

function dialectOf(settings: ConnectionSettings): string | undefined {
  const { dialect, quirks } = settings.options;
  const base = dialect ?? presetIdOf(settings);
  return quirks === undefined ? base : [base ?? 'plain', ...quirks.split(',')].join('+');
}

const spoken: Readonly<Record<Operation, readonly ProtocolId[]>> = {
  generate: ['openai-chat'],
  complete: ['openai-completions'],
  embed: ['openai-embeddings'],
  'count-tokens': [],
  compact: [],
  stored: [],
};

/** Servers known to have no completions, or none without a suffix; their chat models are asked instead. */
const withoutCompletions: ReadonlySet<string> = new Set([
  'groq',
  'mistral',
  'moonshot',
  'perplexity',
  'zhipu',
]);

/** The provider's servers for other protocols, where the account asks for them. */
function alsoSpoken(operation: Operation, settings: ConnectionSettings): readonly ProtocolId[] {
  const preset = presets[presetIdOf(settings) ?? ''];
  if (operation !== 'generate' || settings.options['wires'] !== 'all' || preset === undefined) return [];
  return [
    ...(preset.hasResponses === true ? (['openai-responses'] as const) : []),
    ...(preset.messagesPath === undefined ? [] : (['anthropic-messages'] as const)),
  ];
}

function addressOf(settings: ConnectionSettings, protocol: ProtocolId): UpstreamAddress {
  const { credential, baseUrl } = settings;
  const headers = credential === '' ? [] : bearer(settings);
  const messagesPath = presets[presetIdOf(settings) ?? '']?.messagesPath;
  if (protocol !== 'anthropic-messages' || messagesPath === undefined) {
    return { path: openaiPaths[protocol] ?? '/', headers };
  }
  // These servers take the key as Anthropic's do, as a bearer token, or either way.
  const named = ['x-api-key', credential, 'anthropic-version', '2023-06-01'];
  return { origin: new URL(baseUrl).origin, path: messagesPath, headers: [...headers, ...named] };
}

/** Any server that speaks Chat Completions under some base URL; presets name the well-known ones. */
export const openaiCompatible: UpstreamKind = {
  id: 'openai-compatible',
  title: 'OpenAI-compatible server',
  options: [
    {
      name: 'dialect',
      meaning: 'How the server differs from OpenAI, where neither preset nor host tell.',
      isRequired: false,
      values: dialectIds,
    },
    {
      name: 'quirks',
      meaning: 'What the server demands besides, separated by commas.',
      isRequired: false,
      values: quirkNames,
      isList: true,
    },
    {
      name: 'wires',
      meaning:
        '"all" also uses the Responses (xai) or Anthropic Messages (deepseek, moonshot, qwen, zhipu) servers of the same provider.',
      isRequired: false,
      values: ['chat', 'all'],
    },
  ],
  needsCredential: false,
  presets: Object.fromEntries(Object.entries(presets).map(([id, { baseUrl }]) => [id, baseUrl])),
  speaks(operation, _model, settings) {
    if (operation === 'complete' && withoutCompletions.has(presetIdOf(settings) ?? '')) return [];
    return [...spoken[operation], ...alsoSpoken(operation, settings)];
  },
  forwardedHeaders: [],
  requiredHeaders: [],
  address: addressOf,
  dialectOf,
  carriage(protocol, settings) {
    const dialect = dialectOf(settings);
    return protocol === 'openai-chat' && dialect !== undefined ? dialectCarriage(dialect) : undefined;
  },
  listModels: {
    ...openaiListModels,
    address: (settings) => ({ path: '/models', headers: settings.credential === '' ? [] : bearer(settings) }),
  },
};
