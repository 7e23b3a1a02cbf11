import { sealText, type Seals } from '../canonical/envelope.ts';
import type { CanonicalEvent } from '../canonical/events.ts';
import { hashHex } from '../canonical/hash.ts';
import { asArray, asObject, asObjects, asString } from '../canonical/read-json.ts';
import type { CanonicalRequest, Json, JsonObject } from '../canonical/request.ts';
import type { RequestTarget, UpstreamTranslation } from '../wire-protocol.ts';

/**
 * Compaction with a model that has none of its own: the model sums the conversation up, and the summary goes to the client
 * in an envelope, in the item where this protocol carries what stands for a longer history.
 */
const instruction =
  'Sum up the conversation so far, so that another model can go on with it without seeing it. Keep what the user wants and the limits they set, decisions and their reasons, facts, names of files, exact identifiers and values, what was tried and how it went, what is still open and what comes next. Answer with the summary alone.';

/** A request for compaction by its address, or by the trigger that ends its input. */
export function asksCompaction(body: JsonObject, target: RequestTarget): boolean {
  const last = asObject(asArray(body['input'])?.at(-1));
  return target.operation === 'compact' || last?.['type'] === 'compaction_trigger';
}

/** The same conversation, with the wish to sum it up at its end. Tools stay declared, for the calls in the history. */
export function asCompaction(
  request: CanonicalRequest,
  body: JsonObject,
  { operation }: RequestTarget,
): CanonicalRequest {
  const { output: _output, verbosity: _verbosity, ...rest } = request;
  return {
    ...rest,
    turns: [...request.turns, { role: 'user', parts: [{ type: 'text', text: instruction }] }],
    ...(request.tools.length === 0 ? {} : { toolChoice: { type: 'none' } }),
    extra: { ...request.extra, compacts: operation === 'compact' ? { kept: userMessages(body) } : {} },
  };
}

/** What users said stays as it is; the provider's own compaction does the same. */
function userMessages({ input }: JsonObject): readonly JsonObject[] {
  if (typeof input === 'string') return [userMessage({ content: input }, 0)];
  return asObjects(input)
    .filter((item) => item['role'] === 'user')
    .map(userMessage);
}

function userMessage({ content, id }: JsonObject, at: number): JsonObject {
  const parts = typeof content === 'string' ? [{ type: 'input_text', text: content }] : (content ?? []);
  const known = asString(id) ?? `msg_${hashHex(`${JSON.stringify(parts)}/${at}`)}`;
  return { id: known, type: 'message', status: 'completed', role: 'user', content: parts };
}

/** Answers to a request for compaction: all words of the model as one item that only this relay can read. */
export function compactingAnswers(
  upstream: UpstreamTranslation,
  request: CanonicalRequest,
  seals: Seals,
): UpstreamTranslation {
  if (request.extra['compacts'] === undefined) return upstream;
  return {
    ...upstream,
    createDecoder(asked) {
      const decoder = upstream.createDecoder(asked);
      const compact = createCompactor(seals);
      return {
        push: (eventName, data) => decoder.push(eventName, data).flatMap(compact),
        finish: () => decoder.finish().flatMap(compact),
      };
    },
    decodeUnary: (body, asked) => upstream.decodeUnary(body, asked).flatMap(createCompactor(seals)),
  };
}

/** What is told beside the summary; the rest of the answer is in it or of no use to anybody. */
const kept: ReadonlySet<CanonicalEvent['type']> = new Set(['start', 'usage', 'ping', 'error']);

function createCompactor(seals: Seals): (event: CanonicalEvent) => readonly CanonicalEvent[] {
  let summary = '';
  const item = (): readonly CanonicalEvent[] => {
    if (summary.trim() === '') return [];
    const data: Json = {
      id: `cmp_${hashHex(summary)}`,
      type: 'compaction',
      encrypted_content: sealText(seals, summary),
    };
    summary = '';
    return [{ type: 'unknown-block', index: 0, protocol: 'openai-responses', data }];
  };
  return (event) => {
    if (event.type === 'text-delta') summary += event.text;
    if (event.type === 'stop' || event.type === 'end') return [...item(), event];
    return kept.has(event.type) ? [event] : [];
  };
}

/** The answer of the address that compacts: what users said, then the item that stands for the rest. */
export function compactedResponse(response: JsonObject, request: CanonicalRequest): JsonObject {
  const kept = asObject(request.extra['compacts'])?.['kept'];
  if (kept === undefined) return response;
  const { id = '', created_at = 0, output, usage = null } = response;
  return {
    id,
    object: 'response.compaction',
    created_at,
    output: [...asObjects(kept), ...asObjects(output)],
    usage,
  };
}
