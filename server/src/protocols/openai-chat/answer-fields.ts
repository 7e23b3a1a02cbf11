import type { UpstreamErrorEvent } from '../canonical/events.ts';
import { asObject, asText } from '../canonical/read-json.ts';
import type { JsonObject } from '../canonical/request.ts';
import { argumentsOf } from './decode-messages.ts';

/** Fields of an answer that servers put in different places or spell differently. */
export function errorCode(error: JsonObject | undefined): UpstreamErrorEvent['code'] {
  const said = JSON.stringify([error?.['code'] ?? '', error?.['type'] ?? '']);
  if (/429|rate_limit/.test(said)) return 'upstream_rate_limited';
  if (/503|529|overloaded|slow_down|unavailable/.test(said)) return 'upstream_overloaded';
  if (/content_filter|content_policy/.test(said)) return 'upstream_refused_content';
  return /invalid_request|context_length|\b4(?:00|13|22)\b/.test(said)
    ? 'upstream_rejected_input'
    : 'upstream_failed';
}

/** Where a chunk or an answer holds its usage: at the top, in the choice, or in a field of the server's own. */
export function findUsage(body: JsonObject, choice: JsonObject | undefined): JsonObject | undefined {
  return (
    asObject(body['usage']) ?? asObject(choice?.['usage']) ?? asObject(asObject(body['x_groq'])?.['usage'])
  );
}

/** The deprecated single call; servers that fill in every field of the schema send it empty. */
export function legacyCall(delta: JsonObject): JsonObject | undefined {
  const call = asObject(delta['function_call']);
  const isEmpty = asText(call?.['name']) === undefined && argumentsOf(call?.['arguments']) === '';
  return isEmpty ? undefined : call;
}
