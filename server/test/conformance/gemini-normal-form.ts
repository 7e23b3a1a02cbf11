import { asArray, asObject, asObjects, asString } from '../../src/protocols/canonical/read-json.ts';
import type { Json, JsonObject } from '../../src/protocols/canonical/request.ts';
import { withCamelKeys } from '../../src/protocols/gemini/camel-keys.ts';

/** One spelling of a Gemini request for what the wire lets clients spell in several ways. */
export function normalGemini(given: JsonObject): JsonObject {
  const body = withCamelKeys(given);
  const { contents, systemInstruction, tools, generationConfig, ...rest } = body;
  const system = asObjects(asObject(systemInstruction)?.['parts']).filter((part) => part['text'] !== '');
  const config = asObject(generationConfig) ?? {};
  const declared = asObjects(tools).flatMap((tool) => asObjects(tool['functionDeclarations']));
  const hosted = asObjects(tools).flatMap(({ functionDeclarations: _functions, ...named }) =>
    Object.entries(named),
  );
  return sorted({
    ...rest,
    contents: mergeTurns(asObjects(contents)),
    ...(system.length === 0 ? {} : { system }),
    ...(Object.keys(config).length === 0 ? {} : { generationConfig: config }),
    declared,
    hosted: hosted.map(([name, value]) => [name, value]),
  }) as JsonObject;
}

/** Same roles in a row are one turn, with its responses first; a signature without words stands on the text before. */
function mergeTurns(contents: readonly JsonObject[]): readonly JsonObject[] {
  const turns: { role: string; parts: JsonObject[] }[] = [];
  for (const content of contents) {
    const role = content['role'] === 'model' ? 'model' : 'user';
    const parts = asObjects(content['parts']).filter(
      (part) => part['text'] !== '' || part['thoughtSignature'] !== undefined,
    );
    const last = turns.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else if (parts.length > 0) turns.push({ role, parts });
  }
  return turns.map(({ role, parts }) => ({ role, parts: joinThoughts(responsesFirst(parts)) }));
}

/** A thought in pieces is one thought, whose signature came with the last piece. */
function joinThoughts(parts: readonly JsonObject[]): readonly JsonObject[] {
  const joined: JsonObject[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    const isNext =
      part['thought'] === true && last?.['thought'] === true && last['thoughtSignature'] === undefined;
    if (isNext) {
      const text = `${asString(last['text'])}${asString(part['text'])}`;
      joined[joined.length - 1] = { ...last, ...part, text };
    } else joined.push(part);
  }
  return joined;
}

function responsesFirst(parts: readonly JsonObject[]): readonly JsonObject[] {
  const isResponse = (part: JsonObject): boolean => part['functionResponse'] !== undefined;
  return [...parts.filter(isResponse), ...parts.filter((part) => !isResponse(part))];
}

function sorted(value: Json): Json {
  const list = asArray(value);
  if (list !== undefined) return list.map(sorted);
  const object = asObject(value);
  if (object === undefined) return value;
  const entries = Object.entries(object).map(([key, inner]): [string, Json] => [key, sorted(inner)]);
  const data = asString(object['data']);
  if (data !== undefined && object['mimeType'] !== undefined) entries.push(['data', inFirstAlphabet(data)]);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Media may be spelled in either alphabet of base64. */
function inFirstAlphabet(data: string): string {
  return data.replaceAll('-', '+').replaceAll('_', '/');
}

/** What of an answer its reader acts upon; ratings, log probabilities and service notes are not translated. */
export function geminiEssence(body: JsonObject): unknown {
  const [candidate] = asObjects(body['candidates']);
  const usage = asObject(body['usageMetadata']) ?? {};
  const parts = asObjects(asObject(candidate?.['content'])?.['parts']);
  const reason = asString(candidate?.['finishReason']) ?? '';
  const count = (field: string): number => Number(usage[field] ?? 0);
  return {
    model: body['modelVersion'],
    id: body['responseId'],
    reason: reasonClasses[reason] ?? reason,
    parts: joinTexts(parts.map(withoutMadeId)),
    usage: [
      count('promptTokenCount') + count('toolUsePromptTokenCount'),
      count('cachedContentTokenCount'),
      count('candidatesTokenCount'),
      count('thoughtsTokenCount'),
    ],
  };
}

const reasonClasses: Readonly<Record<string, string>> = {
  PROHIBITED_CONTENT: 'SAFETY',
  RECITATION: 'SAFETY',
  BLOCKLIST: 'SAFETY',
  IMAGE_SAFETY: 'SAFETY',
  UNEXPECTED_TOOL_CALL: 'MALFORMED_FUNCTION_CALL',
  MALFORMED_RESPONSE: 'MALFORMED_FUNCTION_CALL',
};

/** A call without an id gets one of ours. */
function withoutMadeId(part: JsonObject): JsonObject {
  const call = asObject(part['functionCall']);
  if (call === undefined) return part;
  const { id, ...named } = call;
  const isMade = id === undefined || /^call_[0-9a-f]{16}$/.test(asString(id) ?? '');
  return { ...part, functionCall: isMade ? named : call };
}

/** Pieces of one text say the same as the whole; so do several signed apart, whose signatures stay with them. */
function joinTexts(parts: readonly JsonObject[]): readonly JsonObject[] {
  const joined: JsonObject[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    const isNext =
      typeof part['text'] === 'string' &&
      typeof last?.['text'] === 'string' &&
      last['thought'] === part['thought'] &&
      last['thoughtSignature'] === undefined;
    if (isNext)
      joined[joined.length - 1] = {
        ...last,
        ...part,
        text: `${asString(last['text'])}${asString(part['text'])}`,
      };
    else if (part['text'] !== '' || part['thoughtSignature'] !== undefined) joined.push(part);
  }
  return joined;
}
