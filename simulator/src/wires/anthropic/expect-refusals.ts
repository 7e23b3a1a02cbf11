/** For the tests of refusals: one simulator, requests that differ from a good one in one thing. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startSimulator } from '../../index.ts';
import type { Simulator } from '../../index.ts';

let simulator: Simulator;
before(async () => {
  simulator = await startSimulator();
});
after(() => simulator.close());

export interface Refusal {
  readonly what: string;
  readonly change: object;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly status?: number;
  readonly message: RegExp;
}

export const hello = { role: 'user', content: 'Hello' };
export const call = { type: 'tool_use', id: 'toolu_1', name: 'look', input: {} };
export const result = { type: 'tool_result', tool_use_id: 'toolu_1', content: 'seen' };
export const look = { name: 'look', input_schema: { type: 'object', properties: {} } };
export const text = (more: object = {}): object => ({ type: 'text', text: 'x', ...more });
export const mark = (ttl?: string): object => ({
  cache_control: { type: 'ephemeral', ...(ttl === undefined ? {} : { ttl }) },
});
export const said = (...content: readonly object[]): object => ({ messages: [{ role: 'user', content }] });

type Headers = Readonly<Record<string, string | undefined>>;

export function post(path: string, body: string, headers: Headers = {}): Promise<Response> {
  const all = { 'x-api-key': 'sk-ant-refusals', 'anthropic-version': '2023-06-01', ...headers };
  const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return fetch(`${simulator.url}${path}`, { method: 'POST', headers: given, body });
}

export function ask(change: object, headers: Headers = {}): Promise<Response> {
  const body = { model: 'claude-sonnet-4-5', max_tokens: 5000, messages: [hello], ...change };
  return post('/v1/messages', JSON.stringify(body), headers);
}

export function expectRefusals(refusals: readonly Refusal[]): void {
  for (const refusal of refusals) {
    test(`${refusal.what} is refused in the provider's words`, async () => {
      const response = await ask(refusal.change, refusal.headers);
      const body = (await response.json()) as { type: string; error?: { type: string; message: string } };
      assert.equal(response.status, refusal.status ?? 400, JSON.stringify(body).slice(0, 300));
      assert.equal(body.error?.type, refusal.status === 404 ? 'not_found_error' : 'invalid_request_error');
      assert.match(body.error?.message ?? '', refusal.message);
    });
  }
}
