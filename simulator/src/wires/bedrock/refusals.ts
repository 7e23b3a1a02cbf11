import type { Exchange } from '../../engine/exchange.ts';
import type { WireRefusal } from '../../engine/simulated-call.ts';
import { bedrock } from '../../providers/bedrock.ts';
import { refusalOf } from '../../providers/provider.ts';

/** Thrown by a check, answered by the wire's `handle`. */
export class BedrockRefusal extends Error {
  readonly status: number;
  readonly code: string | undefined;

  constructor(message: string, status = 400, code?: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export function refuse(message: string, status = 400, code?: string): never {
  throw new BedrockRefusal(message, status, code);
}

export function toWire(error: BedrockRefusal, exchange: Exchange): WireRefusal {
  const { status, code, message } = error;
  return refusalOf(bedrock, { status, code, message, requestId: exchange.requestId });
}
