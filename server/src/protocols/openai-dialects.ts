/**
 * How compatible servers differ from OpenAI where a request is concerned, by the provider in the model catalogue or by
 * the family in the model's name (hosts serve other providers' models). What is not listed speaks plain.
 */
export interface Dialect {
  /** The field that turns reasoning on and off. */
  readonly reasoning: 'reasoning_effort' | 'thinking' | 'enable_thinking' | 'none';
  /** Assistant turns with tool calls must carry `reasoning_content`, empty where there is none. */
  readonly needsReasoningText: boolean;
  /** Call ids are exactly nine letters and digits. */
  readonly hasShortCallIds: boolean;
}

const plain: Dialect = { reasoning: 'reasoning_effort', needsReasoningText: false, hasShortCallIds: false };

const providers: Readonly<Record<string, Partial<Dialect>>> = {
  mistral: { hasShortCallIds: true },
  qwen: { reasoning: 'enable_thinking' },
  zhipu: { reasoning: 'thinking' },
  moonshot: { reasoning: 'thinking' },
};

const families: readonly (readonly [RegExp, Partial<Dialect>])[] = [
  [/deepseek-(?:v[4-9]|flash)/, { needsReasoningText: true }],
  [/kimi-(?:k[3-9]|.*thinking)/, { reasoning: 'reasoning_effort', needsReasoningText: true }],
  // These know no reasoning setting and refuse fields they do not know.
  [/mistral-(?:large|small-25)|ministral|codestral|devstral|pixtral/, { reasoning: 'none' }],
  [/llama-|gemma|non-reasoning/, { reasoning: 'none' }],
];

export function dialectOf(model: string, provider: string | undefined): Dialect {
  const byProvider = provider === undefined ? {} : (providers[provider] ?? {});
  const byFamily = families.filter(([pattern]) => pattern.test(model)).map(([, dialect]) => dialect);
  return Object.assign({}, plain, byProvider, ...byFamily) as Dialect;
}
