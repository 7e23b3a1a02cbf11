/**
 * Faults: what can go wrong with a call, each family in a file of its own. A fault is a set of hooks on the exchange;
 * it knows the provider's manner of refusing and nothing of any wire. Begin with `fault.ts` (names and settings), then
 * `effects.ts` (the hooks); `fault-book.ts` decides which call meets which fault.
 */
import { refuse, resetBeforeHeaders, resetMidHeaders, resetMidStream } from './connection.ts';
import type { FaultContext, FaultEffects } from './effects.ts';
import { emptyContent } from './empty.ts';
import type { Fault, FaultName } from './fault.ts';
import { emptyBody, garbage, htmlPage, truncatedJson } from './malformed.ts';
import { overloaded } from './overload.ts';
import { slowFirstByte, stallAfterHeaders, stallBeforeHeaders, stallMidStream } from './silence.ts';
import { status } from './status.ts';
import { lyingUsage } from './usage.ts';

export { createFaultBook } from './fault-book.ts';
export type { FaultBook, FaultPlan } from './fault-book.ts';
export type { Channel, FaultEffects, Reply } from './effects.ts';

const EFFECTS: Readonly<Record<FaultName, (fault: Fault, context: FaultContext) => FaultEffects>> = {
  status,
  refuse,
  'reset-before-headers': resetBeforeHeaders,
  'reset-mid-headers': resetMidHeaders,
  'reset-mid-stream': resetMidStream,
  'stall-before-headers': stallBeforeHeaders,
  'stall-after-headers': stallAfterHeaders,
  'stall-mid-stream': stallMidStream,
  'slow-first-byte': slowFirstByte,
  'truncated-json': truncatedJson,
  garbage,
  'html-page': htmlPage,
  'empty-body': emptyBody,
  'empty-content': emptyContent,
  'overloaded-before-content': overloaded,
  'overloaded-mid-stream': overloaded,
  'missing-usage': lyingUsage,
  'negative-usage': lyingUsage,
  'shrinking-usage': lyingUsage,
  'huge-usage': lyingUsage,
  'zero-usage': lyingUsage,
};

export function effectsOf(fault: Fault | undefined, context: FaultContext): FaultEffects {
  return fault === undefined ? {} : EFFECTS[fault.name](fault, context);
}
