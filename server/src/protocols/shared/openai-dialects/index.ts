/**
 * Dialects: how servers that speak OpenAI Chat Completions differ from it. `presets.ts` declares each server; where
 * code is needed, a quirk is a pure function in a file of its own, run over the finished body. Knows no account and no
 * address: whoever reaches the server names its dialect. Begin with `dialect.ts`.
 */
export type { Dialect } from './dialect.ts';
export { respeak } from './passthrough.ts';
export { dialectIds, dialectNamed, quirkNames } from './presets.ts';
export { reasoningSettings } from './reasoning-settings.ts';
export { speak } from './speak.ts';
