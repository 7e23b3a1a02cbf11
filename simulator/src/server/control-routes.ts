import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Json } from '../engine/simulated-call.ts';
import type { FaultPlan } from '../faults/index.ts';
import type { Controls } from './simulator.ts';

export const CONTROL_PREFIX = '/_simulator/';

type ControlRoute = (controls: Controls, body: Json) => unknown;

/** What another process may do with a running simulator; README.md has the list. */
const ROUTES: Readonly<Record<string, ControlRoute>> = {
  'GET faults': (controls) => controls.faultPlans(),
  'PUT faults': (controls, body) => {
    const { account, ...plan } = body as FaultPlan & { account?: string };
    controls.setFaults(plan, account);
    return controls.faultPlans();
  },
  'DELETE faults': (controls) => {
    controls.clearFaults();
    return {};
  },
  'POST refuse': (controls, body) => {
    const ms = (body as { ms?: number }).ms ?? 1000;
    controls.refuseConnections(ms);
    return { refusingMs: ms };
  },
  'POST reset': (controls) => {
    controls.reset();
    return {};
  },
  'GET stats': (controls) => controls.stats(),
  'GET requests': (controls) => controls.requests(),
};

export async function handleControl(
  controls: Controls,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const name = `${request.method} ${(request.url ?? '').slice(CONTROL_PREFIX.length).replace(/\?.*$/, '')}`;
  const route = ROUTES[name];
  if (route === undefined) {
    return answer(response, 404, {
      error: `Unknown control "${name}". Known: ${Object.keys(ROUTES).join(', ')}.`,
    });
  }
  try {
    return answer(response, 200, route(controls, await readJson(request)));
  } catch (error) {
    return answer(response, 400, { error: error instanceof Error ? error.message : 'not understood' });
  }
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(text)),
  });
  response.end(text);
}

async function readJson(request: IncomingMessage): Promise<Json> {
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  const text = Buffer.concat(parts).toString('utf8');
  return text === '' ? {} : (JSON.parse(text) as Json);
}
