import type { Exchange } from '../../engine/exchange.ts';
import type { Json } from '../../engine/simulated-call.ts';
import { isArray } from '../shape.ts';

/**
 * Content only this simulator can have written: the text and a signature over it, in an opaque wrapping that looks
 * like the provider's. Any model of the provider may read it back.
 */
export interface Seal {
  seal(text: string): string;
  isOwn(sealed: string): boolean;
}

const prefix = 'gAAAAAB';
const scope = 'openai-encrypted-content';

export function sealOf(exchange: Pick<Exchange, 'sign' | 'isOwnSignature'>): Seal {
  return {
    seal: (text) =>
      prefix + Buffer.from(JSON.stringify([exchange.sign(text, scope), text])).toString('base64url'),
    isOwn: (sealed) => {
      const opened = open(sealed);
      return opened !== undefined && exchange.isOwnSignature(opened.signature, opened.text, scope);
    },
  };
}

function open(sealed: string): { readonly signature: string; readonly text: string } | undefined {
  if (!sealed.startsWith(prefix)) return undefined;
  try {
    const parts = JSON.parse(Buffer.from(sealed.slice(prefix.length), 'base64url').toString()) as Json;
    const [signature, text] = isArray(parts) ? parts : [];
    return typeof signature === 'string' && typeof text === 'string' ? { signature, text } : undefined;
  } catch {
    return undefined;
  }
}
