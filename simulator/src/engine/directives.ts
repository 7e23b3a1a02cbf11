import type { HostedAbility } from './hosted-tools.ts';
import type { JsonObject } from './simulated-call.ts';

/**
 * Instructions for the simulator inside the prompt, so that a test knows the answer beforehand. They are read from the
 * last user text only; what earlier turns said does not count again.
 */
export interface Directives {
  readonly say?: string;
  /** What to say once the tool results are in. */
  readonly afterTools?: string;
  readonly tokens?: number;
  readonly thinkTokens?: number;
  /** How long an answer that is made in the background takes, and how it ends. */
  readonly later?: { readonly ms: number; readonly isFailed: boolean };
  /** Steps that tools of the provider take, with the query or the code. */
  readonly hosted: readonly { readonly ability: HostedAbility; readonly text: string }[];
  readonly toolCalls: readonly { readonly name: string; readonly input?: JsonObject | string }[];
}

const DEFAULT_THINK_TOKENS = 24;
const DIRECTIVE =
  /\[\[(say|then|tokens|think|tool|later|search|code)(?::\s*((?:(?!\]\])[\s\S]|\]\](?=[\]}]))*))?\]\]/g;

export function readDirectives(text: string): Directives {
  const toolCalls: { name: string; input?: JsonObject | string }[] = [];
  const hosted: { ability: HostedAbility; text: string }[] = [];
  let directives: Omit<Directives, 'toolCalls' | 'hosted'> = {};
  for (const [, name, value = ''] of text.matchAll(DIRECTIVE)) {
    if (name === 'say') directives = { ...directives, say: value };
    if (name === 'then') directives = { ...directives, afterTools: value };
    if (name === 'tokens') directives = { ...directives, tokens: wholeNumber(value, 0) };
    if (name === 'think')
      directives = { ...directives, thinkTokens: wholeNumber(value, DEFAULT_THINK_TOKENS) };
    if (name === 'later') directives = { ...directives, later: laterOf(value) };
    if (name === 'search' || name === 'code') hosted.push({ ability: name, text: value });
    if (name === 'tool') toolCalls.push(toolCall(value));
  }
  return { ...directives, hosted, toolCalls };
}

/** The directives of a text without the words around them. */
export function onlyDirectives(text: string): string {
  return (text.match(DIRECTIVE) ?? []).join(' ');
}

function laterOf(text: string): NonNullable<Directives['later']> {
  const [ms = '', ending] = text.trim().split(/\s+/u);
  return { ms: wholeNumber(ms, 0), isFailed: ending === 'failed' };
}

function wholeNumber(text: string, otherwise: number): number {
  return /^\d+$/.test(text.trim()) ? Number(text.trim()) : otherwise;
}

function toolCall(text: string): { name: string; input?: JsonObject | string } {
  const match = /^\s*([^\s{]+)\s*([\s\S]*)$/.exec(text);
  const name = match?.[1] ?? '';
  const rest = (match?.[2] ?? '').trim();
  if (rest === '') return { name };
  try {
    return { name, input: JSON.parse(rest) as JsonObject | string };
  } catch {
    return { name, input: rest };
  }
}
