import type { ModelFacts } from '../../domain/catalogue.ts';
import { asNumber, asObject } from '../canonical/read-json.ts';
import type { CanonicalRequest, JsonObject } from '../canonical/request.ts';
import type { CountTranslation, Encoded, RequestTarget } from '../wire-protocol.ts';
import { decodeRequest } from './decode-request.ts';
import { encodeRequest } from './encode-request.ts';

/** Contents alone, or a whole request below a field of its own. */
function decodeCountRequest(body: JsonObject, target: RequestTarget): CanonicalRequest {
  const whole = asObject(body['generateContentRequest']) ?? asObject(body['generate_content_request']);
  return decodeRequest(whole ?? body, target);
}

function encodeCountRequest(request: CanonicalRequest, facts: ModelFacts | undefined): Encoded<JsonObject> {
  const { value, losses } = encodeRequest(request, facts);
  return { value: { generateContentRequest: { model: `models/${request.model}`, ...value } }, losses };
}

/** `countTokens`, both halves. */
export const countTokens: CountTranslation = {
  decodeCountRequest,
  encodeCount: (tokens) => ({
    totalTokens: tokens,
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: tokens }],
  }),
  encodeCountRequest,
  decodeCount: (body) => asNumber(body['totalTokens']),
};
