import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Exchange } from '../../engine/exchange.ts';
import { refuse } from './refusals.ts';

/** Checks a signature of AWS (version 4) over the request as it came, by AWS's description of it and no library. */
const FORM =
  /^AWS4-HMAC-SHA256 Credential=(?<id>[^/]+)\/(?<day>\d{8})\/(?<region>[\w-]+)\/(?<service>[\w-]+)\/aws4_request, ?SignedHeaders=(?<names>[\w;-]+), ?Signature=(?<signature>[0-9a-f]{64})$/;
const MAX_SKEW_MS = 5 * 60_000;

/** The secret of every access key here, so that one can be made up on the spot. */
export function secretOf(accessKeyId: string): string {
  return `simulated/${accessKeyId}`;
}

/** Nothing to check for API keys, which the account list has looked at. Gives the region the request is for. */
export function verifySignature(exchange: Exchange): string | undefined {
  const header = exchange.headers['authorization'] ?? '';
  if (!header.startsWith('AWS4')) return undefined;
  const {
    id = '',
    day = '',
    region = '',
    service = '',
    names = '',
    signature = '',
  } = FORM.exec(header)?.groups ?? {};
  if (signature === '')
    refuse('Authorization header is not a valid signature.', 403, 'IncompleteSignatureException');
  if (service !== 'bedrock') invalid("Credential should be scoped to correct service: 'bedrock'.");
  const date = exchange.headers['x-amz-date'] ?? '';
  checkDate(date, day, exchange.nowMs());
  checkHeaders(names.split(';'), id, exchange);
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = `AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha256(canonicalRequest(exchange, names))}`;
  const key = ['AWS4' + secretOf(id), day, region, service, 'aws4_request'].reduce<string | Buffer>(
    (secret, part, index) => (index === 0 ? part : createHmac('sha256', secret).update(part).digest()),
    '',
  );
  const expected = createHmac('sha256', key).update(text).digest();
  if (!timingSafeEqual(expected, Buffer.from(signature, 'hex'))) {
    invalid(
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    );
  }
  return region;
}

function invalid(message: string): never {
  refuse(message, 403, 'InvalidSignatureException');
}

function checkDate(date: string, day: string, nowMs: number): void {
  const [, year, month, dayOfMonth, hours, minutes, seconds] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? [];
  const at = Date.parse(`${year}-${month}-${dayOfMonth}T${hours}:${minutes}:${seconds}Z`);
  if (!date.startsWith(day))
    invalid('Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date.');
  if (!(Math.abs(at - nowMs) <= MAX_SKEW_MS)) invalid(`Signature expired: ${date} is too far from now.`);
}

function checkHeaders(names: readonly string[], id: string, { headers, bodyText }: Exchange): void {
  if (!names.includes('host') || !names.includes('x-amz-date')) invalid('Host and date must be signed.');
  const unsigned = Object.keys(headers).find((name) => name.startsWith('x-amz-') && !names.includes(name));
  if (unsigned !== undefined)
    invalid(`There were headers present in the request which were not signed: ${unsigned}`);
  const isTemporary = id.startsWith('ASIA');
  if (isTemporary !== (headers['x-amz-security-token'] !== undefined)) {
    refuse('The security token included in the request is invalid.', 403, 'UnrecognizedClientException');
  }
  const told = headers['x-amz-content-sha256'];
  if (told !== undefined && told !== sha256(bodyText)) {
    invalid('The value passed in x-amz-content-sha256 does not match the request body.');
  }
}

function canonicalRequest({ method, path, query, headers, bodyText }: Exchange, names: string): string {
  const pairs = [...query]
    .map(([name, value]) => `${escape(name)}=${escape(value)}`)
    .toSorted((left, right) => (left < right ? -1 : 1));
  const lines = names
    .split(';')
    .map((name) => `${name}:${(headers[name] ?? '').trim().replaceAll(/ +/g, ' ')}`);
  // The path is escaped once more than it came.
  const twice = path.split('/').map(escape).join('/');
  return [method, twice, pairs.join('&'), ...lines, '', names, sha256(bodyText)].join('\n');
}

function escape(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
