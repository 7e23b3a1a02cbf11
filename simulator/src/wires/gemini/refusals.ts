import type { Json, WireRefusal } from '../../engine/simulated-call.ts';
import type { ShapeFault } from '../shape.ts';
import { protoPath } from './field-names.ts';

const statusNames: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
};

/** Thrown by the checks of a request, answered at one place, in the wire's `index.ts`. */
export class GeminiRefusal extends Error {
  readonly refusal: WireRefusal;

  constructor(code: number, message: string, details: readonly Json[] = []) {
    super(message);
    const error = { code, message, status: statusNames[code] ?? 'INVALID_ARGUMENT' };
    this.refusal = {
      status: code,
      headers: {},
      body: { error: details.length === 0 ? error : { ...error, details } },
    };
  }
}

export function invalid(message: string): GeminiRefusal {
  return new GeminiRefusal(400, message);
}

/** A rule of one field, worded with the path of the request message. */
export function invalidField(path: string, rule: string): GeminiRefusal {
  return invalid(`* GenerateContentRequest.${path}: ${rule}\n`);
}

/** Everything the JSON reader found wrong, in one answer with a violation for each. */
export function payloadRefusal(faults: readonly ShapeFault[]): GeminiRefusal {
  const violations = faults.map((fault) => describe(fault));
  const details = [{ '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: violations }];
  return new GeminiRefusal(400, violations.map(({ description }) => description).join('\n'), details);
}

interface Violation {
  readonly [key: string]: string;
  readonly description: string;
}

function describe(fault: ShapeFault): Violation {
  const path = protoPath(fault.path);
  if (fault.reason === 'unknown') {
    const name = fault.path.split('.').at(-1) ?? '';
    const owner = path.split('.').slice(0, -1).join('.');
    const at = owner === '' ? '' : ` at '${owner}'`;
    const description = `Invalid JSON payload received. Unknown name "${name}"${at}: Cannot find field.`;
    return owner === '' ? { description } : { field: owner, description };
  }
  return {
    field: path,
    description: `Invalid value at '${path}' (${typeName(fault)}), ${JSON.stringify(fault.found)}`,
  };
}

function typeName({ shape }: ShapeFault): string {
  const scalar: Readonly<Record<string, string>> = {
    string: 'TYPE_STRING',
    number: 'TYPE_DOUBLE',
    integer: 'TYPE_INT32',
    boolean: 'TYPE_BOOL',
  };
  const isEnum = shape.kind === 'string' && (shape.values !== undefined || shape.pattern !== undefined);
  return isEnum ? 'TYPE_ENUM' : (scalar[shape.kind] ?? 'TYPE_MESSAGE');
}
