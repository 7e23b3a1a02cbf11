/**
 * Configuration: the environment and one optional file become one typed, frozen `Config`; the data folder and the
 * secrets in it are made ready here too. Nobody else reads the environment, and nothing below rank 5 imports this
 * folder: values are handed down by `app.ts`. Must not know what a setting is used for.
 * Begin here: this table is the whole list. `docs/configuration.md` is generated from it.
 */
import { choiceReader, durationReader, integerReader, sizeReader, textReader } from './setting-readers.ts';
import type { Reader } from './setting-readers.ts';

export interface Setting<Value> {
  readonly group: string;
  readonly env: string;
  /** Dotted key in the configuration file; absent for what only the environment may say. */
  readonly fileKey?: string;
  readonly reader: Reader<Value>;
  /** As an operator would write it; absent means there is no value unless one is given. */
  readonly fallback?: string;
  readonly description: string;
  /** Never shown, never in the file. */
  readonly isSecret?: true;
}

/** A setting that always has a value. */
type DefaultedSetting<Value> = Setting<Value> & { readonly fallback: string };

function defaulted<Value>(setting: DefaultedSetting<Value>): DefaultedSetting<Value> {
  return setting;
}

function optional<Value>(setting: Setting<Value>): Setting<Value> {
  return setting;
}

const hour = 3_600_000;
const kibibyte = 1024;
const gibibyte = 1024 ** 3;

const places = {
  host: defaulted({
    group: 'Where it listens and lives',
    env: 'QINGZHOU_HOST',
    fileKey: 'http.host',
    reader: textReader,
    fallback: '127.0.0.1',
    description:
      'Address to listen on. The default is reachable from this machine only; `0.0.0.0` is every network.',
  }),
  port: defaulted({
    group: 'Where it listens and lives',
    env: 'QINGZHOU_PORT',
    fileKey: 'http.port',
    reader: integerReader(0, 65_535),
    fallback: '8787',
    description: 'Port to listen on. `0` takes any free port and prints it.',
  }),
  dataDir: defaulted({
    group: 'Where it listens and lives',
    env: 'QINGZHOU_DATA_DIR',
    reader: textReader,
    fallback: 'data',
    description: 'Folder of the database and the secrets; made with mode 0700 if it is missing.',
  }),
  configFile: optional({
    group: 'Where it listens and lives',
    env: 'QINGZHOU_CONFIG',
    reader: textReader,
    description:
      'Path of the configuration file. Without it, `qingzhou.yaml` in the data folder is read if it is there.',
  }),
} as const;

const secrets = {
  masterKey: optional({
    group: 'Secrets',
    env: 'QINGZHOU_MASTER_KEY',
    reader: textReader,
    description:
      'Master key: 32 random bytes in hexadecimal or Base64 (`openssl rand -hex 32`). Without it, one is made in `secrets/master.key` of the data folder with mode 0600.',
    isSecret: true,
  }),
  anthropicKey: optional({
    group: 'Secrets',
    env: 'ANTHROPIC_API_KEY',
    reader: textReader,
    description: 'Becomes an upstream account on the first start. Ignored afterwards.',
    isSecret: true,
  }),
  openaiKey: optional({
    group: 'Secrets',
    env: 'OPENAI_API_KEY',
    reader: textReader,
    description: 'Becomes an upstream account on the first start. Ignored afterwards.',
    isSecret: true,
  }),
  geminiKey: optional({
    group: 'Secrets',
    env: 'GEMINI_API_KEY',
    reader: textReader,
    description: 'Becomes an upstream account on the first start. Ignored afterwards.',
    isSecret: true,
  }),
} as const;

const limits = {
  bodyLimitBytes: defaulted({
    group: 'Limits',
    env: 'QINGZHOU_BODY_LIMIT',
    fileKey: 'limits.body',
    reader: sizeReader(kibibyte, gibibyte),
    fallback: '32MiB',
    description: 'Largest request body of one call. A larger one is answered with 413.',
  }),
  processBudgetBytes: defaulted({
    group: 'Limits',
    env: 'QINGZHOU_PROCESS_BUDGET',
    fileKey: 'limits.process',
    reader: sizeReader(1024 * kibibyte, 64 * gibibyte),
    fallback: '512MiB',
    description: 'Bytes of bodies and buffers that all calls together may hold. Over it, new calls get 503.',
  }),
  maxAttempts: defaulted({
    group: 'Limits',
    env: 'QINGZHOU_MAX_ATTEMPTS',
    fileKey: 'limits.attempts',
    reader: integerReader(1, 10),
    fallback: '3',
    description: 'Upstream attempts of one call, the first included. `1` turns failover off.',
  }),
  rateLimitWaitMs: defaulted({
    group: 'Limits',
    env: 'QINGZHOU_RATE_LIMIT_WAIT',
    fileKey: 'limits.rateLimitWait',
    reader: durationReader(0, hour),
    fallback: '10s',
    description:
      'How long a call may wait for an upstream account when every one of them is rate limited. `0s` never waits.',
  }),
} as const;

const times = {
  connectTimeoutMs: defaulted({
    group: 'Times',
    env: 'QINGZHOU_CONNECT_TIMEOUT',
    fileKey: 'timeouts.connect',
    reader: durationReader(10, hour),
    fallback: '10s',
    description: 'Connecting to an upstream.',
  }),
  firstByteTimeoutMs: defaulted({
    group: 'Times',
    env: 'QINGZHOU_FIRST_BYTE_TIMEOUT',
    fileKey: 'timeouts.firstByte',
    reader: durationReader(10, hour),
    fallback: '120s',
    description: 'From the request being sent to the first byte of the answer.',
  }),
  idleTimeoutMs: defaulted({
    group: 'Times',
    env: 'QINGZHOU_IDLE_TIMEOUT',
    fileKey: 'timeouts.idle',
    reader: durationReader(10, hour),
    fallback: '120s',
    description: 'Silence of an upstream within an answer.',
  }),
  totalTimeoutMs: defaulted({
    group: 'Times',
    env: 'QINGZHOU_TOTAL_TIMEOUT',
    fileKey: 'timeouts.total',
    reader: durationReader(10, 24 * hour),
    fallback: '30m',
    description: 'One whole call, all attempts included.',
  }),
  keepAliveMs: defaulted({
    group: 'Times',
    env: 'QINGZHOU_KEEP_ALIVE',
    fileKey: 'delivery.keepAlive',
    reader: durationReader(10, hour),
    fallback: '15s',
    description: 'Keep-alive to the caller of a stream that is silent, after its first event only.',
  }),
  shutdownGraceMs: defaulted({
    group: 'Times',
    env: 'QINGZHOU_SHUTDOWN_GRACE',
    fileKey: 'shutdown.grace',
    reader: durationReader(0, hour),
    fallback: '30s',
    description: 'How long calls in flight may go on after the first signal to stop.',
  }),
} as const;

const money = {
  walletMode: defaulted({
    group: 'Money',
    env: 'QINGZHOU_WALLET',
    fileKey: 'wallet.mode',
    reader: choiceReader(['unmetered', 'prepaid']),
    fallback: 'unmetered',
    description:
      'Wallet of the default organization, decided on the first start. `unmetered` records charges and never refuses; `prepaid` refuses what the balance cannot cover.',
  }),
  onDisconnect: defaulted({
    group: 'Money',
    env: 'QINGZHOU_SETTLE_ON_DISCONNECT',
    fileKey: 'settle.onDisconnect',
    reader: choiceReader(['cancel', 'drain']),
    fallback: 'cancel',
    description:
      'When a caller leaves a stream: `cancel` stops the upstream at once; `drain` reads on, for at most 30 s and 1 MiB, to learn the true usage.',
  }),
  upstreamFault: defaulted({
    group: 'Money',
    env: 'QINGZHOU_SETTLE_UPSTREAM_FAULT',
    fileKey: 'settle.upstreamFault',
    reader: choiceReader(['charge', 'free']),
    fallback: 'charge',
    description:
      'When an upstream breaks an answer off: `charge` what was used until then, or make the call `free`.',
  }),
} as const;

const logging = {
  logLevel: defaulted({
    group: 'Log',
    env: 'QINGZHOU_LOG_LEVEL',
    fileKey: 'log.level',
    reader: choiceReader(['debug', 'info', 'warn', 'error', 'silent']),
    fallback: 'info',
    description: 'Least severity that is logged.',
  }),
  logFormat: defaulted({
    group: 'Log',
    env: 'QINGZHOU_LOG_FORMAT',
    fileKey: 'log.format',
    reader: choiceReader(['auto', 'text', 'json']),
    fallback: 'auto',
    description: 'Lines for people or for machines. `auto` is text on a terminal and JSON elsewhere.',
  }),
} as const;

export const settings = { ...places, ...secrets, ...limits, ...times, ...money, ...logging } as const;

type SettingName = keyof typeof settings;

type ValueOf<Entry> =
  Entry extends DefaultedSetting<infer Value>
    ? Value
    : Entry extends Setting<infer Value>
      ? Value | undefined
      : never;

/** The value of every setting, by its name in the table. */
export type SettingValues = { readonly [Name in SettingName]: ValueOf<(typeof settings)[Name]> };
