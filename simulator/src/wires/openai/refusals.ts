import type { Json, WireRefusal } from '../../engine/simulated-call.ts';
import { findFaults, textOr } from '../shape.ts';
import type { Shape, ShapeFault } from '../shape.ts';

interface RefusalText {
  readonly message: string;
  readonly param?: string;
  readonly code?: string;
  readonly status?: number;
  readonly type?: string;
}

/** Thrown by the checks of a request, answered at one place, `withRefusals`. */
export class OpenAiRefusal extends Error {
  readonly refusal: WireRefusal;

  constructor(text: RefusalText) {
    super(text.message);
    this.refusal = {
      status: text.status ?? 400,
      headers: {},
      body: {
        error: {
          message: text.message,
          type: text.type ?? 'invalid_request_error',
          param: text.param ?? null,
          code: text.code ?? null,
        },
      },
    };
  }
}

export function invalid(message: string, param?: string, code?: string): OpenAiRefusal {
  return new OpenAiRefusal({
    message,
    ...(param === undefined ? {} : { param }),
    ...(code === undefined ? {} : { code }),
  });
}

/** Refuses the first fault; a field nobody knows outranks the others, as it does at the provider. */
export function refuseFirstFault(value: Json | undefined, shape: Shape, path = ''): void {
  const faults = findFaults(value, shape, path);
  const first = faults.find((fault) => fault.reason === 'unknown') ?? faults[0];
  if (first !== undefined) throw shapeRefusal(first);
}

/** The provider's words for one fault. */
export function shapeRefusal(fault: ShapeFault): OpenAiRefusal {
  const { path, shape } = fault;
  switch (fault.reason) {
    case 'unknown':
      return invalid(`Unknown parameter: '${path}'.`, path, 'unknown_parameter');
    case 'missing':
      return invalid(`Missing required parameter: '${path}'.`, path, 'missing_required_parameter');
    case 'type':
      return invalid(
        `Invalid type for '${path}': expected ${expectedType(shape)}, but got ${foundType(fault.found)} instead.`,
        path,
        'invalid_type',
      );
    case 'value':
      return invalid(
        `Invalid value: '${textOr(fault.found)}'. Supported values are: ${supported(shape)}.`,
        path,
        'invalid_value',
      );
    case 'below':
    case 'above':
      return rangeRefusal(fault, fault.reason);
    case 'too-few':
      return invalid(
        `Invalid '${path}': empty array. Expected an array with minimum length 1, but got an empty array instead.`,
        path,
        'empty_array',
      );
    case 'too-many':
      return tooManyRefusal(fault);
    case 'too-long':
      return invalid(
        `Invalid '${path}': string too long. Expected a string with maximum length ${maxLengthOf(shape)}, ` +
          `but got a string with length ${textOr(fault.found).length} instead.`,
        path,
        'string_above_max_length',
      );
    case 'pattern':
      break;
  }
  return invalid(
    `Invalid '${path}': string does not match pattern. Expected a string that matches the pattern ` +
      `'${patternOf(shape)}'.`,
    path,
    'invalid_value',
  );
}

function rangeRefusal(fault: ShapeFault, side: 'below' | 'above'): OpenAiRefusal {
  const { path, shape, found } = fault;
  const isInteger = shape.kind === 'integer';
  const word = isInteger ? 'integer' : 'decimal';
  const bounds = shape.kind === 'integer' || shape.kind === 'number' ? shape : { min: 0, max: 0 };
  const [edge, sign, limit] =
    side === 'below' ? (['minimum', '>=', bounds.min] as const) : (['maximum', '<=', bounds.max] as const);
  return invalid(
    `Invalid '${path}': ${word} ${side} ${edge} value. Expected a value ${sign} ${limit}, but got ${JSON.stringify(found)} instead.`,
    path,
    `${word}_${side}_${side === 'below' ? 'min' : 'max'}_value`,
  );
}

function tooManyRefusal(fault: ShapeFault): OpenAiRefusal {
  const { path, shape } = fault;
  if (shape.kind === 'map') {
    return invalid(
      `Invalid '${path}': too many properties. Expected an object with at most ${shape.maxEntries} properties, ` +
        `but got an object with ${Object.keys(fault.found ?? {}).length} properties instead.`,
      path,
      'object_above_max_properties',
    );
  }
  const maxItems = shape.kind === 'array' ? shape.maxItems : undefined;
  const length = Array.isArray(fault.found) ? fault.found.length : 0;
  return invalid(
    `Invalid '${path}': array too long. Expected an array with maximum length ${maxItems}, ` +
      `but got an array with length ${length} instead.`,
    path,
    'array_above_max_length',
  );
}

function expectedType(shape: Shape): string {
  switch (shape.kind) {
    case 'string':
      return shape.values === undefined ? 'a string' : `one of ${supported(shape)}`;
    case 'number':
      return 'a decimal number';
    case 'integer':
      return 'an integer';
    case 'boolean':
      return 'a boolean';
    case 'array':
      return 'an array';
    case 'object':
    case 'map':
    case 'tagged':
      return 'an object';
    case 'nullable':
      return expectedType(shape.inner);
    case 'lazy':
      return expectedType(shape.resolve());
    case 'either':
      return `one of ${shape.options.map((option) => expectedType(option)).join(' or ')}`;
    case 'any':
      break;
  }
  return 'a value';
}

function foundType(found: Json | undefined): string {
  if (found === null || found === undefined) return 'null';
  if (Array.isArray(found)) return 'an array';
  if (typeof found === 'number') return Number.isInteger(found) ? 'an integer' : 'a decimal number';
  return typeof found === 'object' ? 'an object' : `a ${typeof found}`;
}

function supported(shape: Shape): string {
  const quoted = (shape.kind === 'string' ? (shape.values ?? []) : []).map((value) => `'${value}'`);
  return quoted.length < 2
    ? quoted.join('')
    : `${quoted.slice(0, -1).join(', ')}${quoted.length > 2 ? ',' : ''} and ${quoted.at(-1)}`;
}

function maxLengthOf(shape: Shape): number {
  if (shape.kind === 'string') return shape.maxLength ?? 0;
  return shape.kind === 'map' ? (shape.maxKeyLength ?? 0) : 0;
}

function patternOf(shape: Shape): string {
  return shape.kind === 'string' ? (shape.pattern?.source ?? '') : '';
}
