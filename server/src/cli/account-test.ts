import { connectionOf } from '../app.ts';
import { probeAccount, type ProbeResult } from '../control/probe-account.ts';
import type { UpstreamAccountRecord } from '../routing/account.ts';
import type { Workspace } from '../app.ts';
import { CommandFailure } from './command-failure.ts';
import { table, type Output } from './output.ts';
import { findAccount, withWorkspace } from './workspace-command.ts';

const probeTimeoutMs = 15_000;

export interface AccountProbe {
  readonly account: UpstreamAccountRecord;
  readonly result: ProbeResult;
}

/** Probes one account or all. Exit code 1 when any is out of reach. */
export async function testAccountsCommand(name: string | undefined, output: Output): Promise<number> {
  return withWorkspace(async (workspace) => {
    const accounts =
      name === undefined ? await workspace.store.loadAccounts() : [await findAccount(workspace, name)];
    if (accounts.length === 0)
      throw new CommandFailure('No upstream accounts yet, so there is nothing to test.');
    const probes = await probeAll(workspace, accounts);
    if (output.isJson) output.json(probes.map(probeBody));
    else printProbes(probes, output);
    return probes.every(({ result }) => result.isReachable) ? 0 : 1;
  });
}

/** All at once: each is bounded in time, and waiting for one must not hide another. */
export async function probeAll(
  workspace: Workspace,
  accounts: readonly UpstreamAccountRecord[],
): Promise<readonly AccountProbe[]> {
  return Promise.all(
    accounts.map(async (account) => {
      const result = await probeAccount(connectionOf(account, workspace), {
        client: workspace.client,
        connectTimeoutMs: workspace.config.timeouts.connectMs,
        totalTimeoutMs: probeTimeoutMs,
      });
      return { account, result };
    }),
  );
}

function printProbes(probes: readonly AccountProbe[], output: Output): void {
  output.line(
    table(
      ['ACCOUNT', 'STATE', 'TIME', 'MODELS'],
      probes.map(({ account, result }) => [
        account.name,
        result.isReachable ? 'ok' : 'FAILED',
        `${result.durationMs} ms`,
        result.isReachable ? String(result.models.length) : '-',
      ]),
    ),
  );
  for (const { account, result } of probes) {
    if (!result.isReachable) output.line(`${account.name}: ${result.problem} ${result.fix}`);
  }
}

function probeBody({ account, result }: AccountProbe): Record<string, unknown> {
  return {
    name: account.name,
    reachable: result.isReachable,
    duration_ms: result.durationMs,
    ...(result.isReachable ? { models: result.models } : { problem: result.problem, fix: result.fix }),
  };
}
