import type { ProtocolId } from '../protocols/canonical/request.ts';
import type { Operation } from '../protocols/wire-protocol.ts';
import { bearer, openaiListModels, openaiPaths } from './openai.ts';
import type { UpstreamKind } from './upstream-kind.ts';

const spoken: Readonly<Record<Operation, readonly ProtocolId[]>> = {
  generate: ['openai-chat'],
  complete: ['openai-completions'],
  embed: ['openai-embeddings'],
  'count-tokens': [],
  compact: [],
  stored: [],
};

/** Any server that speaks Chat Completions under some base URL; presets name the well-known ones. */
export const openaiCompatible: UpstreamKind = {
  id: 'openai-compatible',
  title: 'OpenAI-compatible server',
  options: [],
  needsCredential: false,
  presets: {
    deepseek: 'https://api.deepseek.com/v1',
    xai: 'https://api.x.ai/v1',
    mistral: 'https://api.mistral.ai/v1',
    groq: 'https://api.groq.com/openai/v1',
    moonshot: 'https://api.moonshot.ai/v1',
    qwen: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1',
    zhipu: 'https://api.z.ai/api/paas/v4',
    openrouter: 'https://openrouter.ai/api/v1',
    together: 'https://api.together.xyz/v1',
    ollama: 'http://127.0.0.1:11434/v1',
    vllm: 'http://127.0.0.1:8000/v1',
  },
  speaks: (operation) => spoken[operation],
  forwardedHeaders: [],
  requiredHeaders: [],
  address: (settings, protocol) => ({
    path: openaiPaths[protocol] ?? '/',
    headers: settings.credential === '' ? [] : bearer(settings),
  }),
  listModels: {
    ...openaiListModels,
    address: (settings) => ({ path: '/models', headers: settings.credential === '' ? [] : bearer(settings) }),
  },
};
