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
  readonly toolCalls: readonly { readonly name: string; readonly input?: JsonObject | string }[];
}

const DEFAULT_THINK_TOKENS = 24;
const DIRECTIVE = /\[\[(say|then|tokens|think|tool)(?::\s*((?:(?!\]\])[\s\S]|\]\](?=[\]}]))*))?\]\]/g;

export function readDirectives(text: string): Directives {
  const toolCalls: { name: string; input?: JsonObject | string }[] = [];
  let directives: Omit<Directives, 'toolCalls'> = {};
  for (const [, name, value = ''] of text.matchAll(DIRECTIVE)) {
    if (name === 'say') directives = { ...directives, say: value };
    if (name === 'then') directives = { ...directives, afterTools: value };
    if (name === 'tokens') directives = { ...directives, tokens: wholeNumber(value, 0) };
    if (name === 'think')
      directives = { ...directives, thinkTokens: wholeNumber(value, DEFAULT_THINK_TOKENS) };
    if (name === 'tool') toolCalls.push(toolCall(value));
  }
  return { ...directives, toolCalls };
}

/** The directives of a text without the words around them. */
export function onlyDirectives(text: string): string {
  return (text.match(DIRECTIVE) ?? []).join(' ');
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
