import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { closestName } from './closest-name.ts';
import { ConfigError } from './config-error.ts';
import { settings } from './settings.ts';
import type { Setting, SettingValues } from './settings.ts';

/** Everything an operator can decide, typed and checked. Paths are absolute, times in ms, sizes in bytes. */
export interface Config {
  readonly http: { readonly host: string; readonly port: number };
  readonly dataDir: string;
  /** As given in the environment; `openSecrets` checks it. */
  readonly masterKey: string | undefined;
  /** Credentials found in the environment, to become upstream accounts on the first start. */
  readonly environmentAccounts: readonly { readonly kind: string; readonly credential: string }[];
  readonly limits: {
    readonly bodyBytes: number;
    readonly processBytes: number;
    readonly maxAttempts: number;
    readonly rateLimitWaitMs: number;
  };
  readonly timeouts: {
    readonly connectMs: number;
    readonly firstByteMs: number;
    readonly idleMs: number;
    readonly totalMs: number;
  };
  readonly delivery: { readonly keepAliveMs: number };
  readonly shutdown: { readonly graceMs: number };
  readonly wallet: { readonly mode: 'unmetered' | 'prepaid' };
  readonly settle: {
    readonly onDisconnect: 'cancel' | 'drain';
    readonly upstreamFault: 'charge' | 'free';
  };
  readonly log: {
    readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
    readonly format: 'auto' | 'text' | 'json';
  };
}

type Environment = Readonly<Record<string, string | undefined>>;

export interface ConfigSources {
  readonly env: Environment;
  /** Text of a file, or `undefined` when there is none. Throws for any other reason. */
  readonly readFile: (path: string) => string | undefined;
  /** Folder that relative paths are relative to. */
  readonly cwd: string;
}

/** Reads the real environment and disk. `overrides` are command line flags, under their variable's name. */
export function loadProcessConfig(overrides: Environment = {}): Config {
  return loadConfig({
    env: { ...process.env, ...overrides },
    readFile: readOptionalFile,
    cwd: process.cwd(),
  });
}

/** Throws `ConfigError` with every problem at once. Precedence: environment, then file, then default. */
export function loadConfig(sources: ConfigSources): Config {
  const problems: string[] = [];
  reportUnknownVariables(sources.env, problems);
  const dataDir = resolve(
    sources.cwd,
    textOf(sources.env, settings.dataDir.env) ?? settings.dataDir.fallback,
  );
  const file = readConfigFile(sources, dataDir, problems);
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries<Setting<unknown>>(settings)) {
    const fromEnv = textOf(sources.env, setting.env);
    const fromFile = setting.fileKey === undefined ? undefined : file.values.get(setting.fileKey);
    const text = fromEnv ?? fromFile ?? setting.fallback;
    if (text === undefined) continue;
    const place =
      fromEnv === undefined && fromFile !== undefined ? `${setting.fileKey} in ${file.path}` : setting.env;
    const reading = setting.reader.read(text);
    if ('value' in reading) values[name] = reading.value;
    else problems.push(`${place} is "${text}", but must be ${reading.expected}.`);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return toConfig(values as unknown as SettingValues, dataDir);
}

function toConfig(values: SettingValues, dataDir: string): Config {
  const credentials = [
    { kind: 'anthropic', credential: values.anthropicKey },
    { kind: 'openai', credential: values.openaiKey },
    { kind: 'gemini', credential: values.geminiKey },
  ];
  return {
    http: { host: values.host, port: values.port },
    dataDir,
    masterKey: values.masterKey,
    environmentAccounts: credentials.flatMap(({ kind, credential }) =>
      credential === undefined ? [] : [{ kind, credential }],
    ),
    limits: {
      bodyBytes: values.bodyLimitBytes,
      processBytes: values.processBudgetBytes,
      maxAttempts: values.maxAttempts,
      rateLimitWaitMs: values.rateLimitWaitMs,
    },
    timeouts: {
      connectMs: values.connectTimeoutMs,
      firstByteMs: values.firstByteTimeoutMs,
      idleMs: values.idleTimeoutMs,
      totalMs: values.totalTimeoutMs,
    },
    delivery: { keepAliveMs: values.keepAliveMs },
    shutdown: { graceMs: values.shutdownGraceMs },
    wallet: { mode: values.walletMode },
    settle: { onDisconnect: values.onDisconnect, upstreamFault: values.upstreamFault },
    log: { level: values.logLevel, format: values.logFormat },
  };
}

/** An empty variable counts as absent: that is how compose files and unit files spell "not set". */
function textOf(env: Environment, name: string): string | undefined {
  const text = env[name]?.trim();
  return text === '' ? undefined : text;
}

function reportUnknownVariables(env: Environment, problems: string[]): void {
  const known = Object.values(settings).map((setting) => setting.env);
  for (const name of Object.keys(env)) {
    if (!name.startsWith('QINGZHOU_') || known.some((candidate) => candidate === name)) continue;
    problems.push(`${name} is not a setting of Qingzhou.${suggest(name, known)}`);
  }
}

function suggest(wanted: string, known: readonly string[]): string {
  const nearest = closestName(wanted, known);
  return nearest === undefined ? ' See docs/configuration.md for the list.' : ` Did you mean ${nearest}?`;
}

interface ConfigFile {
  readonly path: string;
  /** Dotted key -> text. */
  readonly values: ReadonlyMap<string, string>;
}

function readConfigFile(sources: ConfigSources, dataDir: string, problems: string[]): ConfigFile {
  const named = textOf(sources.env, settings.configFile.env);
  const path = named === undefined ? join(dataDir, 'qingzhou.yaml') : resolve(sources.cwd, named);
  const values = new Map<string, string>();
  try {
    const text = sources.readFile(path);
    if (text === undefined && named !== undefined) {
      problems.push(`${settings.configFile.env} names ${path}, but there is no such file.`);
    }
    if (text !== undefined) flatten(parseYaml(text), '', values);
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    problems.push(`The configuration file ${path} cannot be read: ${reason}`);
  }
  reportUnknownKeys({ path, values }, problems);
  return { path, values };
}

function reportUnknownKeys(file: ConfigFile, problems: string[]): void {
  const all = Object.values<Setting<unknown>>(settings);
  const known = all.flatMap((setting) => setting.fileKey ?? []);
  for (const key of file.values.keys()) {
    if (known.includes(key)) continue;
    const environmentOnly = all.find(
      (setting) => setting.fileKey === undefined && (setting.env === key || setting.env.endsWith(`_${key}`)),
    );
    problems.push(
      environmentOnly === undefined
        ? `${key} in ${file.path} is not a setting of Qingzhou.${suggest(key, known)}`
        : `${key} in ${file.path} can be set in the environment only, as ${environmentOnly.env}.`,
    );
  }
}

/** Nested mappings become dotted keys, so that `http: { port: 1 }` and `http.port: 1` are the same. */
function flatten(node: unknown, prefix: string, into: Map<string, string>): void {
  if (node === null || node === undefined) return;
  if (typeof node === 'object' && !Array.isArray(node)) {
    for (const [key, value] of Object.entries(node)) {
      flatten(value, prefix === '' ? key : `${prefix}.${key}`, into);
    }
    return;
  }
  if (prefix === '') throw new Error('it must be a list of "name: value" lines.');
  into.set(prefix, typeof node === 'string' ? node.trim() : JSON.stringify(node));
}

function readOptionalFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined;
    throw error;
  }
}
