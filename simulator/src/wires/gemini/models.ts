/**
 * What the simulator holds to be true of each Gemini model. Source: the provider's model pages and the limits its SDK
 * adapters enforce, as of 2026-11; older rows from long-known behaviour.
 */
export interface GeminiModel {
  /** Without `models/`. */
  readonly id: string;
  readonly displayName: string;
  readonly inputTokenLimit: number;
  readonly outputTokenLimit: number;
  readonly methods: readonly string[];
  /** Absent: the model does not think. */
  readonly thinking?: {
    /** Absent: the model takes no budget. */
    readonly budget?: { readonly min: number; readonly max: number };
    /** Absent: the model takes no level. */
    readonly levels?: readonly string[];
    readonly canBeOff: boolean;
  };
  readonly requiresSignatures: boolean;
  /** Functions together with hosted tools, and with JSON answers. */
  readonly mixesTools: boolean;
  readonly hasExplicitCaching: boolean;
  readonly dimensions?: number;
}

type Facts = Partial<Omit<GeminiModel, 'id'>>;

const generation = ['generateContent', 'streamGenerateContent', 'countTokens', 'createCachedContent'];
const plain = {
  inputTokenLimit: 1_048_576,
  outputTokenLimit: 65_536,
  methods: generation,
  requiresSignatures: false,
  mixesTools: false,
  hasExplicitCaching: true,
} as const;

const flashBudget = { min: 0, max: 24_576 };
const third = {
  requiresSignatures: true,
  mixesTools: true,
  thinking: {
    budget: { min: 0, max: 32_768 },
    levels: ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH'],
    canBeOff: false,
  },
} as const satisfies Facts;
const fullFlash = {
  ...third,
  thinking: { ...third.thinking, levels: ['LOW', 'MEDIUM', 'HIGH'] },
} as const satisfies Facts;
const pro3 = { ...third, thinking: { ...third.thinking, levels: ['LOW', 'MEDIUM', 'HIGH'] } } as const;
const fourth = {
  ...third,
  hasExplicitCaching: false,
  thinking: { levels: ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH'], canBeOff: false },
  methods: ['generateContent', 'streamGenerateContent', 'countTokens'],
} as const satisfies Facts;
const hydrogen = {
  ...fourth,
  thinking: { levels: ['LOW', 'MEDIUM', 'HIGH', 'XHIGH'], canBeOff: false },
} as const satisfies Facts;
const second = { outputTokenLimit: 8192 };
const embedding = { outputTokenLimit: 1, methods: ['embedContent', 'countTokens'], dimensions: 3072 };

const rows: Readonly<Record<string, Facts>> = {
  'gemini-4-argon': fourth,
  'gemini-4-carbon': fourth,
  'gemini-4-hydrogen': hydrogen,
  'gemini-3.8-flash': fullFlash,
  'gemini-3.7-flash': fullFlash,
  'gemini-3.6-flash': third,
  'gemini-3.5-flash': third,
  'gemini-3.5-flash-lite': third,
  'gemini-3.1-pro-preview': pro3,
  'gemini-3.1-flash-lite': third,
  'gemini-3-pro-preview': pro3,
  'gemini-3-flash-preview': third,
  'gemini-2.5-pro': { thinking: { budget: { min: 128, max: 32_768 }, canBeOff: false } },
  'gemini-2.5-flash': { thinking: { budget: flashBudget, canBeOff: true } },
  'gemini-2.5-flash-lite': { thinking: { budget: flashBudget, canBeOff: true } },
  'gemini-2.0-flash': second,
  'gemini-2.0-flash-lite': second,
  'gemini-2.0-flash-exp': second,
  'gemini-1.5-pro': { ...second, inputTokenLimit: 2_000_000 },
  'gemini-1.5-flash': second,
  'gemini-embedding-2': { ...embedding, inputTokenLimit: 8192 },
  'gemini-embedding-2-preview': { ...embedding, inputTokenLimit: 8192 },
  'gemini-embedding-001': { ...embedding, inputTokenLimit: 2048 },
};

export const models: readonly GeminiModel[] = Object.entries(rows).map(([id, facts]) => ({
  ...plain,
  displayName: id
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' '),
  ...facts,
  id,
}));

const byId = new Map(models.map((model) => [model.id, model]));

export function findModel(id: string): GeminiModel | undefined {
  return byId.get(id) ?? byId.get(id.replace(/-(?:latest|\d{3})$/u, ''));
}

/** Facts of a model nobody listed: nothing about it is refused. */
export function unlistedModel(id: string): GeminiModel {
  return {
    ...plain,
    id,
    displayName: id,
    methods: [...generation, 'embedContent'],
    thinking: third.thinking,
    mixesTools: true,
  };
}
