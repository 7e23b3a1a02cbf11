import { asArray, asObject, asObjects, asString } from '../canonical/read-json.ts';
import type { JsonObject, Opaque, Part } from '../canonical/request.ts';

/**
 * OpenRouter's `reasoning_details`: signed and encrypted reasoning of whichever provider answered, in pieces. A history must
 * give the list back as it was, so it is kept whole as one opaque value.
 */
export class ReasoningDetails {
  #details: JsonObject[] = [];

  get isEmpty(): boolean {
    return this.#details.length === 0;
  }

  add(pieces: readonly JsonObject[]): void {
    for (const piece of pieces) {
      const { type, index } = piece;
      const at = this.#details.findIndex((known) => known['type'] === type && known['index'] === index);
      const known = this.#details[at];
      if (known === undefined || index === undefined) this.#details.push(piece);
      else this.#details[at] = joined(known, piece);
    }
  }

  /** What came since the last time; `undefined` where it says nothing that its text does not. */
  take(model: string): Opaque | undefined {
    const details = this.#details;
    this.#details = [];
    if (!details.some(isBound)) return undefined;
    const origin = { protocol: 'openai-chat', model } as const;
    return { kind: 'encrypted', value: JSON.stringify(details), origin };
  }
}

const growing = ['text', 'summary', 'data'];

function joined(known: JsonObject, piece: JsonObject): JsonObject {
  const grown: Record<string, JsonObject[string]> = { ...known };
  for (const [field, value] of Object.entries(piece)) {
    const before = asString(known[field]);
    if (growing.includes(field) && before !== undefined && typeof value === 'string')
      grown[field] = before + value;
    else if (value !== null) grown[field] = value;
  }
  return grown;
}

/** Signed or encrypted: only its origin can read it. */
function isBound(detail: JsonObject): boolean {
  return asString(detail['signature']) !== undefined || asString(detail['data']) !== undefined;
}

/** The details of an assistant turn as they go back; `undefined` where it has none. */
export function encodeDetails(parts: readonly Part[]): readonly JsonObject[] | undefined {
  const details = parts.flatMap((part) => {
    const opaque = part.type === 'reasoning' ? part.opaque : undefined;
    const isOwn = opaque?.kind === 'encrypted' && opaque.origin.protocol === 'openai-chat';
    return isOwn ? readDetails(opaque.value) : [];
  });
  return details.length === 0 ? undefined : details;
}

function readDetails(value: string): readonly JsonObject[] {
  try {
    return asObjects(asArray(JSON.parse(value) as JsonObject[string])).filter(
      (detail) => asObject(detail) !== undefined,
    );
  } catch {
    return [];
  }
}
