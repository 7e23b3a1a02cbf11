import type { LossList } from './losses.ts';
import type { CanonicalRequest } from './request.ts';

/**
 * Service tiers by what they mean. A tier that the upstream does not have is never replaced by a better one, which would
 * cost more than was asked for: the call goes at the usual tier, and that is named.
 */
type Tier = 'auto' | 'standard' | 'flex' | 'priority' | 'scale' | 'ultrafast' | 'batch';

/** Every protocol's words. `fast` is answered as `priority` by the provider that has it. */
const meanings: Readonly<Record<string, Tier>> = {
  auto: 'auto',
  default: 'standard',
  standard: 'standard',
  standard_only: 'standard',
  flex: 'flex',
  priority: 'priority',
  fast: 'priority',
  scale: 'scale',
  ultrafast: 'ultrafast',
  batch: 'batch',
};

/** One protocol's words; absent where it has no such tier, empty where saying nothing means it. */
export type TierWords = Readonly<Partial<Record<Tier, string>>>;

/** What to ask the upstream for; `undefined` says nothing. */
export function askedTier(
  { serviceTier }: CanonicalRequest,
  words: TierWords,
  losses: LossList,
): string | undefined {
  if (serviceTier === undefined) return undefined;
  const meaning = meanings[serviceTier.toLowerCase()];
  const word = meaning === undefined ? undefined : words[meaning];
  if (word !== undefined) return word === '' ? undefined : word;
  losses.add('service_tier_dropped');
  // Who asked for the cheap tier must not get a dear one by the upstream's own choice.
  return meaning === 'flex' ? words.standard : undefined;
}

/** The tier that served an answer, in the client's words; `undefined` where it has none for it. */
export function servedTier(tier: string | undefined, words: TierWords): string | undefined {
  const meaning = tier === undefined ? undefined : meanings[tier.toLowerCase()];
  const word = meaning === undefined ? undefined : words[meaning];
  return word === '' ? undefined : word;
}
