import type { z } from 'zod';

/** One line of the route table: what a control address takes and gives. */
export interface ControlRoute {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With `{name}` for parameters, as in OpenAPI. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly response: z.ZodType;
  /** Statuses beside 200; each has the error body. */
  readonly errors: readonly number[];
}
