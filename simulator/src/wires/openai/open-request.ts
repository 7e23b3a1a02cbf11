import type { Exchange } from '../../engine/exchange.ts';
import type { Json, JsonObject } from '../../engine/simulated-call.ts';
import { isObject } from '../shape.ts';
import { invalid, OpenAiRefusal } from './refusals.ts';

/** Runs a handler; a refusal thrown anywhere inside becomes the provider's error answer. */
export async function withRefusals(exchange: Exchange, handle: () => Promise<void>): Promise<void> {
  try {
    requireBearer(exchange.headers);
    await handle();
  } catch (error) {
    if (!(error instanceof OpenAiRefusal)) throw error;
    await exchange.refuse(error.refusal);
  }
}

/** Parses the body. */
export function openRequest(exchange: Exchange): JsonObject {
  let body: Json;
  try {
    body = JSON.parse(exchange.bodyText) as Json;
  } catch {
    throw invalid(
      'We could not parse the JSON body of your request. (HINT: This likely means you aren’t using your HTTP ' +
        'library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)',
    );
  }
  if (!isObject(body)) throw invalid('Invalid type for the request body: expected an object.');
  return body;
}

/** The engine knows which keys are good; the provider takes them in this one place only. */
function requireBearer(headers: Exchange['headers']): void {
  if (/^Bearer +\S+$/iu.test(headers['authorization'] ?? '')) return;
  throw new OpenAiRefusal({
    status: 401,
    message:
      "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer " +
      'auth (i.e. Authorization: Bearer YOUR_KEY).',
  });
}
