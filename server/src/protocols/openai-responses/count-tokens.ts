import type { ModelFacts } from '../../domain/catalogue.ts';
import { asNumber } from '../canonical/read-json.ts';
import type { CanonicalRequest, JsonObject } from '../canonical/request.ts';
import type { CountTranslation, Encoded } from '../wire-protocol.ts';
import { decodeRequest } from './decode-request.ts';
import { encodeRequest } from './encode-request.ts';

/** What the counting endpoint takes of a request. */
const counted = [
  'model',
  'instructions',
  'input',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'text',
  'reasoning',
];

function encodeCountRequest(request: CanonicalRequest, facts: ModelFacts | undefined): Encoded<JsonObject> {
  const { value, losses } = encodeRequest(request, facts);
  const kept = counted.flatMap((field) => {
    const own = value[field];
    return own === undefined ? [] : [[field, own] as const];
  });
  return { value: Object.fromEntries(kept), losses };
}

/** `responses/input_tokens`, both halves. */
export const countTokens: CountTranslation = {
  decodeCountRequest: decodeRequest,
  encodeCount: (tokens) => ({ object: 'response.input_tokens', input_tokens: tokens }),
  encodeCountRequest,
  decodeCount: (body) => asNumber(body['input_tokens']),
};
