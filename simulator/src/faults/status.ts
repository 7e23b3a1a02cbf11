import { refusalOf } from '../providers/provider.ts';
import type { FaultContext, FaultEffects } from './effects.ts';
import type { Fault } from './fault.ts';

/** A refusal with any status in the provider's own shape, with the headers that belong to it. */
export function status(fault: Fault, context: FaultContext): FaultEffects {
  return {
    async beforeHeaders(channel) {
      const { name: _name, ...settings } = fault;
      const error = { ...settings, status: fault.status ?? 500, requestId: context.requestId };
      await channel.refuse(refusalOf(context.provider, error));
      return 'done';
    },
  };
}
