import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { EpochMs } from '../domain/time.ts';
import type { OrganizationId, RelayKeyId, UpstreamAccountId } from '../domain/ids.ts';
import type { RelayKeyRecord } from '../access/principal.ts';
import type { UpstreamAccountRecord } from '../routing/account.ts';

type Row = Readonly<Record<string, unknown>>;

const json = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));
const orNull = (value: SQLInputValue | undefined): SQLInputValue => value ?? null;

/** Copies a nullable column into an optional field; absent stays absent. */
function optional(row: Row, column: string, field: string, read: (value: unknown) => unknown): Row {
  return row[column] === null ? {} : { [field]: read(row[column]) };
}

const parse = (value: unknown): unknown => JSON.parse(String(value));
const same = (value: unknown): unknown => value;

function readKey(row: Row): RelayKeyRecord {
  return {
    keyId: row['id'],
    organizationId: row['organization_id'],
    keyName: row['name'],
    hash: row['hash'],
    preview: row['preview'],
    createdAt: row['created_at'],
    ...optional(row, 'expires_at', 'expiresAt', same),
    ...optional(row, 'disabled_at', 'disabledAt', same),
    ...optional(row, 'allowed_models', 'allowedModels', parse),
    ...optional(row, 'allowed_addresses', 'allowedAddresses', parse),
    limits: {
      ...optional(row, 'requests_per_minute', 'requestsPerMinute', same),
      ...optional(row, 'tokens_per_minute', 'tokensPerMinute', same),
      ...optional(row, 'concurrency', 'concurrency', same),
    },
    isStrict: row['is_strict'] === 1,
  } as RelayKeyRecord;
}

function readAccount(row: Row): UpstreamAccountRecord {
  return {
    id: row['id'],
    name: row['name'],
    kind: row['kind'],
    ...optional(row, 'preset', 'preset', same),
    ...optional(row, 'base_url', 'baseUrl', same),
    sealedCredential: row['sealed_credential'],
    ...optional(row, 'models', 'models', parse),
    modelMap: parse(row['model_map']),
    ...optional(row, 'sealed_proxy', 'sealedProxy', same),
    ...optional(row, 'region', 'region', same),
    priority: row['priority'],
    unpriced: row['unpriced'],
    createdAt: row['created_at'],
    ...optional(row, 'disabled_at', 'disabledAt', same),
    options: parse(row['options']),
  } as UpstreamAccountRecord;
}

/** Relay keys: the SQL behind the `AccessStore` port. */
export function createKeyOperations(db: DatabaseSync) {
  const all = db.prepare('SELECT * FROM relay_keys ORDER BY created_at, id');
  const owned = db.prepare('SELECT * FROM relay_keys WHERE organization_id = ? ORDER BY created_at, id');
  const insert = db.prepare(`INSERT INTO relay_keys VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const disable = db.prepare(
    'UPDATE relay_keys SET disabled_at = ifnull(disabled_at, ?) WHERE organization_id = ? AND id = ?',
  );
  return {
    loadKeys: (): readonly RelayKeyRecord[] => all.all().map(readKey),
    listKeys: (organizationId: OrganizationId): readonly RelayKeyRecord[] =>
      owned.all(organizationId).map(readKey),
    insertKey: (record: RelayKeyRecord): void => {
      insert.run(
        record.keyId,
        record.organizationId,
        record.keyName,
        record.hash,
        record.preview,
        record.createdAt,
        orNull(record.expiresAt),
        orNull(record.disabledAt),
        json(record.allowedModels),
        json(record.allowedAddresses),
        orNull(record.limits.requestsPerMinute),
        orNull(record.limits.tokensPerMinute),
        orNull(record.limits.concurrency),
        record.isStrict ? 1 : 0,
      );
    },
    disableKey: (organizationId: OrganizationId, keyId: RelayKeyId, at: EpochMs): boolean =>
      Number(disable.run(at, organizationId, keyId).changes) > 0,
  };
}

/** Upstream accounts: the SQL behind the `AccountStore` port. */
export function createAccountOperations(db: DatabaseSync) {
  const all = db.prepare(
    'SELECT * FROM upstream_accounts WHERE removed_at IS NULL ORDER BY priority, created_at, id',
  );
  const insert = db.prepare(
    `INSERT INTO upstream_accounts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?)`,
  );
  const remove = db.prepare(
    `UPDATE upstream_accounts SET removed_at = ?, sealed_credential = x'', sealed_proxy = NULL
     WHERE id = ? AND removed_at IS NULL`,
  );
  return {
    loadAccounts: (): readonly UpstreamAccountRecord[] => all.all().map(readAccount),
    insertAccount: (record: UpstreamAccountRecord): void => {
      insert.run(
        record.id,
        record.name,
        record.kind,
        orNull(record.preset),
        orNull(record.baseUrl),
        record.sealedCredential,
        json(record.models),
        JSON.stringify(record.modelMap),
        orNull(record.sealedProxy),
        orNull(record.region),
        record.priority,
        record.unpriced,
        record.createdAt,
        orNull(record.disabledAt),
        JSON.stringify(record.options),
      );
    },
    removeAccount: (id: UpstreamAccountId, at: EpochMs): boolean => Number(remove.run(at, id).changes) > 0,
  };
}
