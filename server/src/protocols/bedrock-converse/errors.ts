import { errorCatalogue, RelayError, type ErrorCode } from '../../domain/errors.ts';
import type { UpstreamErrorEvent } from '../canonical/events.ts';
import { asText, parseShape } from '../json-shape.ts';
import { retryAfterMs } from '../retry-after.ts';
import { readUpstreamFailure } from '../upstream-failure.ts';
import type { UpstreamFailure } from '../wire-protocol.ts';
import { wordTable } from '../canonical/word-table.ts';

/** What the runtime calls its failures, in an answer's header and as frames of a stream; in lower case, as AWS spells vary. */
const exceptions = wordTable<ErrorCode>({
  throttlingexception: 'upstream_rate_limited',
  toomanyrequestsexception: 'upstream_rate_limited',
  servicequotaexceededexception: 'upstream_quota',
  accessdeniedexception: 'upstream_auth',
  unrecognizedclientexception: 'upstream_auth',
  invalidsignatureexception: 'upstream_auth',
  incompletesignatureexception: 'upstream_auth',
  signaturedoesnotmatch: 'upstream_auth',
  expiredtokenexception: 'upstream_auth',
  missingauthenticationtokenexception: 'upstream_auth',
  missingauthenticationtoken: 'upstream_auth',
  invalidclienttokenid: 'upstream_auth',
  optinrequired: 'upstream_auth',
  resourcenotfoundexception: 'upstream_model_missing',
  modelnotreadyexception: 'upstream_overloaded',
  modeltimeoutexception: 'upstream_timeout',
  modelerrorexception: 'upstream_failed',
  modelstreamerrorexception: 'upstream_failed',
  internalserverexception: 'upstream_failed',
  internalfailure: 'upstream_failed',
  serviceunavailableexception: 'upstream_overloaded',
  serviceunavailable: 'upstream_overloaded',
  validationexception: 'upstream_rejected_input',
  validationerror: 'upstream_rejected_input',
  serializationexception: 'upstream_rejected_input',
});

/** Refusals that only their sentence tells apart. */
const sentences: readonly (readonly [from: ErrorCode, text: RegExp, code: ErrorCode])[] = [
  [
    'upstream_rejected_input',
    /model identifier is invalid|on-demand throughput|inference profile|operation not allowed|model .{0,60}(end of its life|legacy|not (supported|available|found))/i,
    'upstream_model_missing',
  ],
  [
    'upstream_auth',
    /access to the model|model access|not available for this account/i,
    'upstream_model_missing',
  ],
  ['upstream_rate_limited', /tokens per day|per day/i, 'upstream_quota'],
  [
    'upstream_rejected_input',
    /input is too long|prompt is too long|too many (total )?(text |input )?(bytes|tokens)|context (length|window)|maximum (input|context) (length|tokens)/i,
    'context_too_long',
  ],
  ['upstream_rejected_input', /content filter|blocked by|guardrail/i, 'upstream_refused_content'],
];

/** Classifies an error answer of the runtime, whichever operation it was. */
export function readRuntimeFailure(
  status: number,
  headers: readonly string[],
  body: Buffer,
): UpstreamFailure {
  const name = exceptionName(headers, body);
  const known = exceptions[name.toLowerCase()];
  const plain = readUpstreamFailure(status, headers, body).error;
  if (known === undefined && status !== 400 && status !== 403) return { error: plain };
  const sentence = sentenceIn(body);
  const first = known ?? plain.code;
  const code = sentences.find(([from, text]) => from === first && text.test(sentence))?.[2] ?? first;
  if (code === plain.code) return { error: plain };
  const waitMs = retryAfterMs(headers, []);
  const isStop = errorCatalogue[code].disposition === 'stop';
  const told = plain.details.upstreamSentence;
  return {
    error: new RelayError(code, {
      upstreamStatus: status,
      ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
      ...(isStop && told !== undefined ? { upstreamSentence: told } : {}),
    }),
  };
}

/** `ValidationException:http://internal.amazon.com/...` in the header; sometimes only `__type` in the body. */
function exceptionName(headers: readonly string[], body: Buffer): string {
  const at = headers.findIndex((field, index) => index % 2 === 0 && field === 'x-amzn-errortype');
  const named = at === -1 ? asText(parseShape(body.toString())?.['__type']) : headers[at + 1];
  return (named ?? '').replace(/:.*$/s, '').replace(/^.*#/s, '');
}

function sentenceIn(body: Buffer): string {
  const shape = parseShape(body.toString());
  return asText(shape?.['message']) ?? asText(shape?.['Message']) ?? '';
}

const inStream: readonly UpstreamErrorEvent['code'][] = [
  'upstream_overloaded',
  'upstream_rate_limited',
  'upstream_rejected_input',
];

/** Where a failure inside a stream stands; what has no place of its own there is a failure of the upstream. */
export function codeOfException(name: string): UpstreamErrorEvent['code'] {
  const code = exceptions[name.toLowerCase()];
  return inStream.find((each) => each === code) ?? 'upstream_failed';
}
