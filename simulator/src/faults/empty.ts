import type { FaultEffects } from './effects.ts';

/** A well-formed success that says nothing and counts no output. */
export function emptyContent(): FaultEffects {
  return {
    reshapeAnswer: (answer) => ({
      ...answer,
      blocks: [],
      stop: 'end',
      choices: answer.choices.map(() => ({ blocks: [], stop: 'end', hosted: [], citations: [] })),
      usage: { ...answer.usage, output: 0, thinking: 0 },
    }),
  };
}
