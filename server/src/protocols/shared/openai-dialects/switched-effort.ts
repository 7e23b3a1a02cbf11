import type { Quirk } from './dialect.ts';

/** Models without levels know `none` and `default` as their effort. */
export const switchedEffort: Quirk = {
  name: 'switched-effort',
  apply(body, { accepts }) {
    const effort = body['reasoning_effort'];
    const isWord = effort === undefined || effort === null || effort === 'none' || effort === 'default';
    return isWord || accepts.thinkingStyle === 'levels' ? body : { ...body, reasoning_effort: 'default' };
  },
};
