import type { Exchange } from '../../engine/exchange.ts';
import type { Json, JsonObject } from '../../engine/simulated-call.ts';
import { findFaults, isObject } from '../shape.ts';
import { refuse, wordFault } from './refusals.ts';
import { requestShape } from './request-shape.ts';

const VERSIONS = ['2023-06-01', '2026-10-21'];

export function requireVersion(exchange: Exchange): string {
  const version = exchange.headers['anthropic-version'];
  if (version === undefined) refuse('anthropic-version: header is required');
  if (!VERSIONS.includes(version))
    refuse(`anthropic-version: "${version}" is not a valid version. Supported: ${VERSIONS.join(', ')}`);
  return version;
}

/** The body, when it has the shape the operation asks for. */
export function openRequest(exchange: Exchange, operation: 'generate' | 'count-tokens'): JsonObject {
  let body: Json;
  try {
    body = JSON.parse(exchange.bodyText) as Json;
  } catch (error) {
    return refuse(
      `The request body is not valid JSON: ${error instanceof Error ? error.message : 'unreadable'}`,
    );
  }
  if (!isObject(body)) return refuse('Input should be a valid dictionary');
  const fault = findFaults(body, requestShape(operation, exchange.headers['anthropic-beta'] ?? ''))[0];
  if (fault !== undefined) refuse(wordFault(fault, body));
  return body;
}
