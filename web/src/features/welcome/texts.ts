import type { Language } from '../../lib/language.ts';

export interface WelcomeTexts {
  readonly tagline: string;
  readonly running: string;
  readonly baseUrlTitle: string;
  readonly baseUrlHint: string;
  readonly openai: string;
  readonly anthropic: string;
  readonly gemini: string;
  readonly firstCallTitle: string;
  readonly firstCallHint: string;
  readonly nextTitle: string;
  readonly callers: string;
  readonly callersHint: string;
  readonly operators: string;
  readonly operatorsHint: string;
  readonly configuration: string;
  readonly configurationHint: string;
  readonly policies: string;
  readonly policiesHint: string;
  readonly copy: string;
  readonly copied: string;
  readonly copyFailed: string;
  readonly language: string;
  readonly examples: string;
  readonly footer: string;
}

export const welcomeTexts: Readonly<Record<Language, WelcomeTexts>> = {
  en: {
    tagline: 'One address, one key and one bill for every model.',
    running: 'The relay is running',
    baseUrlTitle: 'Your base URL',
    baseUrlHint: 'Point any client at it. Each SDK adds its own paths.',
    openai: 'OpenAI SDKs and compatible clients',
    anthropic: 'Anthropic SDKs, Claude Code',
    gemini: 'Google Gen AI SDKs, Gemini CLI',
    firstCallTitle: 'The first call',
    firstCallHint:
      'Put in your relay key: it was shown when Qingzhou first started. "npm run qz -- key create --name laptop" makes another.',
    nextTitle: 'Where to go next',
    callers: 'Set up a client',
    callersHint: 'The base URL setting of every SDK and tool',
    operators: 'Run it for others',
    operatorsHint: 'Production, backups, upgrades, proxies',
    configuration: 'Configuration',
    configurationHint: 'Every setting with its default',
    policies: 'Who pays for what',
    policiesHint: 'Charges, retries and losses, row by row',
    copy: 'Copy',
    copied: 'Copied',
    copyFailed: 'Not copied',
    language: 'Language',
    examples: 'Examples by language',
    footer: 'Prompts and answers are never stored. Free software under Apache-2.0.',
  },
  'zh-CN': {
    tagline: '一个地址，一把密钥，一份账单，连接所有模型。',
    running: '轻舟正在运行',
    baseUrlTitle: '你的 Base URL',
    baseUrlHint: '把任意客户端指向它即可，各家 SDK 会自行补全路径。',
    openai: 'OpenAI SDK 与兼容客户端',
    anthropic: 'Anthropic SDK、Claude Code',
    gemini: 'Google Gen AI SDK、Gemini CLI',
    firstCallTitle: '第一次调用',
    firstCallHint:
      '填入你的轻舟密钥：首次启动时已显示过一次。用 “npm run qz -- key create --name laptop” 可以再创建一把。',
    nextTitle: '接下来',
    callers: '配置客户端',
    callersHint: '每个 SDK 和工具的 Base URL 写法',
    operators: '为他人运行',
    operatorsHint: '生产部署、备份、升级与代理',
    configuration: '配置项',
    configurationHint: '全部设置及其默认值',
    policies: '谁为什么付费',
    policiesHint: '计费、重试与转换损失，逐条说明',
    copy: '复制',
    copied: '已复制',
    copyFailed: '复制失败',
    language: '语言',
    examples: '各语言示例',
    footer: '不保存任何提示词与回答。基于 Apache-2.0 的自由软件。',
  },
};
