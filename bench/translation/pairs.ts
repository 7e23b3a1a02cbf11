/**
 * CPU per event of every translated pair, beside that of passing the same event through, in this very process: the one
 * measurement that looks into the relay, because what a pair of codecs costs is lost in the noise of sockets. Everything
 * else about the relay is measured from outside.
 */
import { protocolRegistry } from '../../server/src/protocols/registry.ts';
import { createTranslationPipe } from '../../server/src/protocols/translation-pipe.ts';
import type { StreamPipe } from '../../server/src/protocols/wire-protocol.ts';
import { plainEnvelopeOf, plainRequestOf } from '../../server/test/conformance/laws/material.ts';
import { longStreams, type LongStream } from '../../server/test/conformance/long-streams.ts';
import { clientProtocols, type ClientProtocol } from '../../server/test/conformance/strict/index.ts';
import { clientHalf, upstreamHalf } from '../../tools/replay/translated/client-request.ts';

export interface PairFigure {
  readonly upstream: ClientProtocol;
  readonly client: ClientProtocol;
  /** CPU microseconds per event; the medians of the rounds. */
  readonly passedUs: number;
  readonly translatedUs: number;
}

const events = 40_000;
const rounds = 5;

export function measurePairs(): readonly PairFigure[] {
  return longStreams.flatMap((stream) => {
    const { upstream } = stream;
    const passing = (): StreamPipe => protocolRegistry[upstream].createPassthrough(plainEnvelopeOf(upstream));
    const passedUs = medianCpu(stream, passing);
    return clientProtocols
      .filter((client) => client !== upstream)
      .map((client) => ({
        upstream,
        client,
        passedUs,
        translatedUs: medianCpu(stream, () => translating(upstream, client)),
      }));
  });
}

function translating(upstream: ClientProtocol, client: ClientProtocol): StreamPipe {
  return createTranslationPipe({
    upstream: upstreamHalf(upstream),
    client: clientHalf(client),
    request: plainRequestOf(client),
    upstreamModel: 'model-x',
  });
}

/** The first round warms the compilers and does not count. */
function medianCpu(stream: LongStream, open: () => StreamPipe): number {
  cpuPerEvent(stream, open());
  const figures = Array.from({ length: rounds }, () => cpuPerEvent(stream, open()));
  return figures.toSorted((left, right) => left - right)[Math.floor(rounds / 2)] ?? 0;
}

function cpuPerEvent(stream: LongStream, pipe: StreamPipe): number {
  pipe.push(Buffer.from(stream.opening));
  const event = Buffer.from(stream.delta('some words of it '));
  const begun = process.cpuUsage();
  for (let sent = 0; sent < events; sent += 1) pipe.push(event);
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / events;
}

/** What translating adds to a frame, whose way through sockets and relay the other measures tell. */
export function pairTable(figures: readonly PairFigure[]): string {
  const cell = (us: number): string => us.toFixed(2).padStart(12);
  const rows = figures.map(({ upstream, client, passedUs, translatedUs }) => {
    const pair = `${upstream} to ${client}`.padEnd(42);
    return pair + cell(translatedUs) + cell(passedUs) + cell(translatedUs - passedUs);
  });
  const head = `${'CPU per streamed event, µs'.padEnd(42)}  translated      passed       added`;
  return `${[head, ...rows].join('\n')}\n`;
}
