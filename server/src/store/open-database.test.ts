import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { inTransaction, openDatabase } from './open-database.ts';
import type { DatabaseSync } from 'node:sqlite';

function withDatabase(work: (db: DatabaseSync) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'qingzhou-open-'));
  const db = openDatabase(join(folder, 'a.db'), 1);
  try {
    work(db);
  } finally {
    db.close();
    rmSync(folder, { recursive: true });
  }
}

test('the connection has the settings durability depends on', () =>
  withDatabase((db) => {
    const pragma = (name: string) => Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0];
    assert.equal(pragma('journal_mode'), 'wal');
    assert.equal(pragma('synchronous'), 2);
    assert.equal(pragma('foreign_keys'), 1);
    assert.equal(pragma('busy_timeout'), 5_000);
  }));

test('a transaction that throws leaves nothing behind', () =>
  withDatabase((db) => {
    const put = () => db.exec("INSERT INTO settings VALUES ('a', '1')");
    assert.throws(() =>
      inTransaction(db, () => {
        put();
        throw new Error('stop');
      }),
    );
    assert.equal(db.prepare('SELECT count(*) AS rows FROM settings').get()?.['rows'], 0);
    inTransaction(db, put);
    assert.equal(db.prepare('SELECT count(*) AS rows FROM settings').get()?.['rows'], 1);
  }));
