import { z } from 'zod';
import table from '../../../catalogue/converse-families.json' with { type: 'json' };

/**
 * What the model families behind Converse accept, by the vendor and name in the model's id; the table is data
 * (`catalogue/converse-families.json`). An id that names no model (an application's own profile) gets the oldest common
 * set. Claude is there for such ids and old habits: it has a wire of its own, with all its fields.
 */
const fields = {
  /** Where cache points may stand. */
  cachePlaces: z.array(z.enum(['tools', 'system', 'messages'])),
  hasLongCache: z.boolean(),
  /** Tool choices besides `auto`. */
  toolChoices: z.array(z.enum(['any', 'tool'])),
  takesResultStatus: z.boolean(),
  takesResultMedia: z.boolean(),
  cites: z.boolean(),
  /** Call ids are exactly nine letters and digits. */
  hasNineLetterIds: z.boolean(),
  /** Where the model's own fields take `top_k`; absent where they do not. */
  topK: z.exactOptional(z.enum(['top_k', 'k', 'inferenceConfig'])),
  reasoning: z.enum(['nova', 'reasoning_effort', 'reasoning_config', 'always', 'none']),
  /** `outputConfig.textFormat` and strict tools. */
  hasSchemas: z.boolean(),
  takesSystem: z.boolean(),
  takesPrefill: z.boolean(),
  /** Tells in its own fields which sequence stopped it. */
  tellsStopSequence: z.boolean(),
} as const;

const traits = z.strictObject(fields);
export type ModelTraits = Readonly<z.infer<typeof traits>>;

const familyTable = z.strictObject({
  note: z.string(),
  common: traits,
  families: z.array(
    z.strictObject({
      id: z.string(),
      like: z.string().optional(),
      pattern: z.string(),
      takes: traits.partial(),
    }),
  ),
});

interface Family {
  readonly pattern: RegExp;
  readonly traits: ModelTraits;
}

function readFamilies(value: unknown): {
  readonly common: ModelTraits;
  readonly families: readonly Family[];
} {
  const { common, families } = familyTable.parse(value);
  return {
    common,
    families: families.map(({ like, pattern, takes }) => {
      const parent = families.find((one) => one.id === like);
      return {
        pattern: new RegExp(pattern),
        traits: traits.parse({ ...common, ...parent?.takes, ...takes }),
      };
    }),
  };
}

const { common, families } = readFamilies(table);

export function traitsOf(model: string): ModelTraits {
  return families.find(({ pattern }) => pattern.test(model))?.traits ?? common;
}
