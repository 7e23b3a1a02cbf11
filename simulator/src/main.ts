import { parseArgs } from 'node:util';
import { startSimulator } from './index.ts';
import type { SimulatorOptions } from './index.ts';

const USAGE = `npm run simulate -- [--port N] [--host H] [--recordings DIR] [--pace MS] [--seed TEXT]

  --port N          port to listen on; 0 takes any free one (default 8790)
  --host H          address to listen on (default 127.0.0.1)
  --recordings DIR  answer recorded requests with their recorded responses
  --pace MS         milliseconds per streamed token (default 20; 0 is full speed)
  --seed TEXT       everything drawn or signed follows from it (default "simulator")`;

const DEFAULT_PORT = 8790;
const DEFAULT_PACE_MS = 20;

function readOptions(): SimulatorOptions {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: {
      port: text,
      host: text,
      recordings: text,
      pace: text,
      seed: text,
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    console.log(USAGE);
    process.exit(0);
  }
  const { recordings, seed, host } = values;
  return {
    port: wholeNumber('port', values.port, DEFAULT_PORT),
    pace: wholeNumber('pace', values.pace, DEFAULT_PACE_MS),
    ...(host === undefined ? {} : { host }),
    ...(seed === undefined ? {} : { seed }),
    ...(recordings === undefined ? {} : { recordings, onRecordingsProgress }),
  };
}

function wholeNumber(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^\d+$/.test(text) || (name === 'port' && Number(text) > 65_535)) {
    throw new Error(`--${name} takes a whole number, not "${text}".`);
  }
  return Number(text);
}

function onRecordingsProgress(progress: { filesDone: number; files: number; recordings: number }): void {
  console.log(
    `recordings: file ${progress.filesDone} of ${progress.files}, ${progress.recordings} exchanges`,
  );
}

function explain(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return 'The port is in use. Choose another with --port.';
  if (code === 'EACCES') return 'This port may not be opened. Choose one above 1024 with --port.';
  return message;
}

try {
  const simulator = await startSimulator(readOptions());
  console.log(`Simulated upstreams at ${simulator.url}
  Anthropic  base URL ${simulator.url}          key sk-ant-simulated
  OpenAI     base URL ${simulator.url}/v1       key sk-simulated
  Gemini     base URL ${simulator.url}          key AIzaSimulated
  Vertex     base URL ${simulator.url}          key AQ.Simulated
  Bedrock    base URL ${simulator.url}          key ABSKsimulated
  Azure      base URL ${simulator.url}/azure    key ${'0'.repeat(32)}
  Control    ${simulator.url}/_simulator/stats  (faults, requests, reset: simulator/README.md)`);
  const stop = (): void => void simulator.close().then(() => process.exit(0));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
} catch (error) {
  console.error(`The simulator did not start: ${explain(error)}\n\n${USAGE}`);
  process.exitCode = 1;
}
