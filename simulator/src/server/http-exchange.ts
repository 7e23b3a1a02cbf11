import { setImmediate as yieldToEvents } from 'node:timers/promises';
import type { Engine } from '../engine/index.ts';
import { countTokens } from '../engine/tokenizer.ts';
import type { Exchange, StreamFrame } from '../engine/exchange.ts';
import type { FaultEffects } from '../faults/index.ts';
import type { Identity } from '../identity/index.ts';
import type { KnownAccount } from './accounts.ts';
import type { ResponseChannel } from './channel.ts';
import type { RequestEntry } from './request-log.ts';

/** A request that was read to its end, before anybody knows what it asks. */
export interface Arrival {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly bodyText: string;
}

export interface ExchangeOptions {
  readonly arrival: Arrival;
  readonly requestId: string;
  readonly account: KnownAccount;
  readonly engine: Engine;
  readonly identity: Identity;
  readonly deployments: Readonly<Record<string, string>>;
  readonly effects: FaultEffects;
  readonly channel: ResponseChannel;
  readonly entry: RequestEntry;
  readonly paceMs: number;
  readonly now: () => number;
  /** Called with 1 when a stream opens and with -1 when it is over. */
  readonly countStream: (change: 1 | -1) => void;
}

/** At full speed, how many frames are written before other connections get their turn. */
const FRAMES_PER_TURN = 32;

export function createExchange(options: ExchangeOptions): Exchange {
  const { arrival, account, engine, effects, channel } = options;
  return {
    ...arrival,
    requestId: options.requestId,
    account,
    identity: options.identity,
    deployments: options.deployments,
    nowMs: options.now,
    sign: (text, model) => engine.signatures.sign(text, model),
    isOwnSignature: (signature, text, model) => engine.signatures.isOwn(signature, text, model),
    countTokens,
    answer(call) {
      const answer = engine.answer(call, account.label);
      const { input, cacheWrite, output } = answer.usage;
      // Cache reads do not count against the limits.
      account.limits.spend(input + cacheWrite, output);
      return effects.reshapeAnswer?.(answer) ?? answer;
    },
    refuse: (refusal) => channel.refuse(refusal),
    async sendJson(status, body, wireHeaders = {}) {
      const told = status === 200 ? (effects.reshapeBody?.(body) ?? body) : body;
      const headers = { 'content-type': 'application/json', ...wireHeaders };
      const reply = { status, headers, bytes: Buffer.from(JSON.stringify(told)) };
      if (status !== 200) return channel.send(reply);
      if (effects.afterHeaders !== undefined) {
        channel.writeHead(status, { ...headers, 'content-length': String(reply.bytes.length) });
        if ((await effects.afterHeaders(channel)) === 'done') return undefined;
      }
      return channel.send(effects.reshapeReply?.(reply) ?? reply);
    },
    sendStream: (frames, contentType = 'text/event-stream; charset=utf-8', wireHeaders = {}) =>
      openStream(options, frames, {
        headers: { 'content-type': contentType, 'cache-control': 'no-cache', ...wireHeaders },
        encode: (text) => text,
      }),
    sendBinaryStream: (frames, { contentType, encode }) =>
      openStream(options, frames, { headers: { 'content-type': contentType }, encode }),
  };
}

interface StreamForm {
  readonly headers: Readonly<Record<string, string>>;
  readonly encode: (text: string) => string | Buffer;
}

async function openStream(
  options: ExchangeOptions,
  frames: Iterable<StreamFrame>,
  { headers, encode }: StreamForm,
): Promise<void> {
  const { channel, effects } = options;
  options.countStream(1);
  try {
    channel.writeHead(200, headers);
    if ((await effects.afterHeaders?.(channel)) === 'done') return;
    await streamFrames(options, frames, encode);
  } finally {
    options.countStream(-1);
  }
}

async function streamFrames(
  options: ExchangeOptions,
  frames: Iterable<StreamFrame>,
  encode: StreamForm['encode'],
): Promise<void> {
  const { channel, effects, entry, paceMs } = options;
  for (const step of effects.reshapeFrames?.(frames) ?? frames) {
    if (channel.isClosed()) return;
    if ('ending' in step) {
      if (step.ending === 'stall') await channel.untilClosed();
      if (step.ending === 'reset') await channel.reset();
      break;
    }
    if (step.isToken && paceMs > 0) await channel.wait(paceMs);
    await channel.write(encode(step.text));
    entry.frames += 1;
    if (paceMs === 0 && entry.frames % FRAMES_PER_TURN === 0) await yieldToEvents();
  }
  await channel.end();
}
