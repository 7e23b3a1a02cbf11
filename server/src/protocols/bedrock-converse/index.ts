/**
 * Bedrock Converse: one grammar for every model that Bedrock sells, met upstream only. Requests are encoded for the
 * model's family, answers decoded from their events; the frames of AWS are the carrier's business, not known here.
 * Begin with `encode-request.ts` and `decode-events.ts`.
 */
import type { UpstreamProtocol } from '../wire-protocol.ts';
import { createDecoder, decodeUnary } from './decode-events.ts';
import { encodeRequest } from './encode-request.ts';
import { readRuntimeFailure } from './errors.ts';

export const bedrockConverse: UpstreamProtocol = {
  id: 'bedrock-converse',
  readFailure: readRuntimeFailure,
  translation: { encodeRequest, createDecoder, decodeUnary },
};
