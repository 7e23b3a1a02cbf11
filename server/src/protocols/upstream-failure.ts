import { errorCatalogue, RelayError, type ErrorCode } from '../domain/errors.ts';
import type { UpstreamErrorEvent } from './canonical/events.ts';
import { codeOfStatus, preciseWords, refineBySentence, statusWords } from './failure-words.ts';
import { asList, asShape, asText, type Shape } from './json-shape.ts';
import { retryAfterMs } from './retry-after.ts';
import type { UpstreamFailure } from './wire-protocol.ts';

/**
 * Reads an upstream's error, in whatever shape it comes: the three vendors' objects, arrays of them, plain strings,
 * numeric codes, proxies' HTML. Credential, balance and region troubles are the operator's and never look like the
 * client's. The upstream's sentence goes on only where the client's own input was refused, with keys masked.
 */
const maxSentence = 600;
const maxBody = 64 * 1024;

/** Classifies an error answer. Headers are a flat lower-case list. */
export function readUpstreamFailure(
  status: number,
  headers: readonly string[],
  body: Buffer,
): UpstreamFailure {
  const parsed = body.length > maxBody ? undefined : parseAny(body);
  const errors = errorsOf(parsed);
  const error = failureOf(errors, status, retryAfterMs(headers, errors));
  if (errorCatalogue[error.code].disposition !== 'stop' || asShape(parsed) === undefined) return { error };
  return { error, body: maskedBody(body) };
}

/** Classifies an error object met inside a 200, or `undefined` when the body holds none. */
export function readErrorInside(payload: Shape): RelayError | undefined {
  const errors = errorsOf(payload);
  return errors.length === 0 ? undefined : failureOf(errors, 200, retryAfterMs([], errors));
}

/** The failure that a decoder met inside a stream; its sentence goes on where the client's own input was refused. */
export function failureOfEvent({ code, message }: UpstreamErrorEvent): RelayError {
  const refined = code === 'upstream_rejected_input' ? refineBySentence(code, message) : code;
  if (errorCatalogue[refined].disposition !== 'stop' || message === '') return new RelayError(refined);
  return new RelayError(refined, { upstreamSentence: maskKeys(message.slice(0, maxSentence)) });
}

/** True when the upstream's own error frame may reach the client as it is. */
export function isShowable(failure: RelayError, text: string): boolean {
  return failure.code !== 'upstream_auth' && failure.code !== 'upstream_quota' && maskKeys(text) === text;
}

function parseAny(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    return undefined;
  }
}

/** Every error object in the body, the outermost first. A string error becomes an object with a message. */
function errorsOf(parsed: unknown): Shape[] {
  if (Array.isArray(parsed)) return parsed.flatMap(errorsOf);
  const shape = asShape(parsed);
  if (shape === undefined) return [];
  const nested = shape['error'];
  if (typeof nested === 'string' && nested !== '') return [{ ...shape, message: shape['message'] ?? nested }];
  const inner = asShape(nested);
  if (inner !== undefined) return [inner, ...shapesIn(inner['details'])];
  if (shape['type'] === 'error' || shape['object'] === 'error' || isBareError(shape)) return [shape];
  return shapesIn(shape['errors']);
}

function shapesIn(list: unknown): Shape[] {
  return asList(list)
    .map(asShape)
    .filter((shape) => shape !== undefined);
}

/** `{"message": "...", "code": ...}` or FastAPI's `{"detail": ...}` with nothing of an answer around it. */
function isBareError(shape: Shape): boolean {
  const isAnswer = ['choices', 'output', 'content', 'candidates', 'data', 'usage', 'id'].some(
    (key) => key in shape,
  );
  return !isAnswer && (typeof shape['message'] === 'string' || 'detail' in shape);
}

function failureOf(errors: readonly Shape[], status: number, waitMs: number | undefined): RelayError {
  const sentence = sentenceOf(errors);
  const code = codeOf(errors, status, sentence ?? '');
  const isStop = errorCatalogue[code].disposition === 'stop';
  const param = asText(errors[0]?.['param']);
  return new RelayError(code, {
    ...(status === 200 ? {} : { upstreamStatus: status }),
    ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
    ...(isStop && sentence !== undefined ? { upstreamSentence: sentence } : {}),
    ...(isStop && param !== undefined && /^[\w.[\]-]{1,80}$/.test(param) ? { param } : {}),
  });
}

function codeOf(errors: readonly Shape[], status: number, sentence: string): ErrorCode {
  const words = errors.flatMap(wordsOf);
  const isDaily = errors.some((error) => JSON.stringify(error['violations'] ?? '').includes('PerDay'));
  if (isDaily) return 'upstream_quota';
  for (const word of words) {
    const precise = preciseWords[word];
    if (precise !== undefined) return precise;
  }
  const worded = words.map((word) => statusWords[word]).find((found) => found !== undefined);
  const numeric = errors.map((error) => statusIn(error)).find((found) => found !== undefined);
  const known = status >= 400 ? status : (numeric ?? worded ?? (errors.length > 0 ? 500 : status));
  return refineBySentence(codeOfStatus(known), sentence);
}

/** Type, code and status words, also those nested in Anthropic's `details` and Azure's `innererror`. */
function wordsOf(error: Shape): string[] {
  const sources = [error, asShape(error['details']), asShape(error['innererror'])];
  return sources.flatMap((source) =>
    ['error_code', 'code', 'reason', 'type', 'status'].flatMap((field) => {
      const word = source?.[field];
      return typeof word === 'string' ? [word.toLowerCase()] : [];
    }),
  );
}

/** A number in `code`, `status` or `status_code` that is an HTTP error status. */
function statusIn(error: Shape): number | undefined {
  for (const field of ['code', 'status_code', 'status']) {
    const value = Number(error[field] ?? Number.NaN);
    if (value >= 400 && value < 600) return value;
  }
  return undefined;
}

function sentenceOf(errors: readonly Shape[]): string | undefined {
  for (const error of errors) {
    const text = asText(error['message']) ?? asText(error['detail']) ?? faultsOf(error);
    if (text !== undefined) return maskKeys(text.slice(0, maxSentence));
  }
  return undefined;
}

/** The sentences of a validator's list: FastAPI's `detail`, which Mistral puts within `message`. */
function faultsOf(error: Shape): string | undefined {
  const faults = shapesIn(error['detail'] ?? asShape(error['message'])?.['detail']);
  const sentences = faults.flatMap((fault) => {
    const what = asText(fault['msg']);
    const where = asList(fault['loc']).filter((step) => typeof step === 'string' || typeof step === 'number');
    return what === undefined ? [] : [where.length === 0 ? what : `${where.join('.')}: ${what}`];
  });
  return sentences.length === 0 ? undefined : sentences.join('; ');
}

const keyLike =
  /\b(?:sk|pk|rk|gsk|xai|org|proj|key|tgp|nvapi|hf|r8)[-_][A-Za-z0-9_*.-]{6,}|\bAIza[\w*-]{6,}|\b(?:AKIA|ASIA)[A-Z0-9]{8,}|\b[Bb]earer\s+[\w.*~+/=-]{6,}|\bya29\.[\w.-]{6,}/g;

/** Hides what looks like a credential or names the operator's account. */
function maskKeys(text: string): string {
  return text.replace(keyLike, '[hidden]');
}

function maskedBody(body: Buffer): Buffer {
  const text = body.toString();
  const masked = maskKeys(text);
  return masked === text ? body : Buffer.from(masked);
}
