import type { Exchange } from '../../engine/exchange.ts';
import type { Json, JsonObject } from '../../engine/simulated-call.ts';
import { isArray, isObject, textOr } from '../shape.ts';
import { invalid } from './refusals.ts';
import type { Turn } from './turns.ts';

/** Signs what a thought led to: one call with its arguments, or the end of a text. */
export interface ThoughtSignatures {
  signCall(name: string, args: Json): string;
  signText(thought: string): string;
  /** What the signature was made for, when it is our own. */
  read(signature: string): string | undefined;
}

const scope = 'gemini-thought';
/** Documented stand-ins for calls that another model made. */
const standIns = new Set(['skip_thought_signature_validator', 'context_engineering_is_the_way_to_go']);

export function signaturesOf(exchange: Pick<Exchange, 'sign' | 'isOwnSignature'>): ThoughtSignatures {
  const write = (about: string): string =>
    Buffer.from(JSON.stringify([exchange.sign(about, scope), about])).toString('base64');
  return {
    signCall: (name, args) => write(aboutCall(name, args)),
    signText: (thought) => write(`text:${thought}`),
    read(signature) {
      const [signed, about] = open(signature);
      return exchange.isOwnSignature(signed, about, scope) ? about : undefined;
    },
  };
}

/** Refuses forged and misplaced signatures, and calls of the current turn that lost theirs. */
export function checkSignatures(
  turns: readonly Turn[],
  signatures: Pick<ThoughtSignatures, 'read'>,
  isRequired: boolean,
): void {
  for (const part of turns.flatMap((turn) => turn.parts)) checkSignature(part, signatures);
  if (!isRequired) return;
  const start = turns.findLastIndex(
    (turn) => turn.role === 'user' && turn.parts.some((part) => part['functionResponse'] === undefined),
  );
  let position = turns.slice(0, start + 1).flatMap((turn) => turn.parts).length;
  for (const turn of turns.slice(start + 1)) {
    const first = turn.parts.findIndex((part) => part['functionCall'] !== undefined);
    const call = turn.parts[first]?.['functionCall'];
    if (isObject(call) && turn.parts[first]?.['thoughtSignature'] === undefined) {
      throw invalid(
        'Function call is missing a thought_signature in functionCall parts. This is required for tools to work ' +
          'correctly, and missing thought_signature may lead to degraded model performance. Additional data, function ' +
          `call \`default_api:${textOr(call['name'])}\` , position ${position + first + 1}. Please refer to ` +
          'https://ai.google.dev/gemini-api/docs/thought-signatures for more details.',
      );
    }
    position += turn.parts.length;
  }
}

function checkSignature(part: JsonObject, signatures: Pick<ThoughtSignatures, 'read'>): void {
  const signature = part['thoughtSignature'];
  if (typeof signature !== 'string' || signature === '' || isStandIn(signature)) return;
  const about = signatures.read(signature);
  if (about === undefined) throw invalid('Corrupted thought signature.');
  const call = part['functionCall'];
  if (isObject(call) && !isAboutCall(about, textOr(call['name']), call['args'] ?? {})) {
    throw invalid('Thought signature is not valid for this functionCall part.');
  }
}

function isStandIn(signature: string): boolean {
  return standIns.has(signature) || standIns.has(Buffer.from(signature, 'base64').toString());
}

export function aboutCall(name: string, args: Json): string {
  return `call:${name}:${JSON.stringify(sorted(args))}`;
}

/**
 * True when this call is the signed one. Clients send calls back with the defaults of their schema filled in (Claude Code
 * does, 2026-11), so members may be added; those that were signed must be as they were.
 */
function isAboutCall(about: string, name: string, args: Json): boolean {
  const lead = `call:${name}:`;
  if (!about.startsWith(lead)) return false;
  const signed = JSON.parse(about.slice(lead.length)) as Json;
  if (!isObject(signed) || !isObject(args)) return about === aboutCall(name, args);
  const kept = Object.entries(args).filter(([member]) => Object.hasOwn(signed, member));
  return about === aboutCall(name, Object.fromEntries(kept));
}

function open(signature: string): readonly [string, string] {
  try {
    const parts = JSON.parse(Buffer.from(signature, 'base64').toString()) as Json;
    return isArray(parts) ? [textOr(parts[0]), textOr(parts[1])] : ['', ''];
  } catch {
    return ['', ''];
  }
}

/** Clients may order the members of an object anew. */
function sorted(value: Json): Json {
  if (isArray(value)) return value.map((item) => sorted(item));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]));
}
