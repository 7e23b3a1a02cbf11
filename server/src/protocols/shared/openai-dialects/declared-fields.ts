import type { LossCode } from '../../canonical/losses.ts';
import type { JsonObject } from '../../canonical/request.ts';
import type { Quirk } from './dialect.ts';
import { wordTable } from '../../canonical/word-table.ts';

/** What is lost with a field; those that only help or ask for nothing are not named. */
const lossOf = wordTable<LossCode>({
  seed: 'seed_dropped',
  presence_penalty: 'penalties_dropped',
  frequency_penalty: 'penalties_dropped',
  logit_bias: 'logit_bias_dropped',
  verbosity: 'verbosity_dropped',
  service_tier: 'service_tier_dropped',
  parallel_tool_calls: 'parallel_calls_not_limited',
  top_k: 'top_k_dropped',
  logprobs: 'logprobs_refused',
  prediction: 'prediction_dropped',
});

/** Top-level fields that have another name here or are refused. */
export const declaredFields: Quirk = {
  name: 'declared-fields',
  apply(body, { dialect, lose, isTranslated }) {
    let changed: Record<string, JsonObject[string]> | undefined;
    const idle = isTranslated ? dialect.idleFields.map((field) => [field, null] as const) : [];
    for (const [field, name] of [...Object.entries(dialect.fields), ...idle]) {
      const value = body[field];
      if (value === undefined) continue;
      changed ??= { ...body };
      delete changed[field];
      if (name !== null) changed[name] ??= value;
      else if (isAsking(field, value)) {
        const loss = lossOf[field];
        if (loss !== undefined) lose(loss);
      }
    }
    return changed ?? body;
  },
};

/** Values that say no more than what the server does anyway. */
function isAsking(field: string, value: JsonObject[string]): boolean {
  if (value === null || value === 0 || value === 'auto') return false;
  return field === 'parallel_tool_calls' ? value === false : value !== false;
}
