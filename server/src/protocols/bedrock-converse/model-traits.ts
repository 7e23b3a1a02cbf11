/**
 * What the model families behind Converse accept, by the vendor and name in the model's id. The grammar is one for all,
 * but a field that a family does not know is a 400. An id that names no model (an application's own profile) gets the
 * oldest common set. Claude is here for such ids and old habits: it has a wire of its own, with all its fields.
 */
export interface ModelTraits {
  /** Where cache points may stand. */
  readonly cachePlaces: readonly ('tools' | 'system' | 'messages')[];
  readonly hasLongCache: boolean;
  /** Tool choices besides `auto`. */
  readonly toolChoices: readonly ('any' | 'tool')[];
  readonly takesResultStatus: boolean;
  readonly takesResultMedia: boolean;
  /** Cites from documents where asked to. */
  readonly cites: boolean;
  /** Call ids are exactly nine letters and digits. */
  readonly hasNineLetterIds: boolean;
  /** Where the model's own fields take `top_k`; absent where they do not. */
  readonly topK?: 'top_k' | 'k' | 'inferenceConfig';
  readonly reasoning: 'nova' | 'reasoning_effort' | 'reasoning_config' | 'always' | 'none';
  /** `outputConfig.textFormat` and strict tools. */
  readonly hasSchemas: boolean;
  readonly takesSystem: boolean;
  readonly takesPrefill: boolean;
  /** Tells in its own fields which sequence stopped it. */
  readonly tellsStopSequence: boolean;
}

const common: ModelTraits = {
  cachePlaces: [],
  hasLongCache: false,
  toolChoices: [],
  takesResultStatus: false,
  takesResultMedia: false,
  cites: false,
  hasNineLetterIds: false,
  reasoning: 'none',
  hasSchemas: false,
  takesSystem: true,
  takesPrefill: false,
  tellsStopSequence: false,
};

const nova: Partial<ModelTraits> = {
  cachePlaces: ['system', 'messages'],
  toolChoices: ['any', 'tool'],
  takesResultStatus: true,
  takesResultMedia: true,
  cites: true,
  topK: 'inferenceConfig',
  takesPrefill: true,
};

const claude: Partial<ModelTraits> = {
  cachePlaces: ['tools', 'system', 'messages'],
  toolChoices: ['any', 'tool'],
  takesResultStatus: true,
  takesResultMedia: true,
  cites: true,
  topK: 'top_k',
  tellsStopSequence: true,
};

/** The first row whose pattern is in the id counts. */
const families: readonly (readonly [RegExp, Partial<ModelTraits>])[] = [
  [/amazon\.nova-2/, { ...nova, reasoning: 'nova' }],
  [/amazon\.nova/, nova],
  [
    /claude-(opus|sonnet|haiku)-(4-[5-9]|[5-9])|claude-(fable|mythos)/,
    { ...claude, hasLongCache: true, hasSchemas: true },
  ],
  [/claude/, { ...claude, takesPrefill: true }],
  [/amazon\.titan|mistral-7b|mixtral|ai21\.j2/, { takesSystem: false }],
  [
    /mistral\.mistral-large-3|mistral\.(magistral|ministral|voxtral)/,
    { hasSchemas: true, toolChoices: ['any'] },
  ],
  [/mistral\.(mistral-large|pixtral)/, { toolChoices: ['any'], hasNineLetterIds: true, topK: 'top_k' }],
  [/mistral\./, { hasNineLetterIds: true, topK: 'top_k' }],
  [/cohere\./, { topK: 'k' }],
  [/openai\.gpt-oss/, { reasoning: 'reasoning_effort', hasSchemas: true }],
  [/qwen\./, { reasoning: 'reasoning_config', hasSchemas: true }],
  [/deepseek\.r1/, { reasoning: 'always' }],
  [/(moonshot|moonshotai)\..*thinking|minimax\./, { reasoning: 'always', hasSchemas: true }],
  [/deepseek\.v3|google\.gemma|moonshotai?\.|nvidia\.|zai\./, { hasSchemas: true }],
];

export function traitsOf(model: string): ModelTraits {
  return { ...common, ...families.find(([pattern]) => pattern.test(model))?.[1] };
}
