/**
 * Observe: facts for logs, metrics and traces. A closed union; no member has a field that could hold a prompt, an
 * answer, a credential or a free string from outside. Begin here; `log.ts` is the first consumer.
 */
import type { ErrorCode } from '../domain/errors.ts';
import type { CallId, OrganizationId, RelayKeyId, UpstreamAccountId } from '../domain/ids.ts';

export type Observation =
  | { readonly type: 'server-listening'; readonly host: string; readonly port: number; readonly node: string }
  | { readonly type: 'server-draining'; readonly openCalls: number }
  | { readonly type: 'server-stopped' }
  | { readonly type: 'runtime-outdated'; readonly node: string; readonly floor: string }
  | { readonly type: 'configuration-reloaded'; readonly accounts: number }
  | { readonly type: 'account-unusable'; readonly accountId: UpstreamAccountId }
  | { readonly type: 'dead-calls-released'; readonly calls: number }
  | {
      readonly type: 'call-finished';
      readonly callId: CallId;
      readonly organizationId: OrganizationId;
      readonly keyId: RelayKeyId;
      readonly protocol: string;
      readonly operation: string;
      readonly outcome: string;
      readonly status: number;
      readonly durationMs: number;
      readonly firstByteMs?: number;
      readonly attempts: number;
      readonly promptTokens: number;
      readonly outputTokens: number;
      readonly chargeNanoUsd: bigint;
    }
  | {
      readonly type: 'call-refused';
      readonly callId: CallId;
      readonly code: ErrorCode;
      readonly status: number;
    }
  | {
      readonly type: 'attempt-failed';
      readonly callId: CallId;
      readonly accountId: UpstreamAccountId;
      readonly code: ErrorCode;
      readonly upstreamStatus?: number;
    }
  | {
      readonly type: 'account-out';
      readonly accountId: UpstreamAccountId;
      readonly code: ErrorCode;
      /** Absent when it stays out until the operator mends it. */
      readonly forMs?: number;
    }
  | { readonly type: 'settlement-delayed'; readonly callId: CallId; readonly code: ErrorCode }
  | {
      readonly type: 'internal-error';
      readonly callId?: CallId;
      readonly errorName: string;
      readonly at: string;
    };

export type ObservationLevel = 'debug' | 'info' | 'warn' | 'error';

const levels: Readonly<Record<Observation['type'], ObservationLevel>> = {
  'server-listening': 'info',
  'server-draining': 'info',
  'server-stopped': 'info',
  'runtime-outdated': 'warn',
  'configuration-reloaded': 'debug',
  'account-unusable': 'error',
  'dead-calls-released': 'warn',
  'call-finished': 'info',
  'call-refused': 'info',
  'attempt-failed': 'warn',
  'account-out': 'warn',
  'settlement-delayed': 'error',
  'internal-error': 'error',
};

/** How loud an observation is. A call that went well is in the book already, so the log only has it on `debug`. */
export function levelOf(observation: Observation): ObservationLevel {
  const isRoutine = observation.type === 'call-finished' && observation.outcome === 'success';
  return isRoutine ? 'debug' : levels[observation.type];
}

export type Observe = (observation: Observation) => void;
