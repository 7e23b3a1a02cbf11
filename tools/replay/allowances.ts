import { errorCatalogue, type ErrorCode } from '../../server/src/domain/errors.ts';
import { fieldsOf, jsonOf, parsedFields, type Fields, type Recording } from './recording.ts';

/**
 * Everything in which the relay may differ from a recorded exchange, and why. Nothing else is forgiven: what is not in
 * this table is a failure.
 */
export const allowances = {
  'usage-asked':
    'A chat stream whose client did not ask for usage is asked for it all the same: nothing else tells what it cost.',
  'usage-chunk-kept':
    'The chunk that only carries the usage asked for in this way is kept from a client that did not ask.',
  'own-error':
    "A failure that is the operator's matter or another account's chance is told in our words; only its class is compared.",
  'failed-inside':
    'An error inside a stream is the end of it: what the provider sends after it may be left out, and where nothing was delivered yet it becomes an error answer of its class.',
  'no-answer':
    'A 200 that is not an answer of its protocol, or one with neither content nor output, is a fault of the provider.',
  'kept-ids':
    'Ids under which a provider keeps responses are given to clients sealed; where each stands, and which are the same, is compared.',
  'key-masked': "What looks like a credential in a provider's error is hidden from the client.",
} as const;

/** The chat request as the relay sends it on; `undefined` where it goes as it came. (`usage-asked`) */
export function requestAskingForUsage(recording: Recording): Fields | undefined {
  const body = jsonOf(recording.request);
  if (body?.['stream'] !== true || !recording.path.includes('/chat/completions')) return undefined;
  const options = fieldsOf(body['stream_options']);
  if (options?.['include_usage'] === true) return undefined;
  return { ...body, stream_options: { ...options, include_usage: true } };
}

/** A chat stream without its chunks that carry usage and no choice. (`usage-chunk-kept`) */
export function withoutUsageChunks(stream: string): string {
  const events = stream.split(/(?<=\r?\n\r?\n)/);
  return events.filter((event) => !isUsageChunk(event)).join('');
}

function isUsageChunk(event: string): boolean {
  const chunk = parsedFields(/^data:(.*)$/m.exec(event)?.[1] ?? '');
  const choices = chunk?.['choices'];
  return Array.isArray(choices) && choices.length === 0 && fieldsOf(chunk?.['usage']) !== undefined;
}

/** What a provider's status may mean, where the failure is told in our words. */
const classes: readonly (readonly [from: number, to: number, codes: readonly ErrorCode[]])[] = [
  [400, 400, ['upstream_auth', 'upstream_quota', 'upstream_model_missing']],
  [401, 403, ['upstream_auth', 'upstream_quota', 'upstream_model_missing']],
  [402, 402, ['upstream_quota']],
  [404, 404, ['upstream_model_missing', 'upstream_failed']],
  [408, 408, ['upstream_timeout']],
  [429, 429, ['upstream_rate_limited', 'upstream_quota', 'upstream_overloaded']],
  [500, 599, ['upstream_failed', 'upstream_overloaded', 'upstream_timeout', 'upstream_quota']],
];

export interface ErrorVerdict {
  /** The provider's own answer has to reach the client. */
  readonly isPassedOn: boolean;
  readonly difference?: string;
}

/** Judges the class that the relay put a recorded error answer in. (`own-error`) */
export function judgeError(
  recordedStatus: number,
  answer: { readonly status: number; readonly code: string | undefined },
): ErrorVerdict {
  const entry = Object.entries(errorCatalogue).find(([code]) => code === answer.code)?.[1];
  if (entry === undefined || answer.code === undefined) {
    return {
      isPassedOn: false,
      difference: `booked without an error, though the provider answered ${recordedStatus}`,
    };
  }
  if (entry.blame !== 'upstream') {
    return { isPassedOn: false, difference: `refused by the relay itself as ${answer.code}` };
  }
  if (entry.disposition === 'stop') return { isPassedOn: true };
  const allowed = classes.find(([from, to]) => recordedStatus >= from && recordedStatus <= to)?.[2] ?? [];
  if (!allowed.some((code) => code === answer.code)) {
    return { isPassedOn: false, difference: `a ${recordedStatus} was taken for ${answer.code}` };
  }
  if (answer.status === entry.status) return { isPassedOn: false };
  return {
    isPassedOn: false,
    difference: `status ${answer.status} for ${answer.code}, which is ${entry.status}`,
  };
}

/** The text with the ids of kept responses numbered in the order in which they are met. (`kept-ids`) */
export function withNumberedIds(text: string): string {
  const known = new Map<string, string>();
  return text.replace(
    /("(?:id|previous_response_id|response_id)"\s*:\s*")(resp_[\w-]+)/g,
    (_whole, key: string, id: string) => {
      const number = known.get(id) ?? `resp_${known.size}`;
      known.set(id, number);
      return key + number;
    },
  );
}

/** Where in a recorded stream the provider's own error ends; `undefined` when it has none. (`failed-inside`) */
export function endOfInsideError(stream: string): number | undefined {
  let end = 0;
  for (const event of stream.split(/(?<=\r?\n\r?\n)/)) {
    end += event.length;
    const payload = parsedFields(/^data:(.*)$/m.exec(event)?.[1] ?? '');
    if (payload === undefined) continue;
    if (payload['type'] === 'error' || (payload['error'] ?? null) !== null) return end;
  }
  return undefined;
}

/** True where an error answer stands for a stream that failed inside, or for a 200 that is no answer. */
export function isFaultOfProvider(answer: {
  readonly status: number;
  readonly code: string | undefined;
}): boolean {
  const entry = Object.entries(errorCatalogue).find(([code]) => code === answer.code)?.[1];
  return entry?.blame === 'upstream' && entry.status === answer.status;
}

/** True for a body that lacks what every answer of its protocol has, or in which nothing is said. (`no-answer`) */
export function isNoAnswer(recording: Recording, answerFields: readonly string[]): boolean {
  const body = jsonOf(recording.response);
  return answerFields.every((name) => saysNothing(body?.[name]));
}

const labels = new Set(['type', 'role', 'id', 'object', 'status', 'finish_reason', 'finishReason']);

/** No text, number or call in it but labels. */
function saysNothing(value: unknown): boolean {
  if (typeof value === 'string') return value === '';
  if (typeof value === 'number') return false;
  if (Array.isArray(value)) return value.every(saysNothing);
  return Object.entries(fieldsOf(value) ?? {}).every(
    ([name, inner]) => labels.has(name) || name === 'index' || saysNothing(inner),
  );
}

/** True where the delivered error is the recorded one with nothing but hidden credentials. (`key-masked`) */
export function equalsButForMasks(recorded: string, delivered: string): boolean {
  const pieces = delivered.split('[hidden]');
  if (pieces.length === 1) return false;
  const pattern = pieces.map((piece) => RegExp.escape(piece)).join('[^\\s"]+');
  return new RegExp(`^${pattern}$`).test(recorded);
}
