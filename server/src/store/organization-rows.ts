import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from './open-database.ts';
import type { OrganizationSeed } from '../control/organization-store.ts';

/** Organizations with their wallets, and the settings that outlive a restart. */
export function createOrganizationOperations(db: DatabaseSync) {
  const setting = db.prepare('SELECT value FROM settings WHERE name = ?');
  const putSetting = db.prepare(
    'INSERT INTO settings VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  );
  const insert = db.prepare('INSERT OR IGNORE INTO organizations VALUES (?, ?, ?)');
  const account = db.prepare(`INSERT INTO ledger_accounts (kind, organization_id) VALUES ('wallet', ?)`);
  const wallet = db.prepare('INSERT INTO wallets VALUES (?, ?, ?, 0)');
  const mode = db.prepare('UPDATE wallets SET mode = ? WHERE organization_id = ?');
  return {
    setting: (name: string): string | undefined => {
      const value = setting.get(name)?.['value'];
      return typeof value === 'string' ? value : undefined;
    },
    putSetting: (name: string, value: string): void => {
      putSetting.run(name, value);
    },
    ensureOrganization: (seed: OrganizationSeed): void =>
      inTransaction(db, () => {
        if (Number(insert.run(seed.id, seed.name, seed.at).changes) > 0) {
          const { lastInsertRowid } = account.run(seed.id);
          wallet.run(seed.id, lastInsertRowid, seed.walletMode ?? 'unmetered');
        } else if (seed.walletMode !== undefined) {
          mode.run(seed.walletMode, seed.id);
        }
      }),
  };
}
