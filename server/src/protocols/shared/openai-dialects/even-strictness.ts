import { asObject } from '../../canonical/read-json.ts';
import type { Json, JsonObject } from '../../canonical/request.ts';
import type { Quirk } from './dialect.ts';
import { without } from './messages.ts';

/** Tools must all be strict or all not be: a mixed set is sent as not strict. */
export const evenStrictness: Quirk = {
  name: 'even-strictness',
  apply(body, { lose }) {
    const { tools } = body;
    if (!Array.isArray(tools)) return body;
    const strict = (tools as readonly Json[]).filter((tool) => definition(tool)?.['strict'] === true).length;
    if (strict === 0 || strict === tools.length) return body;
    lose('strict_tools_dropped');
    return { ...body, tools: (tools as readonly Json[]).map(loosen) };
  },
};

function definition(tool: Json): JsonObject | undefined {
  return asObject(asObject(tool)?.['function']);
}

function loosen(tool: Json): Json {
  const defined = definition(tool);
  return defined === undefined ? tool : { ...asObject(tool), function: without(defined, 'strict') };
}
