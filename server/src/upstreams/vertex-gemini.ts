import type { Carriage } from './carriage.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Gemini on Vertex, for clients that wrote for Google's own API: the cloud takes no ids of calls, demands a role on every
 * turn, and counts tokens of a request that is not wrapped. Clients of the cloud know all that; their bodies stay as they are.
 */
export const vertexGeminiCarriage: Carriage = {
  wrap(body, { target, isTranslated }) {
    if (target.isCloudAddress === true) return body;
    // What the relay itself wrote has roles and is long at times: it is read again only where ids may stand in it.
    const isCounting = target.operation === 'count-tokens';
    if (isTranslated && !isCounting && !body.includes('"id"')) return body;
    const given = JSON.parse(body.toString()) as Fields;
    const { fields, isChanged } = forCloud(given, isCounting);
    return isChanged ? Buffer.from(JSON.stringify(fields)) : body;
  },
};

interface Changed<Value> {
  readonly fields: Value;
  readonly isChanged: boolean;
}

function forCloud(given: Fields, isCounting: boolean): Changed<Fields> {
  const wrapped = given['generateContentRequest'] ?? given['generate_content_request'];
  const isUnwrapped = isCounting && isFields(wrapped);
  const { model: _model, ...fields } = isUnwrapped ? wrapped : { ...given, model: undefined };
  const turns = Array.isArray(fields['contents'])
    ? (fields['contents'] as readonly unknown[]).map(turnFor)
    : undefined;
  if (turns?.some((turn) => turn.isChanged) === true) {
    return { fields: { ...fields, contents: turns.map((turn) => turn.fields) }, isChanged: true };
  }
  return { fields, isChanged: isUnwrapped || 'model' in given };
}

function turnFor(turn: unknown): Changed<unknown> {
  if (!isFields(turn)) return { fields: turn, isChanged: false };
  const parts = Array.isArray(turn['parts']) ? (turn['parts'] as readonly unknown[]).map(partFor) : [];
  const hasRole = typeof turn['role'] === 'string' && turn['role'] !== '';
  if (hasRole && !parts.some((part) => part.isChanged)) return { fields: turn, isChanged: false };
  const role = hasRole ? turn['role'] : 'user';
  return { fields: { ...turn, role, parts: parts.map((part) => part.fields) }, isChanged: true };
}

const callFields = ['functionCall', 'function_call', 'functionResponse', 'function_response'];

function partFor(part: unknown): Changed<unknown> {
  if (!isFields(part)) return { fields: part, isChanged: false };
  const name = callFields.find((field) => isFields(part[field]));
  const call = name === undefined ? undefined : part[name];
  if (name === undefined || !isFields(call) || !('id' in call)) return { fields: part, isChanged: false };
  const { id: _id, ...others } = call;
  return { fields: { ...part, [name]: others }, isChanged: true };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
