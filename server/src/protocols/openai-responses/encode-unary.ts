import type { CanonicalEvent } from '../canonical/events.ts';
import type { CanonicalRequest, JsonObject } from '../canonical/request.ts';
import { compactedResponse } from './compaction.ts';
import { ResponseWriter } from './encode-events.ts';

/** Client half: a finished answer as one response, which is what its stream would have ended with. */
export function encodeUnary(events: readonly CanonicalEvent[], request: CanonicalRequest): JsonObject {
  const writer = new ResponseWriter(request);
  for (const event of events) writer.push(event);
  return compactedResponse(writer.response(), request);
}
