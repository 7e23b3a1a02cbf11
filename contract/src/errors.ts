import { z } from 'zod';

/** Every control address answers failures with this body. Data addresses answer in the caller's own protocol instead. */
export const errorResponse = z
  .object({
    error: z.object({
      code: z.string().describe('Stable and machine-readable, such as `unknown_key`'),
      message: z.string().describe('What happened, to what, and what to do'),
      param: z.string().nullable().describe('The part of the request that is at fault'),
    }),
  })
  .meta({ id: 'Error' });

export type ErrorResponse = z.infer<typeof errorResponse>;
