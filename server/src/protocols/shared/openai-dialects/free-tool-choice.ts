import type { Quirk } from './dialect.ts';
import { without } from './messages.ts';

/** The model always chooses by itself: a forced tool is weakened, and `none` offers no tools. */
export const freeToolChoice: Quirk = {
  name: 'free-tool-choice',
  apply(body, { lose }) {
    const choice = body['tool_choice'];
    if (choice === undefined || choice === 'auto') return body;
    const rest = without(body, 'tool_choice');
    if (choice === 'none') return without(rest, 'tools');
    if (choice !== null) lose('tool_choice_weakened');
    return rest;
  },
};
