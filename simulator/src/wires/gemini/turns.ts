import type { JsonObject } from '../../engine/simulated-call.ts';
import { objectsOf, textOr } from '../shape.ts';
import { invalid, invalidField } from './refusals.ts';

/** Contents of one role in a row count as one turn. */
export interface Turn {
  readonly role: 'user' | 'model';
  readonly parts: readonly JsonObject[];
}

const partKinds = [
  'text',
  'inlineData',
  'fileData',
  'functionCall',
  'functionResponse',
  'executableCode',
  'codeExecutionResult',
  'toolCall',
  'toolResponse',
];

/** Reads the turns, refusing wrong roles and empty parts. */
export function readTurns(contents: readonly JsonObject[]): readonly Turn[] {
  if (contents.length === 0) throw invalidField('contents', 'contents is not specified');
  const turns: { role: Turn['role']; parts: JsonObject[] }[] = [];
  contents.forEach((content, index) => {
    const role = roleOf(content);
    const parts = objectsOf(content['parts']);
    if (parts.length === 0) {
      throw invalidField(`contents[${index}].parts`, 'contents.parts must not be empty.');
    }
    parts.forEach((part, at) => checkPart(part, `contents[${index}].parts[${at}]`));
    const last = turns.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else turns.push({ role, parts: [...parts] });
  });
  return turns;
}

/** Calls and their responses must stand next to each other, in equal number. */
export function checkTurns(turns: readonly Turn[]): void {
  if (turns.length === 1 && turns[0]?.role === 'model') {
    throw invalid('Please ensure that single turn requests end with a user role or the role field is empty.');
  }
  turns.forEach((turn, index) => {
    const calls = countParts(turn, 'functionCall');
    const responses = countParts(turn, 'functionResponse');
    const before = turns[index - 1];
    if (calls > 0 && (turn.role !== 'model' || before === undefined)) {
      throw invalid(
        'Please ensure that function call turn comes immediately after a user turn or after a function response turn.',
      );
    }
    const asked = before === undefined ? 0 : countParts(before, 'functionCall');
    if (responses > 0 && (turn.role !== 'user' || asked === 0)) {
      throw invalid(
        'Please ensure that function response turn comes immediately after a function call turn.',
      );
    }
    if (turn.role === 'user' && asked !== responses) {
      throw invalid(
        'Please ensure that the number of function response parts is equal to the number of function call parts of ' +
          'the function call turn.',
      );
    }
  });
}

export function countParts(turn: Turn, kind: string): number {
  return turn.parts.filter((part) => part[kind] !== undefined).length;
}

function roleOf(content: JsonObject): Turn['role'] {
  const role = textOr(content['role'], 'user');
  if (role === 'user' || role === 'function') return 'user';
  if (role === 'model') return 'model';
  throw invalid('Please use a valid role: user, model.');
}

function checkPart(part: JsonObject, path: string): void {
  const kinds = partKinds.filter((kind) => part[kind] !== undefined);
  if (kinds.length > 1) {
    throw invalid(
      `Invalid value at '${path}' (oneof), oneof field 'data' is already set. Cannot set '${kinds[1]}'`,
    );
  }
  // A signature may travel on a part that says nothing.
  if (kinds.length === 0 && part['thoughtSignature'] === undefined) {
    throw invalidField(`${path}.data`, "required oneof field 'data' must have one initialized field");
  }
}
