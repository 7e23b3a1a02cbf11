import type { Json } from '../../engine/simulated-call.ts';
import { anthropic } from '../../providers/anthropic.ts';
import type { WireRefusal } from '../../engine/simulated-call.ts';
import { isArray, isObject, textOr } from '../shape.ts';
import type { Shape, ShapeFault } from '../shape.ts';

/** Thrown by a check, answered by the wire's `handle`. */
export class AnthropicRefusal extends Error {
  readonly status: number;

  constructor(message: string, status = 400) {
    super(message);
    this.status = status;
  }

  toWire(requestId: string): WireRefusal {
    const error = { status: this.status, requestId, message: this.message };
    return { status: this.status, headers: anthropic.errorHeaders(error), body: anthropic.errorBody(error) };
  }
}

export function refuse(message: string): never {
  throw new AnthropicRefusal(message);
}

/** The first fault in the provider's words: `messages.0.content.1.text.text: Field required`. */
export function wordFault(fault: ShapeFault, body: Json): string {
  return `${wordPath(fault.path, body)}: ${wordReason(fault)}`;
}

/** Where one of several kinds is meant, the kind is a step of the path. */
function wordPath(path: string, body: Json): string {
  const steps = path
    .replaceAll(/\[(\d+)\]/g, '.$1')
    .split('.')
    .filter((step) => step !== '');
  const words: string[] = [];
  let current: Json | undefined = body;
  for (const [index, step] of steps.entries()) {
    words.push(step);
    if (isArray(current)) current = current[Number(step)];
    else current = isObject(current) ? current[step] : undefined;
    const kind = kindOf(current, steps[index - 1], step);
    const isTagItself = steps[index + 1] === 'type' && index + 2 === steps.length;
    if (kind !== undefined && index + 1 < steps.length && !isTagItself) words.push(kind);
  }
  return words.join('.');
}

function kindOf(value: Json | undefined, parent: string | undefined, step: string): string | undefined {
  if (!isObject(value)) return undefined;
  const isTagged =
    ['thinking', 'source', 'tool_choice'].includes(step) || ['content', 'tools'].includes(parent ?? '');
  if (!isTagged) return undefined;
  if (typeof value['type'] === 'string') return value['type'];
  return parent === 'tools' ? 'custom' : undefined;
}

function wordReason(fault: ShapeFault): string {
  const { shape } = fault;
  switch (fault.reason) {
    case 'unknown':
      return 'Extra inputs are not permitted';
    case 'missing':
      return 'Field required';
    case 'type':
      return `Input should be ${wordType(shape)}`;
    case 'value':
      return wordValue(fault);
    case 'below':
      return `Input should be greater than or equal to ${'min' in shape ? String(shape.min) : ''}`;
    case 'above':
      return `Input should be less than or equal to ${'max' in shape ? String(shape.max) : ''}`;
    case 'too-few':
      return `List should have at least ${'minItems' in shape ? String(shape.minItems) : ''} item after validation`;
    case 'too-many':
      return 'List has too many items';
    case 'too-long':
      return `String should have at most ${'maxLength' in shape ? String(shape.maxLength) : ''} characters`;
    case 'pattern':
      return `String should match pattern '${'pattern' in shape ? (shape.pattern?.source ?? '') : ''}'`;
  }
  return 'Invalid input';
}

const TYPE_WORDS: Readonly<Partial<Record<Shape['kind'], string>>> = {
  string: 'a valid string',
  boolean: 'a valid boolean',
  number: 'a valid number',
  integer: 'a valid integer',
  array: 'a valid list',
  map: 'a valid dictionary',
  either: 'a valid string or list',
};

function wordType(shape: Shape): string {
  return TYPE_WORDS[shape.kind] ?? 'an object';
}

function wordValue({ path, shape, found }: ShapeFault): string {
  const values = shape.kind === 'string' ? (shape.values ?? []).map((value) => `'${value}'`) : [];
  if (path.endsWith('.type') && values.length > 1) {
    return `Input tag '${textOr(found)}' found using 'type' does not match any of the expected tags: ${values.join(', ')}`;
  }
  const last = values.at(-1) ?? '';
  return `Input should be ${values.length > 1 ? `${values.slice(0, -1).join(', ')} or ${last}` : last}`;
}
