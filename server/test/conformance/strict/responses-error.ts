import { demand, nameAt, objectAt, parsed } from './shape.ts';

export function readError(status: number, body: string): string {
  demand(status >= 400, `an error with status ${status}`);
  const error = objectAt(parsed(body), 'error');
  nameAt(error, 'message');
  demand('param' in error && 'code' in error, 'the error has no param or code');
  return nameAt(error, 'type');
}
