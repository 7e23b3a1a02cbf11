/**
 * Dialects: how servers that speak OpenAI Chat Completions differ from it. `presets.ts` declares each server; where
 * code is needed, a quirk is a pure function in a file of its own, run over the finished body. Knows no account and no
 * address: whoever reaches the server names its dialect.
 */
import type { ModelAbilities } from '../../../domain/model-abilities.ts';
import type { LossCode } from '../../canonical/losses.ts';
import type { JsonObject } from '../../canonical/request.ts';
import type { Dialect } from './dialect.ts';

export { dialectIds, dialectNamed } from './presets.ts';
export { reasoningSettings } from './reasoning-settings.ts';
export type { Dialect } from './dialect.ts';

interface Speaking {
  readonly dialect: Dialect;
  readonly accepts: ModelAbilities;
  /** Present in translation, where what is given up is named to the client. */
  readonly lose?: (code: LossCode) => void;
}

/** The body as this server takes it; itself where nothing had to change. */
export function speak(body: JsonObject, { dialect, accepts, lose }: Speaking): JsonObject {
  const context = { dialect, accepts, lose: lose ?? (() => undefined), isTranslated: lose !== undefined };
  return dialect.quirks.reduce((said, quirk) => quirk.apply(said, context), body);
}
