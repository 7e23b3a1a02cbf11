import type { RelayKeyRecord } from '../access/principal.ts';
import { table, type Output } from './output.ts';
import { withWorkspace } from './workspace-command.ts';

export async function listKeysCommand(output: Output): Promise<void> {
  await withWorkspace(async ({ store, organizationId, now }) => {
    const keys = await store.listKeys(organizationId);
    if (output.isJson) {
      output.json(keys.map(keyBody));
      return;
    }
    if (keys.length === 0) {
      output.line('No relay keys yet. Create one: npm run qz -- key create --name laptop');
      return;
    }
    output.line(
      table(
        ['NAME', 'KEY', 'STATE', 'EXPIRES', 'MODELS', 'LIMITS'],
        keys.map((key) => [
          key.keyName,
          `sk-qz-${key.preview}...`,
          stateOf(key, now()),
          key.expiresAt === undefined ? 'never' : new Date(key.expiresAt).toISOString().slice(0, 16),
          key.allowedModels?.join(', ') ?? 'all',
          limitsText(key),
        ]),
      ),
    );
  });
}

function stateOf(key: RelayKeyRecord, at: number): string {
  if (key.disabledAt !== undefined) return 'revoked';
  return key.expiresAt !== undefined && key.expiresAt <= at ? 'expired' : 'active';
}

function limitsText({ limits }: RelayKeyRecord): string {
  const words = [
    limits.requestsPerMinute === undefined ? '' : `${limits.requestsPerMinute} req/min`,
    limits.tokensPerMinute === undefined ? '' : `${limits.tokensPerMinute} tok/min`,
    limits.concurrency === undefined ? '' : `${limits.concurrency} at once`,
  ].filter((word) => word !== '');
  return words.length === 0 ? 'none' : words.join(', ');
}

/** A relay key without anything it could be used with. */
export function keyBody(key: RelayKeyRecord): Record<string, unknown> {
  return {
    id: key.keyId,
    name: key.keyName,
    preview: `sk-qz-${key.preview}...`,
    created_at: new Date(key.createdAt).toISOString(),
    expires_at: key.expiresAt === undefined ? null : new Date(key.expiresAt).toISOString(),
    disabled_at: key.disabledAt === undefined ? null : new Date(key.disabledAt).toISOString(),
    allowed_models: key.allowedModels ?? null,
    allowed_addresses: key.allowedAddresses ?? null,
    limits: key.limits,
    strict: key.isStrict,
  };
}
