import { verify } from 'node:crypto';
import type { Json, JsonObject } from '../../engine/simulated-call.ts';
import { audiences } from '../../identity/index.ts';
import type { Identity } from '../../identity/index.ts';
import { isObject, textOr } from '../shape.ts';

/** The audiences Google's endpoint takes in an assertion, whatever address it is reached at. */
const AUDIENCES = ['https://oauth2.googleapis.com/token', 'https://www.googleapis.com/oauth2/v4/token'];
const LONGEST_LIFE_S = 3600;
const CLOCK_SKEW_S = 300;

/** What is wrong with a service account's assertion, in the provider's words. */
export function checkAssertion(assertion: string, identity: Identity, nowMs: number): string | undefined {
  const parts = assertion.split('.');
  const [header = '', payload = '', signature = ''] = parts;
  const head = readPart(header);
  const claims = readPart(payload);
  if (parts.length !== 3 || head === undefined || claims === undefined) return 'Bad Request';
  if (head['alg'] !== 'RS256') return 'Invalid JWT: Failed audience check.';
  if (claims['iss'] !== identity.serviceAccountEmail) return 'Invalid grant: account not found';
  const isSigned = verify(
    'RSA-SHA256',
    Buffer.from(`${header}.${payload}`),
    identity.publicKey(),
    Buffer.from(signature, 'base64url'),
  );
  if (!isSigned) return 'Invalid JWT Signature.';
  if (!AUDIENCES.includes(textOr(claims['aud']))) return 'Invalid JWT: Failed audience check.';
  if (!textOr(claims['scope']).split(' ').includes(audiences.google)) {
    return 'Invalid OAuth scope or ID token audience provided.';
  }
  return lifeFault(claims, nowMs / 1000);
}

function lifeFault(claims: JsonObject, nowS: number): string | undefined {
  const [issuedAt, expiresAt] = [Number(claims['iat']), Number(claims['exp'])];
  const isSane =
    expiresAt > nowS - CLOCK_SKEW_S &&
    issuedAt < nowS + CLOCK_SKEW_S &&
    expiresAt - issuedAt <= LONGEST_LIFE_S;
  return isSane
    ? undefined
    : 'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.';
}

function readPart(part: string): JsonObject | undefined {
  try {
    const value = JSON.parse(Buffer.from(part, 'base64url').toString()) as Json;
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
