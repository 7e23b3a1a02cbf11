/**
 * The simulator: upstreams to test against, to demonstrate with and to rehearse on. It answers as the providers do,
 * strictly and the same way every time, and fails on demand. It must not know the server that is tested with it.
 * Begin with `server/handle-request.ts`: a request's way through recordings, keys, faults and limits to its wire.
 */
export { startSimulator } from './server/simulator.ts';
export type { Controls, Simulator, SimulatorOptions, SimulatorStats } from './server/simulator.ts';
export type { SimulatedAccount } from './server/accounts.ts';
export type { RequestEntry } from './server/request-log.ts';
export type { FaultPlan } from './faults/index.ts';
