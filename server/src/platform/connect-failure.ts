import { ADDRESS_NOT_ALLOWED } from './address-policy.ts';
import type { ExchangeFault } from './upstream-client.ts';

/** Why no connection came to be. Holds codes only, so it may be logged whole. */
export class ConnectFailure extends Error {
  readonly fault: ExchangeFault;
  readonly systemCode: string | undefined;

  constructor(fault: ExchangeFault, systemCode?: string) {
    super(systemCode === undefined ? fault : `${fault} (${systemCode})`);
    this.fault = fault;
    this.systemCode = systemCode;
  }
}

/** Where in the chain of steps a connection attempt was when it failed. */
export type ConnectStep = 'tcp' | 'tls' | 'proxy';

const RESOLVER_CODES = new Set(['ENOTFOUND', 'ENODATA', 'ESERVFAIL', 'EREFUSED', 'ETIMEOUT', 'ECANCELLED']);

export function connectFailure(step: ConnectStep, systemCode: string | undefined): ConnectFailure {
  if (systemCode === ADDRESS_NOT_ALLOWED) return new ConnectFailure('refused', systemCode);
  if (step === 'proxy') return new ConnectFailure('proxy', systemCode);
  if (systemCode !== undefined && (RESOLVER_CODES.has(systemCode) || systemCode.startsWith('EAI_'))) {
    return new ConnectFailure('dns', systemCode);
  }
  if (systemCode === 'ETIMEDOUT') return new ConnectFailure('connect-timeout', systemCode);
  if (step === 'tls') return new ConnectFailure('tls', systemCode);
  return new ConnectFailure(systemCode === 'ECONNRESET' ? 'reset' : 'refused', systemCode);
}

/** The same, for a socket that had carried traffic. */
export function transferFault(systemCode: string | undefined): ExchangeFault {
  return systemCode?.startsWith('ERR_SSL') === true || systemCode?.startsWith('ERR_TLS') === true
    ? 'tls'
    : 'reset';
}
