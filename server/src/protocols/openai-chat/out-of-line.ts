import type { RequestScan } from '../request-scan.ts';

/**
 * Tells bodies that are not in this protocol's own form although they come to its address: tools send Responses bodies,
 * Anthropic's tool definitions and blocks, both output limits at once, arguments as objects. This protocol's own upstreams
 * refuse them, so they are translated even where the upstream speaks the protocol. `own-shape.ts` reads them.
 */
export function isOutOfLine(request: RequestScan): boolean {
  const hasMessages = request.has('messages');
  if (!hasMessages && request.has('input')) return true;
  if (request.has('system') || (hasMessages && request.has('instructions'))) return true;
  if (isGiven(request, 'max_completion_tokens') && isGiven(request, 'max_tokens')) return true;
  return request.marks.some((mark) => {
    if (mark.topKey === 'tools') return mark.key === 'name' && mark.depth === toolDepth;
    if (mark.topKey !== 'messages') return false;
    if (mark.key === 'arguments') return request.body[mark.start] === openBrace;
    return mark.key === 'type' && isForeignType(request.body, mark);
  });
}

/** What the scan must watch for, besides what every OpenAI wire watches. */
export const ownShapeWatch: readonly string[] = ['name', 'arguments'];

/** `tools[i].name`: this protocol puts names one level deeper. */
const toolDepth = 3;
const itemDepth = 3;
const partDepth = 5;
const openBrace = 0x7b;

const foreignTypes: ReadonlySet<string> = new Set([
  'input_text',
  'output_text',
  'input_image',
  'input_file',
  'image',
  'document',
  'tool_use',
  'tool_result',
  'function_call',
  'function_call_output',
  'custom_tool_call',
  'custom_tool_call_output',
]);
const longestType = Math.max(...[...foreignTypes].map((type) => type.length));

function isForeignType(
  body: Buffer,
  mark: { readonly depth: number; readonly start: number; readonly end: number },
): boolean {
  if (mark.depth !== itemDepth && mark.depth !== partDepth) return false;
  if (mark.end - mark.start > longestType + 2) return false;
  return foreignTypes.has(body.toString('latin1', mark.start + 1, mark.end - 1));
}

function isGiven(request: RequestScan, key: string): boolean {
  return typeof request.field(key) === 'number';
}
