import { asObject } from '../../canonical/read-json.ts';
import type { JsonObject } from '../../canonical/request.ts';
import type { Quirk } from './dialect.ts';
import { callsOf, messagesOf } from './messages.ts';

/** A history with calls demands the tools that were called: they are declared again, open, and not to be chosen. */
export const toolsWithHistory: Quirk = {
  name: 'tools-with-history',
  apply(body) {
    const { tools } = body;
    if (Array.isArray(tools) && tools.length > 0) return body;
    const calls = (messagesOf(body) ?? []).flatMap(callsOf);
    const names = new Set(calls.map((call) => asObject(call['function'])?.['name']));
    const declared = [...names].flatMap((name): JsonObject[] =>
      typeof name === 'string'
        ? [{ type: 'function', function: { name, parameters: { type: 'object', properties: {} } } }]
        : [],
    );
    return declared.length === 0 ? body : { ...body, tools: declared, tool_choice: 'none' };
  },
};
