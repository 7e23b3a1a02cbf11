import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { openStore } from '../../src/store/open-store.ts';
import { callRecord, organizationId } from './store/call-fixture.ts';
import { runStoreSuite } from './store-suite.ts';
import type { Store } from '../../src/store/open-store.ts';

function createFile() {
  const folder = mkdtempSync(join(tmpdir(), 'qingzhou-store-'));
  const path = join(folder, 'qingzhou.db');
  const opened: Store[] = [];
  return {
    path,
    open: async (): Promise<Store> => {
      const store = await openStore({ path, now: () => 5_000 });
      opened.push(store);
      return store;
    },
    // A test that fails half way must not leave a thread that keeps the process alive.
    dispose: async (): Promise<void> => {
      await Promise.all(opened.map((store) => store.close()));
      rmSync(folder, { recursive: true });
    },
  };
}

runStoreSuite(() => Promise.resolve(createFile()));

/** A database with one settled call, and a connection of its own to tamper with it. */
async function withSettledCall(
  work: (db: DatabaseSync, store: Store) => Promise<void> | void,
): Promise<void> {
  const file = createFile();
  const store = await file.open();
  await store.ensureOrganization({ id: organizationId, name: 'a', at: 1 });
  await store.settle(callRecord('qzc_1', 700, 500));
  const db = new DatabaseSync(file.path, { timeout: 5_000 });
  try {
    await work(db, store);
  } finally {
    db.close();
    await store.close();
    await file.dispose();
  }
}

const appendOnly = [
  'ledger_entries',
  'ledger_transactions',
  'price_versions',
  'calls',
  'call_kinds',
] as const;
const changes: Readonly<Record<(typeof appendOnly)[number], string>> = {
  ledger_entries: 'UPDATE ledger_entries SET amount = amount + 1',
  ledger_transactions: "UPDATE ledger_transactions SET kind = 'refund'",
  price_versions: 'UPDATE price_versions SET valid_from = 0',
  calls: 'UPDATE calls SET charge = 0',
  call_kinds: "UPDATE call_kinds SET offered_model = 'other'",
};

for (const table of appendOnly) {
  test(`sqlite: rows of ${table} can be neither changed nor deleted`, () =>
    withSettledCall((db) => {
      db.exec(
        "INSERT INTO price_versions (id, model, valid_from, source, recorded_at, body) VALUES ('v', 'm', 1, 'operator', 1, '{}')",
      );
      assert.throws(() => db.exec(changes[table]), new RegExp(`${table} is append-only`));
      assert.throws(() => db.exec(`DELETE FROM ${table}`), new RegExp(`${table} is append-only`));
    }));
}

test('sqlite: an entry that moves nothing, or from an account to itself, is refused', () =>
  withSettledCall((db) => {
    const insert = (from: number, to: number, amount: number) =>
      db.prepare('INSERT INTO ledger_entries VALUES (1, 9, ?, ?, ?)').run(from, to, amount);
    assert.throws(() => insert(1, 2, 0), /CHECK/);
    assert.throws(() => insert(1, 2, -5), /CHECK/);
    assert.throws(() => insert(1, 1, 5), /CHECK/);
    assert.throws(() => insert(1, 99, 5), /FOREIGN KEY/);
  }));

const plants: readonly (readonly [name: string, sql: string, found: RegExp])[] = [
  [
    'an entry beside the book',
    'INSERT INTO ledger_entries VALUES (1, 9, 5, 1, 3)',
    /ledger account \d \(\w+\) shows/,
  ],
  [
    'a balance that was touched',
    'UPDATE ledger_balances SET balance = balance + 1 WHERE account_id = 1',
    /ledger account 1 \(revenue\) shows 701, its entries sum to 700/,
  ],
  [
    'a call whose charge was rewritten',
    'DROP TRIGGER calls_keep; UPDATE calls SET charge = 1',
    /call qzc_1 says charge 1 and cost 500, the book says 700 and 500/,
  ],
  ['a call that vanished', 'DROP TRIGGER calls_stay; DELETE FROM calls', /settlement 1 belongs to no call/],
  [
    'a transaction without entries',
    "INSERT INTO ledger_transactions VALUES (77, 'adjustment', 'x', 1)",
    /transaction 77 \(adjustment\) has no entries/,
  ],
  [
    'an entry without a transaction',
    'PRAGMA foreign_keys = OFF; INSERT INTO ledger_entries VALUES (78, 1, 5, 1, 3)',
    /an entry of transaction 78 belongs to no transaction/,
  ],
];

for (const [name, sql, found] of plants) {
  test(`sqlite: the audit finds ${name}`, () =>
    withSettledCall(async (db, store) => {
      assert.deepEqual(await store.audit(), []);
      db.exec(sql);
      const differences = await store.audit();
      assert.ok(
        differences.some((difference) => found.test(difference)),
        differences.join('\n'),
      );
    }));
}

test('sqlite: a settlement waits for another process that holds the lock, and is not lost', () =>
  withSettledCall(async (db, store) => {
    db.exec('BEGIN IMMEDIATE');
    let isSettled = false;
    const settled = store.settle(callRecord('qzc_2', 1)).then(() => (isSettled = true));
    // Longer than any commit takes without a lock.
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(isSettled, false);
    db.exec('COMMIT');
    await settled;
    assert.deepEqual(await store.audit(), []);
  }));

test('sqlite: a file that is no database is refused in one sentence that names it', async () => {
  const file = createFile();
  writeFileSync(file.path, 'this is not a database, only a text that is long enough to be read as a header');
  await assert.rejects(file.open(), (error: Error) =>
    error.message.startsWith(`The database ${file.path} could not be opened: `),
  );
  await file.dispose();
});

test('sqlite: a database of a newer version is refused', async () => {
  const file = createFile();
  await (await file.open()).close();
  const db = new DatabaseSync(file.path);
  db.exec("INSERT INTO schema_migrations VALUES (9999, '9999-future.sql', '', 1)");
  db.close();
  await assert.rejects(file.open(), /newer than this version of Qingzhou/);
  await file.dispose();
});

test('sqlite: a migration that changed after it ran is refused', async () => {
  const file = createFile();
  await (await file.open()).close();
  const db = new DatabaseSync(file.path);
  db.exec("UPDATE schema_migrations SET checksum = 'other'");
  db.close();
  await assert.rejects(file.open(), /was changed after it had run/);
  await file.dispose();
});

test('sqlite: after kill -9 in the middle of commits every acknowledged settlement is there and the book is whole', async (context) => {
  const file = createFile();
  context.after(() => file.dispose());
  for (let round = 0; round < 3; round += 1) {
    const script = new URL('./store/settling-process.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, [script, file.path], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8');
    for await (const chunk of child.stdout) {
      output += chunk as string;
      // Killed while more commits are on their way; the rest of the output is what was acknowledged before.
      if (output.length > 13 * (500 + 333 * round)) child.kill('SIGKILL');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    assert.equal(child.signalCode, 'SIGKILL');
    const acknowledged = output.split('\n').filter((line) => line.length === 12);
    const store = await file.open();
    assert.deepEqual(await store.audit(), []);
    assert.deepEqual((await store.integrity()).problems, []);
    const written = new Set(
      (await store.recentCalls(organizationId, 1_000_000)).map(({ callId }) => callId as string),
    );
    assert.deepEqual(
      acknowledged.filter((callId) => !written.has(callId)),
      [],
    );
    const [wallet] = await store.loadWallets();
    assert.equal(wallet?.balance, -7n * BigInt(written.size));
    await store.close();
  }
});
