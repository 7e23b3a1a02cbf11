import { performance } from 'node:perf_hooks';
import type { Draft } from '../domain/draft.ts';
import type { RelayError } from '../domain/errors.ts';
import { formatUsd } from '../domain/money.ts';
import type { RateLimits } from '../domain/rate-limits.ts';
import type { UsageReading } from '../domain/usage.ts';
import type { CallOutcome, CallRecord } from '../ledger/call-record.ts';
import type { ClientSink } from '../platform/client-sink.ts';
import type { Ticker } from '../platform/ticker.ts';
import type { Envelope } from '../protocols/wire-protocol.ts';
import { answerError, callHeaders, limitHeaders } from './answer-error.ts';
import type { Arrival, ClientPresence } from './arrival.ts';
import { deliveredTrace, type AttemptOutcome, type AttemptTrace } from './attempt.ts';
import { deliverStream, type DeliveryEnd } from './deliver-stream.ts';
import type { LiveStream } from './live-stream.ts';

interface DeliverDeps {
  readonly ticker: Ticker;
  readonly timeouts: { readonly keepAliveMs: number };
  readonly onDisconnect: 'cancel' | 'drain';
}

interface DeliverContext {
  readonly arrival: Arrival;
  readonly envelope: Envelope;
  readonly sink: ClientSink;
  readonly presence: ClientPresence;
  /** Our own limits of the caller. */
  readonly limits?: RateLimits;
  /** Makes the hold cover what has been read so far and some more; false when the wallet cannot. */
  coversMore(reading: UsageReading): boolean;
}

/** A call whose answer is out but for its last bytes, which wait until the settlement is durable. */
export interface Delivery {
  readonly outcome: CallOutcome;
  readonly status: number;
  readonly error?: RelayError;
  /** Absent when no upstream delivered anything. */
  readonly reading?: UsageReading;
  readonly servedModel?: string;
  readonly firstByteMs?: number;
  readonly warnings: readonly string[];
  /** Every try; the delivered one last. */
  readonly traces: readonly AttemptTrace[];
  readonly delivered?: AttemptTrace;
  /** Id at the upstream of an answer that is still being made there. */
  readonly goesOnAs?: string;
  /** Writes the last bytes. Called once, after the settlement; before it where the answer goes on, without a charge. */
  finish(settled?: CallRecord): void;
}

type Committed = Extract<AttemptOutcome, { type: 'committed' }>;

/** Stage 8: hands the committed answer to the client, all but its end. Never throws for what the client or upstream do. */
export async function deliver(
  deps: DeliverDeps,
  outcome: AttemptOutcome,
  context: DeliverContext,
): Promise<Delivery> {
  if (outcome.type === 'failed') return failedDelivery(outcome, context);
  if (outcome.type === 'answered') return ownDelivery(outcome, context);
  const { answer } = outcome;
  if (answer.type === 'unary') return unaryDelivery(outcome, context, answer);
  if (outcome.prepared.delivery === 'fold') return foldDelivery(outcome, context, answer.live);
  return streamDelivery(deps, outcome, context, answer);
}

function failedDelivery(
  outcome: Extract<AttemptOutcome, { type: 'failed' }>,
  context: DeliverContext,
): Delivery {
  const { arrival, sink } = context;
  const { error, answer } = outcome;
  return {
    outcome: error.code === 'client_gone' ? 'abandoned' : 'failed',
    status: answer?.status ?? error.entry.status,
    error,
    warnings: [],
    traces: outcome.traces,
    finish() {
      if (answer === undefined) answerError(sink, arrival.protocol, { error, callId: arrival.callId });
      else if (!sink.isClosed) {
        sink.sendWhole(
          answer.status,
          ['content-type', answer.contentType, ...callHeaders(arrival.callId)],
          answer.body,
        );
      }
    },
  };
}

/** What the relay itself says: no upstream was used, so nothing is charged. */
function ownDelivery(
  { answer, warnings, traces }: Extract<AttemptOutcome, { type: 'answered' }>,
  context: DeliverContext,
): Delivery {
  return {
    outcome: 'success',
    status: answer.status,
    warnings,
    traces,
    finish() {
      const { sink } = context;
      if (sink.isClosed) return;
      const headers = commonHeaders(answer.contentType, context);
      pushWarnings(headers, warnings);
      sink.sendWhole(answer.status, headers, answer.body);
    },
  };
}

function unaryDelivery(
  outcome: Committed,
  context: DeliverContext,
  answer: Extract<Committed['answer'], { type: 'unary' }>,
): Delivery {
  const { reading } = answer;
  const delivery: Draft<Delivery> = {
    outcome: 'success',
    status: answer.head.status,
    reading: reading.reading,
    traces: outcome.traces,
    delivered: deliveredTrace(outcome, 'delivered'),
    warnings: outcome.prepared.warnings,
    firstByteMs: Math.round(performance.now() - context.arrival.startedMs),
    finish: (settled) =>
      sendUnary(outcome, context, {
        status: answer.head.status,
        contentType: answer.contentType,
        body: answer.body,
        settled,
      }),
  };
  if (reading.servedModel !== undefined) delivery.servedModel = reading.servedModel;
  if (reading.goesOnAs !== undefined) delivery.goesOnAs = reading.goesOnAs;
  return delivery;
}

/** A translated unary answer: the upstream's stream has been folded into one body, which is the pipe's last word. */
function foldDelivery(outcome: Committed, context: DeliverContext, live: LiveStream): Delivery {
  return {
    ...committedFacts(outcome, context, 'delivered'),
    ...pipeFacts(live, context),
    outcome: 'success',
    status: 200,
    finish: (settled) =>
      sendUnary(outcome, context, {
        status: 200,
        contentType: 'application/json',
        body: live.pipe.terminalBytes(),
        settled,
      }),
  };
}

async function streamDelivery(
  deps: DeliverDeps,
  outcome: Committed,
  context: DeliverContext,
  answer: Extract<Committed['answer'], { type: 'stream' }>,
): Promise<Delivery> {
  const { arrival, envelope, sink, presence } = context;
  const { live } = answer;
  const isPassthrough = outcome.candidate.ability.mode === 'passthrough';
  const form = envelope.streamForm ?? arrival.protocol;
  const contentType = (isPassthrough && answer.contentType) || form.streamContentType;
  const committed = committedFacts(outcome, context, 'delivered');
  const headers = commonHeaders(contentType, context);
  headers.push('cache-control', 'no-cache', 'x-accel-buffering', 'no');
  pushWarnings(headers, outcome.prepared.warnings);
  sink.head(200, headers);
  const end = await deliverStream(live, sink, {
    ticker: deps.ticker,
    presence,
    keepAlive: form.keepAlive,
    keepAliveMs: deps.timeouts.keepAliveMs,
    onDisconnect: deps.onDisconnect,
    coversMore: () => context.coversMore(live.pipe.reading(envelope.inputEstimate)),
  });
  const error = errorOf(end);
  return {
    ...committed,
    ...pipeFacts(live, context),
    delivered: deliveredTrace(outcome, error?.code ?? 'delivered'),
    outcome: outcomeOf(end),
    status: 200,
    ...(error === undefined ? {} : { error }),
    finish: () => finishStream(context, live, error),
  };
}

/** The terminal frame as it came, or after a fault the protocol's own error event and end. */
function finishStream(context: DeliverContext, live: LiveStream, error: RelayError | undefined): void {
  const { sink, arrival } = context;
  if (sink.isClosed) return;
  const terminal = live.pipe.terminalBytes();
  const { callId, protocol } = arrival;
  // After a fault the pipe's last bytes are the upstream's own error event, where the client may see it.
  if (error === undefined || terminal.length > 0) sink.end(terminal);
  else sink.end(live.pipe.encodeError?.(error, callId) ?? protocol.encodeStreamError(error, callId));
}

function sendUnary(
  outcome: Committed,
  context: DeliverContext,
  answer: { status: number; contentType: string; body: Buffer; settled: CallRecord | undefined },
): void {
  const { sink } = context;
  if (sink.isClosed) return;
  const headers = commonHeaders(answer.contentType, context);
  if (answer.settled !== undefined) headers.push('x-relay-charge-usd', formatUsd(answer.settled.charge));
  pushWarnings(headers, outcome.prepared.warnings);
  sink.sendWhole(answer.status, headers, answer.body);
}

/** A flat list that its caller adds to. */
function commonHeaders(contentType: string, { arrival, limits }: DeliverContext): string[] {
  const headers = ['content-type', contentType, ...callHeaders(arrival.callId)];
  if (limits !== undefined) headers.push(...limitHeaders(arrival.protocol, limits));
  return headers;
}

function pushWarnings(headers: string[], warnings: readonly string[]): void {
  if (warnings.length > 0) headers.push('x-relay-warnings', [...new Set(warnings)].join(', '));
}

function committedFacts(
  outcome: Committed,
  context: DeliverContext,
  result: string,
): {
  traces: readonly AttemptTrace[];
  delivered: AttemptTrace;
  warnings: readonly string[];
  firstByteMs: number;
} {
  return {
    traces: outcome.traces,
    delivered: deliveredTrace(outcome, result),
    warnings: outcome.prepared.warnings,
    firstByteMs: Math.round(performance.now() - context.arrival.startedMs),
  };
}

function pipeFacts(
  live: LiveStream,
  context: DeliverContext,
): { reading: UsageReading; servedModel?: string; goesOnAs?: string } {
  const servedModel = live.pipe.servedModel();
  const goesOnAs = live.pipe.goesOnAs?.();
  return {
    reading: live.pipe.reading(context.envelope.inputEstimate),
    ...(servedModel === undefined ? {} : { servedModel }),
    ...(goesOnAs === undefined ? {} : { goesOnAs }),
  };
}

function errorOf(end: DeliveryEnd): RelayError | undefined {
  return end.type === 'broken' || end.type === 'hold-exhausted' ? end.error : undefined;
}

function outcomeOf(end: DeliveryEnd): CallOutcome {
  switch (end.type) {
    case 'complete':
      return 'success';
    case 'broken':
      return 'upstream-fault';
    case 'disconnected':
      return 'disconnected';
    case 'hold-exhausted':
      return 'hold-exhausted';
    default:
      return end satisfies never;
  }
}
