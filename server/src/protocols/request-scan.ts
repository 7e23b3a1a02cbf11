import { RelayError } from '../domain/errors.ts';
import {
  JsonSyntaxError,
  readName,
  readValue,
  scanJson,
  type JsonScan,
  type Mark,
  type Span,
} from '../platform/json-scan.ts';

/** What every `inspect` starts from: the scanned body and careful access to its top-level fields. */
export interface RequestScan {
  readonly body: Buffer;
  readonly marks: readonly Mark[];
  readonly scan: JsonScan;
  has(key: string): boolean;
  /** The parsed value of a field known to be short; `undefined` where absent or null. */
  field(key: string): unknown;
  span(key: string): Span | undefined;
}

/** Scans a request body. Fields the relay acts upon may come once only: parsers differ on which of two they take. */
export function scanRequest(
  body: Buffer,
  watch: ReadonlySet<string>,
  single: ReadonlySet<string> = new Set(['model', 'stream']),
): RequestScan {
  const scan = scanned(body, watch);
  for (const key of scan.repeated) {
    if (single.has(key)) {
      throw new RelayError('malformed_body', {
        message: `The field "${key}" comes twice in the request body. Send it once.`,
        param: key,
      });
    }
  }
  return {
    body,
    marks: scan.marks,
    scan,
    has: (key) => scan.values.has(key),
    span: (key) => scan.values.get(key),
    field(key) {
      const span = scan.values.get(key);
      return span === undefined ? undefined : (readValue(body, span) ?? undefined);
    },
  };
}

function scanned(body: Buffer, watch: ReadonlySet<string>): JsonScan {
  try {
    return scanJson(body, watch);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw new RelayError(
      'malformed_body',
      { message: `The request body is not valid JSON: ${error.message}.` },
      error,
    );
  }
}

/** The required top-level `model`, with its span. */
export function requiredModel(request: RequestScan): { model: string; modelSpan: readonly [number, number] } {
  const span = request.span('model');
  const model = span === undefined ? undefined : readName(request.body, span);
  if (span === undefined || typeof model !== 'string' || model.trim() === '') {
    throw new RelayError('invalid_request', {
      message: 'The field "model" is missing or not a string. Name the model to call.',
      param: 'model',
    });
  }
  return { model, modelSpan: [span.start, span.end] };
}

export function streamFlag(request: RequestScan): boolean {
  const stream = request.field('stream');
  if (stream === undefined || typeof stream === 'boolean') return stream === true;
  throw new RelayError('invalid_request', {
    message: 'The field "stream" must be true or false.',
    param: 'stream',
  });
}

/** The first of the fields that is a whole number >= 0. */
export function wholeNumber(request: RequestScan, ...keys: readonly string[]): number | undefined {
  for (const key of keys) {
    const value = request.field(key);
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  }
  return undefined;
}

const maxChoices = 128;

/** Parallel answers asked for, kept in a range an estimate can be multiplied by. */
export function choicesOf(value: number | undefined): number {
  return Math.min(maxChoices, Math.max(1, value ?? 1));
}

export function textField(request: RequestScan, key: string): string | undefined {
  const value = request.field(key);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** True for a list or object with something in it, without parsing it. */
export function isFilled(request: RequestScan, key: string): boolean {
  const span = request.span(key);
  return (
    span !== undefined &&
    /^[[{]\s*[^\]}\s]/.test(request.body.toString('latin1', span.start, span.start + 64))
  );
}
