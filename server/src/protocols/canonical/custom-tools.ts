import { asObject } from './read-json.ts';
import type { FunctionTool } from './request.ts';

/** Whether a free-text tool has a grammar, which a function's description can only ask for. Both OpenAI forms. */
export function hasGrammar(tool: FunctionTool): boolean {
  const custom = asObject(tool.extra?.['custom']);
  const format = asObject((asObject(custom?.['custom']) ?? custom)?.['format']);
  return format?.['type'] === 'grammar';
}
