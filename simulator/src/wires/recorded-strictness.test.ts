/**
 * Strict, but no stricter than the providers: what they accepted is accepted here, what they refused is refused with
 * their status, where the reason can be known from the request. Model names are looked up leniently, as the traffic is
 * older than the model tables; state that only the provider had (stored responses, seals) is taken as given.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../engine/simulated-call.ts';
import { checkGenerate } from './gemini/check-generate.ts';
import { findModel as findGeminiModel, unlistedModel as unlistedGeminiModel } from './gemini/models.ts';
import { GeminiRefusal } from './gemini/refusals.ts';
import { countRequest as geminiCountRequest } from './gemini/request-shape.ts';
import { readBody } from './gemini/rules.ts';
import { aboutCall } from './gemini/signatures.ts';
import { checkCompatibleShape, checkFields, checkModel, checkShape } from './openai-chat/rules.ts';
import { toCall as chatToCall } from './openai-chat/to-call.ts';
import { embeddingRequest } from './openai-embeddings/request-shape.ts';
import { checkInput, inputItems } from './openai-responses/input-rules.ts';
import { compactRequest, countRequest } from './openai-responses/request-shape.ts';
import {
  checkFields as checkResponseFields,
  checkModel as checkResponseModel,
  checkShape as checkResponseShape,
  withTaggedReferences,
} from './openai-responses/rules.ts';
import { findModel, OpenAiRefusal, refuseFirstFault, unlistedModel } from './openai/index.ts';
import { isObject, objectsOf, textOr } from './shape.ts';
import { recordedRequests, recordingsAbsent } from './wire-test-kit.ts';
import type { RecordedRequest } from './wire-test-kit.ts';

type Check = (request: RecordedRequest) => void;

/** What a check makes of a request: 200, or the status of its refusal with the reason. */
function verdictOf(
  check: Check,
  request: RecordedRequest,
): { readonly status: number; readonly reason: string } {
  try {
    check(request);
    return { status: 200, reason: '' };
  } catch (error) {
    if (error instanceof OpenAiRefusal || error instanceof GeminiRefusal) {
      return { status: error.refusal.status, reason: error.message };
    }
    throw error;
  }
}

function expectSameVerdicts(family: string, check: Check): void {
  const requests = recordedRequests(family);
  // An unknown model is refused by the model tables, and other servers' limits are their own.
  const judged = requests.filter(({ status }) => status < 300 || status === 400);
  assert.ok(judged.length > 0);
  const different = judged.flatMap((request) => {
    const { status, reason } = verdictOf(check, request);
    const isSame = request.status < 300 ? status === 200 : status === request.status;
    return isSame ? [] : [`${request.id}: the provider said ${request.status}, we ${status} ${reason}`];
  });
  assert.deepEqual(different, []);
}

function openaiModel(body: JsonObject): ReturnType<typeof unlistedModel> {
  const name = textOr(body['model']);
  return findModel(name) ?? unlistedModel(name);
}

test('chat completions are judged as OpenAI judged them', { skip: recordingsAbsent }, () => {
  expectSameVerdicts('openai-chat', ({ body }) => {
    checkShape(body);
    const model = openaiModel(body);
    checkFields(body);
    const effort = checkModel(body, model);
    assert.ok(chatToCall(body, model, effort).segments.length > 0);
  });
});

test('what compatible servers accepted is accepted', { skip: recordingsAbsent }, () => {
  const accepted = recordedRequests('compatible-chat').filter(({ status }) => status < 300);
  const refused = accepted.filter(
    (request) => verdictOf(({ body }) => checkCompatibleShape(body), request).status !== 200,
  );
  assert.deepEqual(
    refused.map(({ id }) => id),
    [],
  );
});

test('responses, counts and compactions are judged as OpenAI judged them', { skip: recordingsAbsent }, () => {
  const context = { history: [], isOwnSeal: () => true, findItem: (id: string) => ({ id }) };
  expectSameVerdicts('openai-responses', ({ path, body }) => {
    if (path.endsWith('/compact')) return checkResponseShape(body, compactRequest);
    if (path.endsWith('/input_tokens')) return checkResponseShape(body, countRequest);
    checkResponseShape(body);
    checkResponseFields(body);
    checkResponseModel(body, openaiModel(body));
    if (findModel(textOr(body['model'])) === undefined) throw new OpenAiRefusal({ message: 'unknown model' });
    const isContinued = (body['previous_response_id'] ?? body['conversation'] ?? null) !== null;
    return isContinued ? undefined : checkInput(inputItems(withTaggedReferences(body), context), context);
  });
});

test('embeddings are judged as OpenAI judged them', { skip: recordingsAbsent }, () => {
  expectSameVerdicts('openai-embeddings', ({ body }) => refuseFirstFault(body, embeddingRequest));
});

test('what Gemini generated and counted is accepted', { skip: recordingsAbsent }, () => {
  for (const family of ['gemini', 'gemini-count-tokens']) {
    expectSameVerdicts(family, ({ path, body }) => {
      const name = /models\/([^:]+):/u.exec(path)?.[1] ?? '';
      if (path.includes(':countTokens')) return void readBody(body, geminiCountRequest);
      const model = findGeminiModel(name) ?? unlistedGeminiModel(name);
      return void checkGenerate(body, model, { read: (signature) => signedContent(body, signature) });
    });
  }
});

test('models the providers did not know are not known here', { skip: recordingsAbsent }, () => {
  for (const family of ['openai-chat', 'openai-embeddings', 'gemini']) {
    const missing = recordedRequests(family).filter(({ status }) => status === 404);
    assert.ok(missing.length > 0);
    for (const { path, body } of missing) {
      const name = /models\/([^:]+):/u.exec(path)?.[1] ?? textOr(body['model']);
      assert.equal(findModel(name) ?? findGeminiModel(name), undefined);
    }
  }
});

/** Recorded signatures are the provider's own: each is taken to belong where it stands. */
function signedContent(body: JsonObject, signature: string): string {
  const parts = objectsOf(body['contents']).flatMap((content) => objectsOf(content['parts']));
  const call = parts.find((part) => part['thoughtSignature'] === signature)?.['functionCall'];
  return isObject(call) ? aboutCall(textOr(call['name']), call['args'] ?? {}) : 'text:';
}
