import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { Hono, type Context } from 'hono';
import { callListQuery, callParams, usageQuery, type ErrorResponse } from '@qingzhou/contract';
import type { z } from 'zod';
import { errorCatalogue, RelayError } from '../domain/errors.ts';
import type { CallId } from '../domain/ids.ts';
import type { Principal } from '../access/principal.ts';
import { findCall, receiptOf } from '../control/find-call.ts';
import { usageReport } from '../control/usage-report.ts';
import type { LedgerStore } from '../ledger/ledger-store.ts';
import type { PriceBook } from '../ledger/price-book.ts';
import type { Now } from '../domain/time.ts';
import { placeOf } from '../observe/log.ts';
import type { Observe } from '../observe/observation.ts';
import { decodeSegment, plainPath } from './addresses.ts';
import { callBody, usageBody } from './control-bodies.ts';
import { shapeFor, type OfferedModel } from './model-list.ts';
import { presentedKey } from './presented-key.ts';
import { pageHeaders, readStaticFile } from './static-files.ts';

interface ControlAppOptions {
  readonly store: LedgerStore;
  readonly now: Now;
  readonly observe: Observe;
  /** Folder of the built web app. */
  readonly webFolder: string;
  /** Checks the key and counts the request against its limits. Throws `RelayError`. */
  authorize(key: string | undefined, address: string): Principal;
  offeredModels(principal: Principal): readonly string[];
  readonly prices: PriceBook;
}

/** What the Node adapter binds to every request. */
interface Bindings {
  readonly incoming: { readonly socket: { readonly remoteAddress?: string } };
}
type ControlContext = Context<{ Bindings: Bindings; Variables: { principal: Principal } }>;

const thirtyDaysMs = 30 * 24 * 3_600_000;

/** Answers requests of `node:http` that are not for the data plane. */
export function createControlListener(
  options: ControlAppOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  const answer = getRequestListener(createControlApp(options).fetch);
  return (request, response) => void answer(request, response);
}

/** Everything that is not a data route: usage, calls, model lists, health, and the web app. */
function createControlApp(
  options: ControlAppOptions,
): Hono<{ Bindings: Bindings; Variables: { principal: Principal } }> {
  const app = new Hono<{ Bindings: Bindings; Variables: { principal: Principal } }>();
  app.get('/api/hello', (context) => context.json({ name: 'qingzhou' }));
  app.get('/healthz', (context) => context.json({ status: 'ok' }));

  const guarded = async (context: ControlContext, next: () => Promise<void>): Promise<void> => {
    const query = new URL(context.req.url).search.slice(1);
    const key = presentedKey(context.req.header(), query);
    context.set('principal', options.authorize(key, context.env.incoming.socket.remoteAddress ?? ''));
    await next();
  };
  for (const path of ['/v1/usage', '/v1/calls', '/v1/calls/:id']) app.use(path, guarded);

  app.get('/v1/usage', (context) => usage(context, options));
  app.get('/v1/calls', (context) => recentCalls(context, options));
  app.get('/v1/calls/:id', (context) => oneCall(context, options));
  app.get('*', async (context, next) => {
    const answer = modelAnswer(context, options);
    if (answer !== undefined) return answer;
    const file = await readStaticFile(options.webFolder, context.req.path);
    if (file !== undefined) return file;
    // Clients warm up with a HEAD of the address alone; it answers with or without the web app.
    if (context.req.path === '/') return context.text('Qingzhou is running.\n');
    await next();
    return undefined;
  });
  app.notFound((context) =>
    errorAnswer(new RelayError('route_not_found', { message: notFoundMessage(context) })),
  );
  app.onError((error) => {
    if (error instanceof RelayError) return errorAnswer(error);
    options.observe({ type: 'internal-error', ...placeOf(error) });
    return errorAnswer(new RelayError('internal'));
  });
  return app;
}

async function usage(context: ControlContext, options: ControlAppOptions): Promise<Response> {
  const query = parsed(usageQuery, context.req.query());
  const to = query.to === undefined ? options.now() : Date.parse(query.to);
  const from = query.from === undefined ? to - thirtyDaysMs : Date.parse(query.from);
  if (from >= to)
    throw new RelayError('invalid_request', { message: '"from" must be earlier than "to".', param: 'from' });
  const { organizationId } = context.get('principal');
  const wanted = { organizationId, from, to, groupBy: query.group_by };
  return context.json(usageBody(await usageReport(options, wanted), wanted));
}

async function recentCalls(context: ControlContext, options: ControlAppOptions): Promise<Response> {
  const { limit } = parsed(callListQuery, context.req.query());
  const calls = await options.store.recentCalls(context.get('principal').organizationId, limit);
  return context.json({
    object: 'list',
    data: calls.map((call) => callBody(receiptOf(options.prices, call))),
  });
}

async function oneCall(context: ControlContext, options: ControlAppOptions): Promise<Response> {
  const { id } = parsed(callParams, context.req.param());
  return context.json(
    callBody(await findCall(options, context.get('principal').organizationId, id as CallId)),
  );
}

/** Model lists under every address clients look for them at; `undefined` when this is another address. */
function modelAnswer(context: ControlContext, options: ControlAppOptions): Response | undefined {
  const [, version, collection, ...rest] = plainPath(context.req.path).split('/');
  if (version === undefined || collection !== 'models') return undefined;
  const url = new URL(context.req.url);
  const headers = context.req.header();
  const principal = options.authorize(
    presentedKey(headers, url.search.slice(1)),
    context.env.incoming.socket.remoteAddress ?? '',
  );
  const shape = shapeFor({ get: (name) => headers[name] }, `/${version}`, url.searchParams);
  const offered = options.offeredModels(principal);
  const describe = (id: string): OfferedModel => ({ id, facts: options.prices.facts(id) });
  if (rest.length === 0) return context.json(shape.list(offered.map(describe), url.searchParams));
  const id = decodeSegment(rest.join('/'));
  if (id !== undefined && offered.includes(id)) return context.json(shape.one(describe(id)));
  throw new RelayError('model_not_found', {
    message: 'This model is not on offer to this key. GET /v1/models lists those that are.',
  });
}

function parsed<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const param = issue?.path.join('.') ?? '';
  throw new RelayError('invalid_request', {
    message: `"${param}": ${issue?.message ?? 'not valid'}.`,
    param,
  });
}

function notFoundMessage(context: ControlContext): string {
  const { method } = context.req;
  const path = context.req.path.replace(/[^\w./:-]/g, '?').slice(0, 120);
  return `There is nothing at ${method} ${path}. The base URL for OpenAI clients ends in /v1; for Anthropic and Gemini clients it has no path.`;
}

function errorAnswer(error: RelayError): Response {
  const entry = errorCatalogue[error.code];
  const body: ErrorResponse & { type: 'error' } = {
    type: 'error',
    error: { code: error.code, message: error.message, param: error.details.param ?? null },
  };
  const headers: Record<string, string> = { ...pageHeaders, 'content-type': 'application/json' };
  if (error.details.retryAfterMs !== undefined) {
    headers['retry-after'] = String(Math.ceil(error.details.retryAfterMs / 1_000));
  }
  return new Response(JSON.stringify(body), { status: entry.status, headers });
}
