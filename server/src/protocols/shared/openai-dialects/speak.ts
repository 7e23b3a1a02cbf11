import type { ModelAbilities } from '../../../domain/model-abilities.ts';
import type { LossCode } from '../../canonical/losses.ts';
import type { JsonObject } from '../../canonical/request.ts';
import type { Dialect, QuirkContext } from './dialect.ts';

interface Speaking {
  readonly dialect: Dialect;
  readonly accepts: ModelAbilities;
  /** Takes the name of what had to be given up. */
  readonly lose: (code: LossCode) => void;
}

/** A body of the relay's own as this server takes it. */
export function speak(body: JsonObject, speaking: Speaking): JsonObject {
  return quirksApplied(body, { ...speaking, isTranslated: true });
}

/** The same object comes back where nothing had to change. */
export function quirksApplied(body: JsonObject, context: QuirkContext): JsonObject {
  return context.dialect.quirks.reduce((said, quirk) => quirk.apply(said, context), body);
}
