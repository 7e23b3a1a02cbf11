import type { UpstreamAccountRecord } from '../routing/account.ts';
import { table, type Output } from './output.ts';
import { withWorkspace } from './workspace-command.ts';

export async function listAccountsCommand(output: Output): Promise<void> {
  await withWorkspace(async ({ store }) => {
    const accounts = await store.loadAccounts();
    if (output.isJson) {
      output.json(accounts.map(accountBody));
      return;
    }
    if (accounts.length === 0) {
      output.line(
        'No upstream accounts yet. Add one: npm run qz -- account add --kind anthropic --name main --credential -',
      );
      return;
    }
    output.line(
      table(
        ['NAME', 'KIND', 'MODELS', 'BASE URL', 'REGION', 'PRIORITY'],
        accounts.map((account) => [
          account.name,
          account.preset ?? account.kind,
          modelsText(account),
          account.baseUrl ?? 'default',
          account.region ?? '-',
          String(account.priority),
        ]),
      ),
    );
  });
}

/** An account without its credential and proxy. */
export function accountBody(account: UpstreamAccountRecord): Record<string, unknown> {
  return {
    id: account.id,
    name: account.name,
    kind: account.kind,
    preset: account.preset ?? null,
    base_url: account.baseUrl ?? null,
    models: account.models ?? null,
    model_map: account.modelMap,
    has_proxy: account.sealedProxy !== undefined,
    region: account.region ?? null,
    options: account.options,
    priority: account.priority,
    unpriced: account.unpriced,
    created_at: new Date(account.createdAt).toISOString(),
  };
}

function modelsText(account: UpstreamAccountRecord): string {
  if (account.models === undefined) return 'all known';
  const [first, ...rest] = account.models;
  return rest.length === 0 ? (first ?? 'none') : `${first} and ${rest.length} more`;
}
