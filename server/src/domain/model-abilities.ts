import { z } from 'zod';

/**
 * What a model accepts, whatever wire it is reached over: the facts that request encoders go by. They live in the
 * catalogue (`catalogue/families.json` by family, a row of `catalogue/models.json` where one model differs), never in
 * code: a new model is a row.
 */
const effortLevel = z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']);

const fields = {
  /**
   * How reasoning is asked for: by level, by a budget of tokens, adaptively (a level, the model decides), by a mere
   * switch; `none`: it does not reason or cannot be told.
   */
  thinkingStyle: z.enum(['none', 'levels', 'budget', 'adaptive', 'switch']),
  /** `between-tools`: it can only be kept from thinking in front. */
  canDisableThinking: z.enum(['yes', 'between-tools', 'no']),
  /** Levels it knows, lowest first; empty where it knows none. */
  efforts: z.array(effortLevel),
  /** Least and most tokens of a reasoning budget. */
  budgetRange: z.strictObject({ min: z.int().min(0), max: z.int().min(0) }),
  /** Whether it can be made to call a tool: always, only while it does not think, or never. */
  forcedToolChoice: z.enum(['always', 'without-thinking', 'never']),
  /** Temperature and top_p: taken always, only while it does not reason, or never. */
  sampling: z.enum(['always', 'without-reasoning', 'never']),
  topPWithTemperature: z.boolean(),
  penalties: z.boolean(),
  /** An answer begun by the client is continued. */
  prefill: z.boolean(),
  /** Output schemas and strict tools are held natively. */
  strictSchema: z.boolean(),
  /** Gemma takes no system instruction at all. */
  systemRole: z.boolean(),
  /** Instructions between the turns. */
  systemMidTurn: z.boolean(),
  developerRole: z.boolean(),
  /** Media inside the response to a function, on the wire where that depends on the model. */
  imageInToolResult: z.boolean(),
  /** Media by web address. */
  mediaUrls: z.boolean(),
  /** A row's input modalities go before these. */
  vision: z.boolean(),
  pdf: z.boolean(),
  audioIn: z.boolean(),
  videoIn: z.boolean(),
  /** Stop sequences it takes; 0 is none. */
  stopLimit: z.int().min(0),
  /** False: over Chat Completions, tools are refused while it reasons. */
  toolsWhileReasoning: z.boolean(),
  /** Cache breakpoints on content parts. */
  cacheBreakpoints: z.boolean(),
  /** Calls of the current turn must carry their thought signature. */
  signedCalls: z.boolean(),
  /** Functions together with JSON output and with tools of the provider. */
  mixesTools: z.boolean(),
  /** A mode that holds calls to their schemas. */
  validatesCalls: z.boolean(),
  /** Text of earlier reasoning: refused or useless, understood, or demanded beside tool calls. */
  replayReasoning: z.enum(['no', 'yes', 'required']),
  /** OpenAI's own request fields mean what OpenAI documents. */
  openAiFields: z.boolean(),
} as const;

export const modelAbilities = z.strictObject(fields);

type Fields = typeof fields;
type OptionalFields = { [Name in keyof Fields]: z.ZodExactOptional<Fields[Name]> };
const optional = Object.fromEntries(
  Object.entries(fields).map(([name, type]) => [name, z.exactOptional(type)]),
) as unknown as OptionalFields;

/** What a row or a generation says anew. */
export const someAbilities = z.strictObject(optional);

export type ModelAbilities = z.infer<typeof modelAbilities>;
export type SomeAbilities = z.infer<typeof someAbilities>;
