import type { Exchange } from '../../engine/exchange.ts';
import { models as claudeModels } from '../anthropic/models.ts';
import { refuse } from './refusals.ts';

/** What a model behind Converse takes and refuses; the checks read these properties, never a name. */
export interface ConverseModel {
  readonly id: string;
  readonly contextTokens: number;
  readonly maxOutputTokens: number;
  readonly takesTools: boolean;
  readonly takesImages: boolean;
  readonly toolChoices: readonly string[];
  readonly cachePlaces: readonly ('tools' | 'system' | 'messages')[];
  readonly takesSystem: boolean;
  readonly takesSchemas: boolean;
  readonly hasNineLetterIds: boolean;
  /** Fields of its own, by name. */
  readonly ownFields: readonly string[];
  /** `asked`: thinks when its own field says so. */
  readonly thinks: 'never' | 'asked' | 'always';
  /** Thoughts are signed and may come back; others' may not. */
  readonly signsThoughts: boolean;
  /** Only by an inference profile. */
  readonly needsProfile: boolean;
}

const COMMON: Omit<ConverseModel, 'id'> = {
  contextTokens: 128_000,
  maxOutputTokens: 8192,
  takesTools: true,
  takesImages: false,
  toolChoices: ['auto'],
  cachePlaces: [],
  takesSystem: true,
  takesSchemas: false,
  hasNineLetterIds: false,
  ownFields: [],
  thinks: 'never',
  signsThoughts: false,
  needsProfile: false,
};

const NOVA: Partial<ConverseModel> = {
  contextTokens: 300_000,
  maxOutputTokens: 10_000,
  takesImages: true,
  toolChoices: ['auto', 'any', 'tool'],
  cachePlaces: ['system', 'messages'],
  ownFields: ['inferenceConfig'],
};
const CLAUDE: Partial<ConverseModel> = {
  contextTokens: 200_000,
  takesImages: true,
  toolChoices: ['auto', 'any', 'tool'],
  cachePlaces: ['tools', 'system', 'messages'],
  takesSchemas: true,
  ownFields: ['thinking', 'top_k', 'output_config', 'anthropic_beta'],
  thinks: 'asked',
  signsThoughts: true,
  needsProfile: true,
};
const MISTRAL: Partial<ConverseModel> = {
  toolChoices: ['auto', 'any'],
  hasNineLetterIds: true,
  ownFields: ['top_k'],
};

const ROWS: readonly (readonly [string, Partial<ConverseModel>])[] = [
  ['amazon.nova-micro-v1:0', { ...NOVA, takesImages: false, contextTokens: 128_000 }],
  ['amazon.nova-lite-v1:0', NOVA],
  ['amazon.nova-pro-v1:0', NOVA],
  ['amazon.nova-premier-v1:0', { ...NOVA, contextTokens: 1_000_000, needsProfile: true }],
  [
    'amazon.nova-2-lite-v1:0',
    {
      ...NOVA,
      contextTokens: 1_000_000,
      maxOutputTokens: 65_536,
      ownFields: ['inferenceConfig', 'reasoningConfig'],
      thinks: 'asked',
      needsProfile: true,
    },
  ],
  ['meta.llama3-3-70b-instruct-v1:0', { needsProfile: true }],
  [
    'meta.llama4-maverick-17b-instruct-v1:0',
    { takesImages: true, contextTokens: 1_000_000, needsProfile: true },
  ],
  ['deepseek.r1-v1:0', { takesTools: false, thinks: 'always', maxOutputTokens: 32_768, needsProfile: true }],
  ['deepseek.v3-v1:0', { takesSchemas: true }],
  ['mistral.mistral-large-2407-v1:0', MISTRAL],
  ['mistral.pixtral-large-2502-v1:0', { ...MISTRAL, takesImages: true, needsProfile: true }],
  [
    'mistral.mistral-large-3-675b-instruct',
    { takesImages: true, toolChoices: ['auto', 'any'], takesSchemas: true },
  ],
  ['mistral.mistral-7b-instruct-v0:2', { ...MISTRAL, takesSystem: false, takesTools: false }],
  [
    'openai.gpt-oss-120b-1:0',
    { thinks: 'always', ownFields: ['reasoning_effort'], takesSchemas: true, maxOutputTokens: 32_768 },
  ],
  [
    'qwen.qwen3-32b-v1:0',
    { thinks: 'asked', ownFields: ['reasoning_config'], takesSchemas: true, maxOutputTokens: 16_384 },
  ],
  ['moonshot.kimi-k2-thinking', { thinks: 'always', takesSchemas: true, maxOutputTokens: 32_768 }],
  ['cohere.command-r-plus-v1:0', { ownFields: ['k'], maxOutputTokens: 4000 }],
  ...claudeModels.map(({ id, maxOutputTokens }): readonly [string, Partial<ConverseModel>] => [
    claudeId(id),
    { ...CLAUDE, maxOutputTokens },
  ]),
];

export const models: readonly ConverseModel[] = ROWS.map(([id, row]) => ({ ...COMMON, ...row, id }));

/** Dated names got a version and a revision; the newer ones go by their own name. */
function claudeId(id: string): string {
  return /-\d{8}$/.test(id) ? `anthropic.${id}-v1:0` : `anthropic.${id}`;
}

/** Anthropic's own name of a Claude model. */
export function claudeNameOf(id: string): string {
  return id.replace(/^anthropic\./, '').replace(/-v\d+(?::\d+)?$/, '');
}

const PROFILE = /^(us-gov|us|eu|apac|au|jp|ca|global)\.(.+)$/;
const ARN = /^arn:aws(?:-cn|-us-gov)?:bedrock:([\w-]+):\d*:(inference-profile|foundation-model)\/(.+)$/;

/** The model behind an id, a profile's id or an ARN, as one region offers it. */
export function requireModel(named: string, exchange: Exchange, region: string | undefined): ConverseModel {
  const [, arnRegion, , inner] = ARN.exec(named) ?? [];
  if (arnRegion !== undefined && region !== undefined && arnRegion !== region) {
    refuse('The provided model identifier is invalid.');
  }
  const profiled = PROFILE.exec(inner ?? named);
  const id = profiled?.[2] ?? inner ?? named;
  const model = models.find((each) => each.id === id);
  if (model === undefined) refuse('The provided model identifier is invalid.');
  const allowed = exchange.account.models;
  if (allowed !== undefined && !allowed.includes(named) && !allowed.includes(id)) {
    refuse("You don't have access to the model with the specified model ID.", 403, 'AccessDeniedException');
  }
  const isCounting = exchange.path.endsWith('/count-tokens');
  if (isCounting && profiled !== null) refuse("The provided model doesn't support counting tokens.");
  if (!isCounting && model.needsProfile && profiled === null) {
    refuse(
      `Invocation of model ID ${id} with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile that contains this model.`,
    );
  }
  return model;
}
