import { asObject } from '../../canonical/read-json.ts';
import type { JsonObject } from '../../canonical/request.ts';
import type { Quirk } from './dialect.ts';
import { isInstruction, messagesOf, textOf } from './messages.ts';

/**
 * The server has `json_object` and no `json_schema`: the schema goes into the instructions. Where the prompt must speak of
 * JSON for `json_object` to be taken, that does so too.
 */
export const schemaByInstruction: Quirk = {
  name: 'schema-by-instruction',
  apply(body, { lose }) {
    const format = asObject(body['response_format']);
    if (format?.['type'] === 'json_object') return mentionJson(body);
    if (format?.['type'] !== 'json_schema') return body;
    lose('schema_by_instruction');
    const schema = asObject(format['json_schema'])?.['schema'] ?? {};
    const told = instruct(body, `${schemaWords}\n${JSON.stringify(schema)}`);
    return { ...told, response_format: { type: 'json_object' } };
  },
};

const jsonWords = 'Answer with one JSON object and nothing else.';
const schemaWords = 'Answer with one JSON object and nothing else. It must fit this JSON schema:';

function mentionJson(body: JsonObject): JsonObject {
  const isSaid = (messagesOf(body) ?? []).some((message) => /json/i.test(textOf(message['content'])));
  return isSaid ? body : instruct(body, jsonWords);
}

/** Adds to the last of the leading instructions, or puts one in front. */
function instruct(body: JsonObject, text: string): JsonObject {
  const messages = messagesOf(body) ?? [];
  const [first, ...rest] = messages;
  if (first === undefined || !isInstruction(first)) {
    return { ...body, messages: [{ role: 'system', content: text }, ...messages] };
  }
  const content = `${textOf(first['content'])}\n\n${text}`;
  return { ...body, messages: [{ ...first, content }, ...rest] };
}
