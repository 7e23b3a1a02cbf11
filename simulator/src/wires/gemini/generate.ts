import type { Exchange } from '../../engine/exchange.ts';
import type { JsonObject } from '../../engine/simulated-call.ts';
import { isObject, objectsOf } from '../shape.ts';
import { checkGenerate } from './check-generate.ts';
import type { GeminiModel } from './models.ts';
import { GeminiRefusal, invalid } from './refusals.ts';
import { renderAnswer, renderBlocked } from './render.ts';
import type { Rendering } from './render.ts';
import { countRequest } from './request-shape.ts';
import { readBody } from './rules.ts';
import { signaturesOf } from './signatures.ts';
import { asArray, asEvents, streamAnswer } from './stream.ts';
import { mediaTokensOf } from './media.ts';
import { segmentsOf, toCall } from './to-call.ts';
import { readTurns } from './turns.ts';

/** `:generateContent` and `:streamGenerateContent`. */
export async function generate(
  exchange: Exchange,
  given: JsonObject,
  kind: { readonly model: GeminiModel; readonly isStream: boolean },
): Promise<void> {
  const { model, isStream } = kind;
  const signatures = signaturesOf(exchange);
  const { body, turns } = checkGenerate(given, model, signatures);
  refuseCachedContent(body);
  const call = toCall(body, turns, model);
  checkLength(exchange, call, model);
  const answer = exchange.answer(call);
  const config = isObject(body['generationConfig']) ? body['generationConfig'] : {};
  const thinking = isObject(config['thinkingConfig']) ? config['thinkingConfig'] : {};
  const rendering: Rendering = {
    model,
    signatures,
    includesThoughts: thinking['includeThoughts'] === true,
    mediaTokens: call.mediaTokens,
    responseId: Buffer.from(answer.id, 'hex').toString('base64url'),
    namesCalls: isOnCloud(exchange) ? model.requiresSignatures : model.thinking !== undefined,
  };
  const isBlocked = call.lastUserText.includes('[[refuse]]');
  if (!isStream) {
    return exchange.sendJson(
      200,
      isBlocked ? renderBlocked(answer, rendering) : renderAnswer(answer, rendering),
    );
  }
  const bodies = isBlocked
    ? [{ body: renderBlocked(answer, rendering), isToken: false }]
    : streamAnswer(answer, rendering, (text) => exchange.countTokens(text));
  return exchange.query.get('alt') === 'sse'
    ? exchange.sendStream(asEvents(bodies), 'text/event-stream')
    : exchange.sendStream(asArray(bodies), 'application/json; charset=UTF-8');
}

function isOnCloud(exchange: Exchange): boolean {
  return exchange.path.includes('/publishers/');
}

/** `:countTokens`, for contents alone or for a whole request. */
export function countTokens(exchange: Exchange, given: JsonObject): Promise<void> {
  const body = readBody(given, countRequest);
  const whole = body['generateContentRequest'];
  if (isObject(whole) && body['contents'] !== undefined) {
    throw invalid('Only one of contents and generate_content_request may be set.');
  }
  const counted = isObject(whole) ? whole : body;
  const parts = readTurns(objectsOf(counted['contents'])).flatMap((turn) => turn.parts);
  const text = segmentsOf(counted, parts).reduce(
    (sum, segment) => sum + exchange.countTokens(segment.text),
    0,
  );
  const media = parts.reduce((sum, part) => sum + mediaTokensOf(part), 0);
  const details = [{ modality: 'TEXT', tokenCount: text }];
  if (media > 0) details.push({ modality: 'IMAGE', tokenCount: media });
  return exchange.sendJson(200, { totalTokens: text + media, promptTokensDetails: details });
}

/** Cached contents are an endpoint of their own that is not served here, so none can exist. */
function refuseCachedContent(body: JsonObject): void {
  if (body['cachedContent'] === undefined) return;
  throw new GeminiRefusal(403, 'CachedContent not found (or permission denied)');
}

function checkLength(
  exchange: Exchange,
  call: { readonly segments: readonly { readonly text: string }[]; readonly mediaTokens: number },
  model: GeminiModel,
): void {
  const tokens = call.segments.reduce((sum, { text }) => sum + exchange.countTokens(text), call.mediaTokens);
  if (tokens <= model.inputTokenLimit) return;
  throw invalid(
    `The input token count (${tokens}) exceeds the maximum number of tokens allowed (${model.inputTokenLimit}).`,
  );
}
