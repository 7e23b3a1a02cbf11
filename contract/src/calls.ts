import { z } from 'zod';
import type { ControlRoute } from './control-route.ts';
import { chargeFields, instant, tokenCount } from './money.ts';

export const callParams = z.object({
  id: z.string().min(1).max(80).describe('As in the `x-relay-call-id` header of the answer'),
});

export const callListQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20).describe('Latest calls first'),
});

/** Token counts by price class, as the upstream reported them; `input_tokens` excludes cache reads and writes. */
const callUsage = z.object({
  input_tokens: tokenCount,
  cache_read_tokens: tokenCount,
  cache_write_5m_tokens: tokenCount,
  cache_write_30m_tokens: tokenCount,
  cache_write_1h_tokens: tokenCount,
  cache_write_12h_tokens: tokenCount,
  prompt_tokens: tokenCount.describe('Every token of the prompt: the six classes above together'),
  output_tokens: tokenCount.describe('Reasoning included'),
  reasoning_tokens: tokenCount.describe('The part of the output that was reasoning'),
  audio_input_tokens: tokenCount,
  audio_output_tokens: tokenCount,
  image_input_tokens: tokenCount,
  image_output_tokens: tokenCount,
  web_searches: z.int().nonnegative(),
  service_tier: z.string().nullable(),
});

/** One try at an upstream, without anything that names the operator's accounts. */
const callAttempt = z.object({
  started_at: instant,
  duration_ms: z.number().nonnegative(),
  upstream_model: z.string(),
  result: z.string().describe('`delivered`, or the code of the failure'),
  upstream_status: z.int().nullable(),
});

/** One price line: `quantity` at `unit_price_usd` (per million tokens, or per use). */
const callLine = z.object({
  class: z
    .string()
    .describe('A token class, `webSearch`, `rounding` to the whole nano-USD, or `not-charged`'),
  quantity: z.int(),
  unit_price_usd: z.string().describe('Per million tokens; per single use for `webSearch`'),
  multiplier: z.number().describe('Of the service tier; 1 for the standard tier'),
  amount_usd: z.string().describe('Exact decimal; the amounts add up to `charge_usd`'),
});

export const callResponse = z
  .object({
    object: z.literal('call'),
    id: z.string(),
    started_at: instant,
    duration_ms: z.number().nonnegative(),
    first_byte_ms: z.number().nonnegative().nullable(),
    protocol: z.string(),
    operation: z.string(),
    model: z.string().describe('The offered model that was asked for'),
    served_model: z.string().nullable().describe('What the upstream says it served'),
    stream: z.boolean(),
    outcome: z.string().describe('How it ended, a row of docs/policies.md'),
    status: z.int(),
    error_code: z.string().nullable(),
    usage: callUsage,
    usage_source: z.enum(['reported', 'estimated', 'none']),
    flags: z.array(z.string()),
    price_version: z.string().nullable(),
    attempts: z.array(callAttempt),
    lines: z.array(callLine),
    ...chargeFields,
  })
  .meta({ id: 'Call' });

export type CallResponse = z.infer<typeof callResponse>;

export const callListResponse = z
  .object({ object: z.literal('list'), data: z.array(callResponse) })
  .meta({ id: 'CallList' });

export type CallListResponse = z.infer<typeof callListResponse>;

export const callRoutes = [
  {
    method: 'GET',
    path: '/v1/calls',
    operationId: 'listCalls',
    summary: 'The latest calls of the organization',
    query: callListQuery,
    response: callListResponse,
    errors: [400, 401, 403],
  },
  {
    method: 'GET',
    path: '/v1/calls/{id}',
    operationId: 'getCall',
    summary: 'One call: its usage, its attempts and its charge',
    params: callParams,
    response: callResponse,
    errors: [401, 403, 404],
  },
] as const satisfies readonly ControlRoute[];
