import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import type { EpochMs } from '../domain/time.ts';

interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

const folder = new URL('../../migrations/', import.meta.url);

function readMigrations(): readonly Migration[] {
  return readdirSync(folder)
    .filter((name) => /^\d{4}-.+\.sql$/.test(name))
    .sort()
    .map((name) => {
      const sql = readFileSync(new URL(name, folder), 'utf8');
      return {
        number: Number(name.slice(0, 4)),
        name,
        sql,
        checksum: createHash('sha256').update(sql).digest('hex'),
      };
    });
}

/**
 * Forward only. Each file runs in one transaction together with its own note, so a crash leaves it done or not begun.
 * A file that changed after it ran, or a database newer than this program, is refused: guessing would harm the book.
 */
export function applyMigrations(db: DatabaseSync, at: EpochMs): void {
  db.exec(`CREATE TABLE IF NOT EXISTS schema_migrations (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at INTEGER NOT NULL
  ) STRICT`);
  const migrations = readMigrations();
  const known = new Map(migrations.map((migration) => [migration.number, migration]));
  db.exec('BEGIN IMMEDIATE');
  try {
    const applied = new Set<number>();
    for (const row of db.prepare('SELECT number, name, checksum FROM schema_migrations').all()) {
      const migration = known.get(Number(row['number']));
      if (migration === undefined) {
        throw new Error(
          `The database is newer than this version of Qingzhou (it knows migration ${String(row['name'])}). Update Qingzhou.`,
        );
      }
      if (migration.checksum !== row['checksum']) {
        throw new Error(
          `Migration ${migration.name} was changed after it had run. Restore the original file.`,
        );
      }
      applied.add(migration.number);
    }
    const note = db.prepare('INSERT INTO schema_migrations VALUES (?, ?, ?, ?)');
    for (const migration of migrations) {
      if (applied.has(migration.number)) continue;
      db.exec(migration.sql);
      note.run(migration.number, migration.name, migration.checksum, at);
    }
    db.exec('COMMIT');
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
