/**
 * The contract of the control plane: one file per resource with its zod schemas and its routes, from which
 * `contract/openapi.json` is generated. Imports nothing of ours, and must not know how an answer is found.
 * Names on the wire are snake_case, times ISO 8601 in UTC, money twice: decimal USD and whole nano-USD, both strings,
 * because no JSON number carries them exactly. Begin with `usage.ts`.
 */
export { callListQuery, callParams, callResponse, callListResponse, callRoutes } from './calls.ts';
export type { CallListResponse, CallResponse } from './calls.ts';
export { errorResponse } from './errors.ts';
export type { ErrorResponse } from './errors.ts';
export type { ControlRoute } from './control-route.ts';
export { buildOpenapi } from './openapi.ts';
export { usageQuery, usageResponse, usageRoutes } from './usage.ts';
export type { UsageResponse } from './usage.ts';
