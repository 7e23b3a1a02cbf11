import { isDeepStrictEqual } from 'node:util';
import { RelayError } from '../../server/src/domain/errors.ts';
import { collect, type CollectedAnswer } from '../../server/src/protocols/canonical/collect.ts';
import type { CanonicalEvent } from '../../server/src/protocols/canonical/events.ts';
import type { JsonObject } from '../../server/src/protocols/canonical/request.ts';
import { essence } from '../../server/test/conformance/translation-essence.ts';
import {
  anthropic,
  chat,
  decodeStream,
  encodeStream,
  otherSide,
  plainRequest,
  target,
  type Side,
} from '../../server/test/conformance/translation-material.ts';
import { normalRequest } from '../../server/test/conformance/translation-normal-form.ts';
import { endOfInsideError, isNoAnswer } from './allowances.ts';
import { difference, excerpt } from './differences.ts';
import type { FamilyRule } from './families.ts';
import { bytesOf, jsonOf, payloadsOf, type Recording } from './recording.ts';

/** Puts one recording through the half-codecs of its protocol and of the other one; gives what was found wrong. */
export function codecProblems(recording: Recording, rule: FamilyRule): readonly string[] {
  const side = [anthropic, chat].find(({ id }) => id === rule.codec);
  if (side === undefined) return [];
  return [
    ...guarded('request', () => requestProblems(recording, side, rule)),
    ...guarded('answer', () => answerProblems(recording, side, rule)),
  ];
}

function guarded(what: string, check: () => readonly string[]): readonly string[] {
  try {
    return check();
  } catch (error) {
    return [
      `codecs: the ${what} throws ${excerpt(error instanceof Error ? `${error.name}: ${error.message}` : String(error))}`,
    ];
  }
}

function requestProblems(recording: Recording, side: Side, rule: FamilyRule): readonly string[] {
  const body = jsonOf(recording.request) as JsonObject | undefined;
  if (body === undefined) return [];
  try {
    const decoded = side.translation.decodeRequest(body, target);
    otherSide(side).translation.encodeRequest(decoded, undefined);
    const again = side.translation.encodeRequest(decoded, undefined).value;
    if (rule.isVendor !== true) return [];
    return unequal('the request', normalRequest(side, body), normalRequest(side, again));
  } catch (error) {
    // What the provider refused, the codec may refuse too.
    if (recording.response.status >= 400 && error instanceof RelayError) return [];
    throw error;
  }
}

function answerProblems(recording: Recording, side: Side, rule: FamilyRule): readonly string[] {
  if (recording.response.status >= 400) return [];
  if (payloadsOf(recording.response) !== undefined) return streamProblems(recording, side, rule);
  if (isNoAnswer(recording, rule.answerFields)) return [];
  const body = jsonOf(recording.response) as JsonObject;
  const request = plainRequest(side);
  const events = side.translation.decodeUnary(body, request);
  const own = side.translation.encodeUnary(events, request);
  const other = otherSide(side);
  const foreign = other.translation.encodeUnary(events, plainRequest(other));
  return [
    ...(rule.isVendor === true ? unequal('the answer', essence(side, body), essence(side, own)) : []),
    ...unsaid(events, side.translation.decodeUnary(own, request), side),
    ...unsaid(events, other.translation.decodeUnary(foreign, plainRequest(other)), other),
  ];
}

function streamProblems(recording: Recording, side: Side, rule: FamilyRule): readonly string[] {
  const bytes = bytesOf(recording.response);
  const events = decodeStream(side, bytes);
  const answer = collect(events);
  if (endOfInsideError(bytes.toString()) !== undefined) {
    return answer.error === undefined ? ['codecs: the error inside the stream is lost'] : [];
  }
  if (answer.error !== undefined)
    return [`codecs: the stream ends in an error: ${excerpt(answer.error.message)}`];
  const other = otherSide(side);
  const own = decodeStream(side, Buffer.from(encodeStream(side, events)));
  const foreign = decodeStream(other, Buffer.from(encodeStream(other, events)));
  return [
    ...(rule.isVendor === true ? unequal('the stream', kept(answer), kept(collect(own))) : []),
    ...unsaid(events, own, side),
    ...unsaid(events, foreign, other),
  ];
}

/** The tier that was served is for the book; no stream of a client tells it. */
function kept(answer: CollectedAnswer): unknown {
  const { serviceTier: _tier, ...usage } = answer.usage;
  return { ...answer, usage };
}

/** Text and calls reach a client of the other protocol whole; what else does is the business of the loss table. */
function unsaid(
  events: readonly CanonicalEvent[],
  foreign: readonly CanonicalEvent[],
  other: Side,
): readonly string[] {
  return unequal(`the answer for ${other.id}`, saidIn(collect(events)), saidIn(collect(foreign)));
}

function saidIn(answer: CollectedAnswer): unknown {
  const text = answer.parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
  const calls = answer.parts.flatMap((part) => (part.type === 'tool-call' ? [part.name] : []));
  return { text, calls, error: answer.error?.code };
}

function unequal(what: string, before: unknown, after: unknown): readonly string[] {
  if (isDeepStrictEqual(before, after)) return [];
  const [expected, found] = [JSON.stringify(before), JSON.stringify(after)];
  return [`codecs: ${what} does not come back as it was ${difference(expected, found)}`];
}
