import type { Json, JsonObject } from '../../engine/simulated-call.ts';
import { findModel } from '../gemini/models.ts';
import { GeminiRefusal, invalid } from '../gemini/refusals.ts';
import { isObject, objectsOf } from '../shape.ts';

const ACTIONS = ['generateContent', 'streamGenerateContent', 'countTokens', 'embedContent'];

/**
 * What the cloud refuses before the model sees it, and its own form of counting put into the common one. Turns need a
 * role, and models without signatures know no ids of calls (adapters' experience; recordings of 2026-07 show that
 * Gemini 3 gives and takes them).
 */
export function geminiBody(text: string, model: string, verb: string): string {
  if (!ACTIONS.includes(verb)) throw new GeminiRefusal(404, `Method ${verb} is not found.`);
  const body = parse(text);
  if (body === undefined) return text;
  const knowsIds = findModel(model)?.requiresSignatures ?? true;
  objectsOf(body['contents']).forEach((content, index) => {
    if (content['role'] !== 'user' && content['role'] !== 'model' && content['role'] !== 'function') {
      throw invalid('Please use a valid role: user, model.');
    }
    if (!knowsIds) objectsOf(content['parts']).forEach((part, at) => refuseId(part, [index, at]));
  });
  if (verb !== 'countTokens') return text;
  if (body['generateContentRequest'] !== undefined) {
    throw invalid('Invalid JSON payload received. Unknown name "generateContentRequest": Cannot find field.');
  }
  const { contents, ...others } = body;
  if (Object.keys(others).length === 0) return text;
  return JSON.stringify({ generateContentRequest: { contents: contents ?? [], ...others } });
}

function refuseId(part: JsonObject, [content, at]: readonly [number, number]): void {
  for (const [name, field] of [
    ['functionCall', 'function_call'],
    ['functionResponse', 'function_response'],
  ] as const) {
    const value = part[name] ?? part[field];
    if (isObject(value) && value['id'] !== undefined) {
      throw invalid(
        `Invalid JSON payload received. Unknown name "id" at 'contents[${content}].parts[${at}].${field}': Cannot find field.`,
      );
    }
  }
}

function parse(text: string): JsonObject | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
