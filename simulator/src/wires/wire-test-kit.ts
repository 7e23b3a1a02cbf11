/** What the tests of the wires share: a simulator for the length of a test, and raw calls that a client would not make. */
import { existsSync, readFileSync } from 'node:fs';
import type { Json, JsonObject } from '../engine/simulated-call.ts';
import { startSimulator } from '../index.ts';
import type { Simulator, SimulatorOptions } from '../index.ts';
import { isObject, textOr } from './shape.ts';

export async function withSimulator(
  use: (simulator: Simulator) => Promise<void>,
  options: SimulatorOptions = {},
): Promise<void> {
  const simulator = await startSimulator(options);
  try {
    await use(simulator);
  } finally {
    await simulator.close();
  }
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; `null` when it is not JSON. */
  readonly json: Json;
}

export const openaiKey = { authorization: 'Bearer sk-wire-tests' };
export const geminiKey = { 'x-goog-api-key': 'AIzaWireTests' };

export async function send(
  url: string,
  body: Json | undefined,
  request: { readonly headers?: Readonly<Record<string, string>>; readonly method?: string } = {},
): Promise<RawAnswer> {
  const response = await fetch(url, {
    method: request.method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { 'content-type': 'application/json', ...request.headers },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parse(text) };
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}

/** Follows names and positions into a body: `at(json, 'error', 'message')`. */
export function at(json: Json | undefined, ...path: readonly (string | number)[]): Json | undefined {
  let value = json;
  for (const step of path) {
    if (isObject(value)) value = value[step];
    else value = Array.isArray(value) ? (value as readonly Json[])[Number(step)] : undefined;
  }
  return value;
}

/** The text at a place of a body; empty where there is none. */
export function textAt(json: Json | undefined, ...path: readonly (string | number)[]): string {
  return textOr(at(json, ...path));
}

/** The payloads of a stream of events, the end mark left out. */
export function eventsOf(text: string): readonly Json[] {
  return text
    .split(/\r?\n/u)
    .filter((line) => line.startsWith('data: ') && line !== 'data: [DONE]')
    .map((line) => JSON.parse(line.slice(6)) as Json);
}

const folder =
  process.env['RECORDINGS_DIR'] ?? new URL('../../../../shared/recordings', import.meta.url).pathname;

/** Why tests with recorded traffic are left out, or false when it is there. */
export const recordingsAbsent = existsSync(folder) ? false : `no recordings in ${folder}`;

export interface RecordedRequest {
  readonly id: string;
  readonly path: string;
  readonly status: number;
  readonly body: JsonObject;
}

/** Requests of one family with a JSON body, and the status the provider gave. */
export function recordedRequests(family: string): readonly RecordedRequest[] {
  const lines = readFileSync(`${folder}/${family}.jsonl`, 'utf8').trim().split('\n');
  return lines.flatMap((line) => {
    const exchange = JSON.parse(line) as Json;
    const body = at(exchange, 'request', 'json');
    if (!isObject(body)) return [];
    const path = at(exchange, 'path');
    const id = at(exchange, 'id');
    return [{ id: textOr(id), path: textOr(path), status: Number(at(exchange, 'response', 'status')), body }];
  });
}
