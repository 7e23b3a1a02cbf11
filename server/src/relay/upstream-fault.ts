import { RelayError } from '../domain/errors.ts';
import type { ExchangeError } from '../platform/upstream-client.ts';

/** Puts a broken exchange into the error catalogue. Nothing of the exchange's content goes into it. */
export function faultOf(error: ExchangeError): RelayError {
  switch (error.fault) {
    case 'connect-timeout':
    case 'refused':
    case 'dns':
    case 'tls':
    case 'proxy':
    case 'reset':
    case 'closed-early':
      return new RelayError('upstream_connection', {
        message: `The connection to the upstream failed (${describe(error)}).`,
      });
    case 'malformed-response':
      return new RelayError('upstream_protocol');
    case 'aborted':
      return new RelayError('client_gone');
    default:
      return error.fault satisfies never;
  }
}

function describe(error: ExchangeError): string {
  return error.systemCode === undefined ? error.fault : `${error.fault}, ${error.systemCode}`;
}
