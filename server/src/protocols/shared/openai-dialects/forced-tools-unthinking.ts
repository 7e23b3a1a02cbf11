import { asObject } from '../../canonical/read-json.ts';
import type { JsonObject } from '../../canonical/request.ts';
import type { Quirk } from './dialect.ts';

/**
 * Models that think unless they are told not to, and are only made to call a tool while they do not: thinking nobody asked
 * for is turned off, thinking that was asked for goes before the forced choice.
 */
export const forcedToolsUnthinking: Quirk = {
  name: 'forced-tools-unthinking',
  apply(body, { accepts, lose }) {
    const choice = body['tool_choice'];
    const isForced = choice === 'required' || asObject(choice) !== undefined;
    const isOff = asObject(body['thinking'])?.['type'] === 'disabled';
    if (!isForced || isOff || accepts.forcedToolChoice === 'always') return body;
    if (!isAsked(body) && accepts.forcedToolChoice === 'without-thinking') {
      return { ...body, thinking: { type: 'disabled' } };
    }
    lose('tool_choice_weakened');
    return { ...body, tool_choice: 'auto' };
  },
};

function isAsked(body: JsonObject): boolean {
  return body['thinking'] !== undefined || typeof body['reasoning_effort'] === 'string';
}
