import type { JsonObject } from '../../engine/simulated-call.ts';
import { objectsOf } from '../shape.ts';
import { checkReturnedCode } from './hosted-tools.ts';
import type { GeminiModel } from './models.ts';
import { generateRequest } from './request-shape.ts';
import { checkGenerationConfig, checkTools, readBody } from './rules.ts';
import { checkSignatures } from './signatures.ts';
import type { ThoughtSignatures } from './signatures.ts';
import { checkTurns, readTurns } from './turns.ts';
import type { Turn } from './turns.ts';

export interface CheckedRequest {
  readonly body: JsonObject;
  readonly turns: readonly Turn[];
}

/** All that makes `generateContent` refuse a body, in the provider's order: payload, fields, turns, signatures. */
export function checkGenerate(
  given: JsonObject,
  model: GeminiModel,
  signatures: Pick<ThoughtSignatures, 'read'>,
): CheckedRequest {
  const body = readBody(given, generateRequest);
  const turns = readTurns(objectsOf(body['contents']));
  checkTools(body, model);
  checkGenerationConfig(body, model);
  checkTurns(turns);
  checkReturnedCode(turns);
  checkSignatures(turns, signatures, model.requiresSignatures);
  return { body, turns };
}
