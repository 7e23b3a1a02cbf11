import { z } from 'zod';
import type { ControlRoute } from './control-route.ts';
import { chargeFields, instant, tokenCount } from './money.ts';

const queryInstant = z.iso.datetime({ offset: true });

export const usageQuery = z.object({
  from: queryInstant.optional().describe('Start, included; 30 days before `to` when absent'),
  to: queryInstant.optional().describe('End, not included; now when absent'),
  group_by: z.enum(['model', 'key', 'day', 'none']).default('model'),
});

const usageSums = {
  calls: z.int().nonnegative(),
  prompt_tokens: tokenCount.describe('Every token of the prompts, cached or not'),
  cache_read_tokens: tokenCount.describe('The part of the prompt that was read from a cache'),
  output_tokens: tokenCount.describe('Reasoning included'),
  ...chargeFields,
};

/** Sums over finished calls of the key's organization. `total` is the exact sum of `data`. */
export const usageResponse = z
  .object({
    object: z.literal('usage'),
    from: instant,
    to: instant,
    group_by: z.enum(['model', 'key', 'day', 'none']),
    data: z.array(z.object({ group: z.string(), ...usageSums })),
    total: z.object(usageSums),
  })
  .meta({ id: 'Usage' });

export type UsageResponse = z.infer<typeof usageResponse>;

export const usageRoutes = [
  {
    method: 'GET',
    path: '/v1/usage',
    operationId: 'getUsage',
    summary: 'What was used and charged',
    query: usageQuery,
    response: usageResponse,
    errors: [400, 401, 403],
  },
] as const satisfies readonly ControlRoute[];
