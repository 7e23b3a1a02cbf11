import { createHash, hkdfSync, randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { ConfigError } from './config-error.ts';

/** Keys for one purpose each, 32 bytes, derived from the master key; no key is ever used for two things. */
export interface Secrets {
  /** Seals upstream credentials and proxy addresses at rest (AES-256-GCM). */
  readonly sealingKey: Buffer;
  /** Keys the hash under which relay keys are stored. */
  readonly relayKeyPepper: Buffer;
  /** Authenticates what callers carry for us, e.g. reasoning envelopes. */
  readonly envelopeKey: Buffer;
}

const masterKeyBytes = 32;

/** Prepares the data folder and opens (on the first start: makes) the master key. Throws `ConfigError`. */
export function openSecrets(place: {
  readonly dataDir: string;
  readonly masterKey: string | undefined;
}): Secrets {
  const secretsDir = join(place.dataDir, 'secrets');
  makeFolder(place.dataDir);
  makeFolder(secretsDir);
  refuseReadableByOthers(secretsDir, '700');
  const keyPath = join(secretsDir, 'master.key');
  const markPath = join(secretsDir, 'master.fingerprint');
  const masterKey =
    place.masterKey === undefined
      ? readOrCreateKey(keyPath, markPath)
      : parseMasterKey(place.masterKey, 'QINGZHOU_MASTER_KEY');
  checkFingerprint(masterKey, markPath);
  return {
    sealingKey: deriveKey(masterKey, 'sealing'),
    relayKeyPepper: deriveKey(masterKey, 'relay-key-pepper'),
    envelopeKey: deriveKey(masterKey, 'envelope'),
  };
}

function deriveKey(masterKey: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', masterKey, 'qingzhou', `qingzhou/${purpose}/v1`, masterKeyBytes));
}

function readOrCreateKey(keyPath: string, markPath: string): Buffer {
  if (!existsSync(keyPath)) {
    if (existsSync(markPath)) {
      throw new ConfigError([
        `The master key of this data folder is missing: put ${keyPath} back from a backup, or set QINGZHOU_MASTER_KEY. Without it the stored credentials cannot be opened.`,
      ]);
    }
    writeOnce(keyPath, `${randomBytes(masterKeyBytes).toString('hex')}\n`);
  }
  refuseReadableByOthers(keyPath, '600');
  return parseMasterKey(
    explained(`read ${keyPath}`, () => readFileSync(keyPath, 'utf8')),
    keyPath,
  );
}

function parseMasterKey(text: string, place: string): Buffer {
  const trimmed = text.trim();
  const encoding = /^[0-9a-f]{64}$/i.test(trimmed) ? 'hex' : 'base64';
  const key = Buffer.from(trimmed, encoding);
  if (key.length === masterKeyBytes && /^([0-9a-f]{64}|[\w+/-]{43}=?)$/i.test(trimmed)) return key;
  throw new ConfigError([
    `${place} is not a master key: it must be 32 bytes in hexadecimal (64 digits) or Base64. Make one with "openssl rand -hex 32".`,
  ]);
}

/** A wrong master key would only show much later, as credentials that do not open; so the folder remembers a hash. */
function checkFingerprint(masterKey: Buffer, markPath: string): void {
  const fingerprint = createHash('sha256')
    .update(deriveKey(masterKey, 'fingerprint'))
    .digest('hex')
    .slice(0, 32);
  if (!existsSync(markPath)) writeOnce(markPath, `${fingerprint}\n`);
  const known = explained(`read ${markPath}`, () => readFileSync(markPath, 'utf8')).trim();
  if (known === fingerprint) return;
  throw new ConfigError([
    `The master key is not the one this data folder was made with (${dirname(dirname(markPath))}). Give the right QINGZHOU_MASTER_KEY or master.key, or use another QINGZHOU_DATA_DIR.`,
  ]);
}

/** Whole or not at all, never over an existing file: the loser of a race between two first starts reads the winner's. */
function writeOnce(path: string, text: string): void {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  explained(`write ${path}`, () => {
    try {
      const file = openSync(draft, 'wx', 0o600);
      writeSync(file, text);
      fsyncSync(file);
      closeSync(file);
      linkSync(draft, path);
      syncFolder(dirname(path));
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    } finally {
      rmSync(draft, { force: true });
    }
  });
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  fsyncSync(folder);
  closeSync(folder);
}

function makeFolder(path: string): void {
  explained(`create the folder ${path}`, () => makePath(path));
}

/** By hand, because Node's `recursive` never returns where a folder cannot be made in an existing one, as below /proc. */
function makePath(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) === 'EEXIST' && statSync(path).isDirectory()) return;
    const parent = dirname(path);
    if (codeOf(error) !== 'ENOENT' || existsSync(parent)) throw error;
    makePath(parent);
    makePath(path);
  }
}

function refuseReadableByOthers(path: string, mode: '600' | '700'): void {
  const found = explained(`look at ${path}`, () => statSync(path)).mode & 0o777;
  if ((found & 0o077) === 0) return;
  throw new ConfigError([
    `${path} can be read by other users of this machine (mode ${found.toString(8)}). Run: chmod ${mode} ${path}`,
  ]);
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied. Run it as the owner of that folder, or choose another QINGZHOU_DATA_DIR',
  EPERM: 'permission denied. Run it as the owner of that folder, or choose another QINGZHOU_DATA_DIR',
  EROFS: 'the disk is read-only. Choose another QINGZHOU_DATA_DIR',
  ENOSPC: 'the disk is full. Free some space and start again',
  ENOENT: 'no folder can be made there. Choose another QINGZHOU_DATA_DIR',
  ENOTDIR: 'a file is in its place. Choose another QINGZHOU_DATA_DIR',
  EEXIST: 'a file is in its place. Choose another QINGZHOU_DATA_DIR',
};

function explained<Result>(deed: string, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    const code = codeOf(error);
    const reason = reasons[code] ?? (error instanceof Error ? error.message : code);
    throw new ConfigError([`Cannot ${deed}: ${reason}.`]);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
