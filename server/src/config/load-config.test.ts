import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError } from './config-error.ts';
import { loadConfig } from './load-config.ts';
import type { ConfigSources } from './load-config.ts';
import { settings } from './settings.ts';
import type { Setting } from './settings.ts';

function sources(
  env: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
): ConfigSources {
  return { env, readFile: (path) => files[path], cwd: '/srv' };
}

function problemsOf(
  env: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
): readonly string[] {
  try {
    loadConfig(sources(env, files));
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems;
  }
  return [];
}

test('an empty environment gives the documented defaults', () => {
  const config = loadConfig(sources({}));
  assert.deepEqual(config, {
    http: { host: '127.0.0.1', port: 8787 },
    dataDir: '/srv/data',
    masterKey: undefined,
    environmentAccounts: [],
    limits: {
      bodyBytes: 33_554_432,
      processBytes: 536_870_912,
      maxAttempts: 3,
      rateLimitWaitMs: 10_000,
    },
    timeouts: { connectMs: 10_000, firstByteMs: 120_000, idleMs: 120_000, totalMs: 1_800_000 },
    delivery: { keepAliveMs: 15_000 },
    shutdown: { graceMs: 30_000 },
    wallet: { mode: 'unmetered' },
    settle: { onDisconnect: 'cancel', upstreamFault: 'charge' },
    log: { level: 'info', format: 'auto' },
  });
});

test('the environment wins over the file and the file over the default', () => {
  const file = 'http:\n  port: 9000\n  host: 0.0.0.0\ntimeouts.idle: 30s\n';
  const config = loadConfig(sources({ QINGZHOU_PORT: '9001' }, { '/srv/data/qingzhou.yaml': file }));
  assert.deepEqual(config.http, { host: '0.0.0.0', port: 9001 });
  assert.equal(config.timeouts.idleMs, 30_000);
});

test('an empty variable counts as not set', () => {
  assert.equal(loadConfig(sources({ QINGZHOU_PORT: '', ANTHROPIC_API_KEY: ' ' })).http.port, 8787);
});

test('provider keys in the environment are handed on as accounts to make', () => {
  const config = loadConfig(sources({ OPENAI_API_KEY: 'sk-one', GEMINI_API_KEY: 'two' }));
  assert.deepEqual(config.environmentAccounts, [
    { kind: 'openai', credential: 'sk-one' },
    { kind: 'gemini', credential: 'two' },
  ]);
});

test('an unknown variable is an error that names the nearest setting', () => {
  assert.deepEqual(problemsOf({ QINGZHOU_PROT: '1' }), [
    'QINGZHOU_PROT is not a setting of Qingzhou. Did you mean QINGZHOU_PORT?',
  ]);
});

test('an unknown variable near to nothing points at the list', () => {
  assert.deepEqual(problemsOf({ QINGZHOU_ZZZZZZZZZZZZZZZZ: '1' }), [
    'QINGZHOU_ZZZZZZZZZZZZZZZZ is not a setting of Qingzhou. See docs/configuration.md for the list.',
  ]);
});

test('an unknown key of the file is an error that names the nearest key', () => {
  const problems = problemsOf({}, { '/srv/data/qingzhou.yaml': 'timeout:\n  connect: 10s\n' });
  assert.deepEqual(problems, [
    'timeout.connect in /srv/data/qingzhou.yaml is not a setting of Qingzhou. Did you mean timeouts.connect?',
  ]);
});

test('a secret in the file is refused with the variable to use instead', () => {
  const problems = problemsOf({}, { '/srv/data/qingzhou.yaml': 'ANTHROPIC_API_KEY: sk-ant-secret\n' });
  assert.deepEqual(problems, [
    'ANTHROPIC_API_KEY in /srv/data/qingzhou.yaml can be set in the environment only, as ANTHROPIC_API_KEY.',
  ]);
});

test('every problem is reported at once', () => {
  const problems = problemsOf({ QINGZHOU_PORT: '99999', QINGZHOU_IDLE_TIMEOUT: '120', QINGZHOU_X: '' });
  assert.equal(problems.length, 3);
});

for (const [variable, value, expected] of [
  ['QINGZHOU_PORT', '0x50', 'a whole number from 0 to 65535'],
  ['QINGZHOU_BODY_LIMIT', '32 MB', 'a size from 1KiB to 1GiB, such as 32MiB'],
  ['QINGZHOU_IDLE_TIMEOUT', '120', 'a time with its unit from 10ms to 1h, such as 500ms, 10s or 30m'],
  ['QINGZHOU_WALLET', 'free', 'one of unmetered, prepaid'],
] as const) {
  test(`${variable}=${value} is refused with what it must be`, () => {
    assert.deepEqual(problemsOf({ [variable]: value }), [
      `${variable} is "${value}", but must be ${expected}.`,
    ]);
  });
}

test('a configuration file that is named but missing is an error', () => {
  assert.deepEqual(problemsOf({ QINGZHOU_CONFIG: 'relay.yaml' }), [
    'QINGZHOU_CONFIG names /srv/relay.yaml, but there is no such file.',
  ]);
});

test('a configuration file that is not YAML is named with the reason', () => {
  const [problem] = problemsOf({}, { '/srv/data/qingzhou.yaml': 'http: [1' });
  assert.match(problem ?? '', /^The configuration file \/srv\/data\/qingzhou\.yaml cannot be read: /);
});

test('a configuration file that is a bare word is refused', () => {
  assert.equal(problemsOf({}, { '/srv/data/qingzhou.yaml': 'port' }).length, 1);
});

test('every default is a value its own reader accepts, and secrets have neither default nor file key', () => {
  for (const setting of Object.values<Setting<unknown>>(settings)) {
    if (setting.fallback !== undefined)
      assert.ok('value' in setting.reader.read(setting.fallback), setting.env);
    if (setting.isSecret === true)
      assert.deepEqual([setting.fallback, setting.fileKey], [undefined, undefined]);
  }
});
