import { statfs, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Workspace } from '../app.ts';
import { ConfigError } from '../config/config-error.ts';
import { probeAll } from './account-test.ts';
import { CommandFailure } from './command-failure.ts';
import type { Output } from './output.ts';
import { withWorkspace } from './workspace-command.ts';

type Verdict = 'ok' | 'warning' | 'broken';

interface Finding {
  readonly check: string;
  readonly verdict: Verdict;
  readonly detail: string;
  /** What to do; absent when nothing is wrong. */
  readonly fix?: string;
}

const lowDiskBytes = 1024 ** 3;
const earliestClockMs = Date.UTC(2026, 0, 1);

/** Checks everything the relay stands on. Exit code 1 when something is broken. */
export async function doctorCommand(output: Output): Promise<number> {
  const findings = await examine();
  if (output.isJson) output.json(findings);
  else {
    for (const { verdict, check, detail, fix } of findings) {
      output.line(`${marks[verdict]} ${check}: ${detail}${fix === undefined ? '' : ` ${fix}`}`);
    }
  }
  return findings.some(({ verdict }) => verdict === 'broken') ? 1 : 0;
}

/** What keeps the data folder from being opened is a finding too, the only one there can be then. */
async function examine(): Promise<readonly Finding[]> {
  try {
    return await withWorkspace(async (workspace) => [
      ...(await checkDataFolder(workspace)),
      await checkDisk(workspace),
      checkClock(workspace),
      await checkDatabase(workspace),
      await checkBooks(workspace),
      ...(await checkCredentials(workspace)),
    ]);
  } catch (error) {
    if (error instanceof ConfigError) {
      return error.problems.map((detail) => ({ check: 'configuration', verdict: 'broken', detail }));
    }
    if (error instanceof CommandFailure) {
      return [{ check: 'data folder', verdict: 'broken', detail: error.message }];
    }
    throw error;
  }
}

const marks: Readonly<Record<Verdict, string>> = {
  ok: '[ok]     ',
  warning: '[warning]',
  broken: '[broken] ',
};

async function checkDataFolder({ config }: Workspace): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const path of [config.dataDir, join(config.dataDir, 'secrets')]) {
    const facts = await stat(path);
    const isPrivate = (facts.mode & 0o077) === 0;
    findings.push(
      isPrivate
        ? { check: 'folder', verdict: 'ok', detail: `${path} is readable by its owner only.` }
        : {
            check: 'folder',
            verdict: 'warning',
            detail: `${path} can be read by others.`,
            fix: `Run: chmod 700 ${path}`,
          },
    );
  }
  return findings;
}

async function checkDisk({ config }: Workspace): Promise<Finding> {
  const { bavail, bsize } = await statfs(config.dataDir);
  const freeBytes = bavail * bsize;
  const detail = `${(freeBytes / 1024 ** 3).toFixed(1)} GiB free for ${config.dataDir}.`;
  return freeBytes >= lowDiskBytes
    ? { check: 'disk', verdict: 'ok', detail }
    : {
        check: 'disk',
        verdict: 'warning',
        detail,
        fix: 'Free some space: without it no call can be booked.',
      };
}

function checkClock({ now }: Workspace): Finding {
  const at = now();
  const detail = `it is ${new Date(at).toISOString()}.`;
  return at >= earliestClockMs
    ? { check: 'clock', verdict: 'ok', detail }
    : {
        check: 'clock',
        verdict: 'broken',
        detail,
        fix: 'Set the system clock: prices and limits depend on it.',
      };
}

async function checkDatabase({ store }: Workspace): Promise<Finding> {
  const { problems, bytes } = await store.integrity();
  return problems.length === 0
    ? { check: 'database', verdict: 'ok', detail: `sound, ${(bytes / 1024 ** 2).toFixed(1)} MiB.` }
    : {
        check: 'database',
        verdict: 'broken',
        detail: problems.join('; '),
        fix: 'Stop the relay and restore the data folder from a backup.',
      };
}

async function checkBooks({ store }: Workspace): Promise<Finding> {
  const differences = await store.audit();
  return differences.length === 0
    ? { check: 'books', verdict: 'ok', detail: 'every balance follows from its entries.' }
    : {
        check: 'books',
        verdict: 'broken',
        detail: differences.join('; '),
        fix: 'Keep a copy of the data folder and do not run the relay on it until the cause is known.',
      };
}

/** Each account is called for real, so this also finds wrong credentials, proxies and blocked networks. */
async function checkCredentials(workspace: Workspace): Promise<readonly Finding[]> {
  const accounts = await workspace.store.loadAccounts();
  if (accounts.length === 0) {
    return [
      {
        check: 'accounts',
        verdict: 'warning',
        detail: 'no upstream account is connected.',
        fix: 'Run: npm run qz -- account add --help',
      },
    ];
  }
  const probes = await probeAll(workspace, accounts);
  return probes.map(({ account, result }) =>
    result.isReachable
      ? {
          check: `account ${account.name}`,
          verdict: 'ok' as const,
          detail: `answered in ${result.durationMs} ms with ${result.models.length} models.`,
        }
      : {
          check: `account ${account.name}`,
          verdict: 'broken' as const,
          detail: result.problem,
          fix: result.fix,
        },
  );
}
