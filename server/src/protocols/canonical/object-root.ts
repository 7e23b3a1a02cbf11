import type { UpstreamTranslation } from '../wire-protocol.ts';
import { asObject } from './read-json.ts';
import type { CanonicalRequest, JsonObject } from './request.ts';
import { rewritingTexts, type TextRewriter } from './rewrite-text.ts';

/**
 * Schemas whose root is no object, for wires that take objects alone: the answer is asked for as the one property of an
 * object, and the client gets that property. It streams on, all but the brace that ends the object.
 */
const property = 'answer';

function hasObjectRoot(schema: JsonObject): boolean {
  return schema['type'] === 'object' || schema['type'] === undefined || schema['properties'] !== undefined;
}

/** Definitions stay at the root, where references look for them. */
export function withObjectRoot(schema: JsonObject): JsonObject {
  if (hasObjectRoot(schema)) return schema;
  const { $defs, definitions, ...inner } = schema;
  return {
    type: 'object',
    properties: { [property]: inner },
    required: [property],
    additionalProperties: false,
    ...($defs === undefined ? {} : { $defs }),
    ...(definitions === undefined ? {} : { definitions }),
  };
}

function asksOtherRoot({ output }: CanonicalRequest): boolean {
  return output?.type === 'schema' && output.schema !== undefined && !hasObjectRoot(output.schema);
}

/** An upstream that takes objects alone, for requests of other protocols, whose schemas may have any root. */
export function takingObjectRoots<Half extends UpstreamTranslation>(
  upstream: Half,
  isOwn: (request: CanonicalRequest) => boolean,
): Half {
  const unwrapping = rewritingTexts(upstream, unwrapped);
  const isWrapped = (request: CanonicalRequest): boolean => asksOtherRoot(request) && !isOwn(request);
  return {
    ...upstream,
    encodeRequest: (request, facts) =>
      upstream.encodeRequest(isWrapped(request) ? wrapped(request) : request, facts),
    createDecoder: (request) => (isWrapped(request) ? unwrapping : upstream).createDecoder(request),
    decodeUnary: (body, request) => (isWrapped(request) ? unwrapping : upstream).decodeUnary(body, request),
  };
}

function wrapped(request: CanonicalRequest): CanonicalRequest {
  const { output } = request;
  const schema = asObject(output?.schema);
  if (output === undefined || schema === undefined) return request;
  return { ...request, output: { ...output, schema: withObjectRoot(schema) } };
}

const opening = new RegExp(`^\\s*\\{\\s*"${property}"\\s*:\\s*`);
const maxOpeningLength = 64;

/** Text that does not begin as asked goes through as it is. */
export function unwrapped(): TextRewriter {
  let state: 'opening' | 'inside' | 'other' = 'opening';
  let held = '';
  const release = (): string => {
    const end = /[\s}]*$/.exec(held)?.index ?? held.length;
    const out = held.slice(0, end);
    held = held.slice(end);
    return out;
  };
  return {
    push(text) {
      if (state === 'other') return text;
      held += text;
      if (state === 'inside') return release();
      const match = opening.exec(held);
      // White space after the colon may still come; it does not matter inside JSON.
      if (match !== null) {
        state = 'inside';
        held = held.slice(match[0].length);
        return release();
      }
      if (held.length < maxOpeningLength && /^\s*(?:\{|$)/.test(held)) return '';
      state = 'other';
      return held;
    },
    finish() {
      if (state === 'other') return '';
      if (state === 'opening') return held;
      const brace = held.lastIndexOf('}');
      return brace === -1 ? held : held.slice(0, brace).trimEnd();
    },
  };
}
