/**
 * The durable store on SQLite: a worker thread owns the connection, this side gathers and asks.
 *
 * It implements the ports of `access`, `ledger`, `routing` and `control` and must not know prices, policies or
 * protocols: what a call costs is decided before it gets here.
 *
 * Begin in `open-store.ts`; settlements go through `group-commit.ts` (this thread) and `settlement-writer.ts` (the
 * worker), everything else through `operations.ts`. The schema is in `server/migrations`.
 */
import { randomUUID } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { GroupCommit } from './group-commit.ts';
import type { AccessStore } from '../access/access-store.ts';
import type { Now } from '../domain/time.ts';
import type { LedgerStore } from '../ledger/ledger-store.ts';
import type { AccountStore } from '../routing/account.ts';
import type { OrganizationStore } from '../control/organization-store.ts';
import type { FromWorker, ToWorker, WorkerSettings } from './worker-messages.ts';
import type { Operations, StoreIntegrity } from './operations.ts';

export interface Store extends AccessStore, AccountStore, LedgerStore, OrganizationStore {
  /**
   * Calls `listener` when keys, accounts, wallets or prices may have changed: within about half a second for another
   * process, at once for this one. Settlements of this process do not count. Returns the end of the watch.
   */
  watchChanges(listener: () => void): () => void;
  integrity(): Promise<StoreIntegrity>;
  /** Writes what waits, closes the file, ends the thread. */
  close(): Promise<void>;
}

interface StoreSettings {
  readonly path: string;
  readonly now: Now;
}

const watchEveryMs = 500;

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Request and answer over the worker's port; commits go beside it in `group-commit.ts`. */
function createConnection(worker: Worker) {
  const post = (message: ToWorker) => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows; a worker has no origin
    worker.postMessage(message);
  };
  const commits = new GroupCommit((batch) => post({ kind: 'commit', batch }));
  const pending = new Map<number, Pending>();
  const listeners = new Set<() => void>();
  const opened = Promise.withResolvers<undefined>();
  const closed = Promise.withResolvers<undefined>();
  let nextId = 0;

  const notify = () => {
    for (const listener of listeners) listener();
  };
  const settlePending = (id: number, finish: (waiter: Pending) => void) => {
    const waiter = pending.get(id);
    pending.delete(id);
    if (waiter !== undefined) finish(waiter);
  };
  const lose = (reason: string) => {
    commits.abandon(reason);
    for (const waiter of pending.values()) waiter.reject(new Error(reason));
    pending.clear();
    opened.reject(new Error(reason));
    closed.resolve(undefined);
  };
  worker.on('error', (error) => lose(error instanceof Error ? error.message : 'The store stopped.'));
  worker.on('exit', () => lose('The store is closed.'));
  // Node runs the promises of one message before it hands over the next, so a balance that was read is seen after just
  // those settlements it includes. The store suite pins this.
  worker.on('message', (message: FromWorker) => {
    switch (message.kind) {
      case 'opened':
        opened.resolve(undefined);
        return;
      case 'not-opened':
        opened.reject(new Error(message.reason));
        return;
      case 'committed':
        commits.committed(message.failures);
        return;
      case 'result':
        settlePending(message.id, (waiter) => waiter.resolve(message.value));
        return;
      case 'fault':
        settlePending(message.id, (waiter) => waiter.reject(new Error(message.reason)));
        return;
      case 'changed':
        notify();
        return;
      case 'closed':
        closed.resolve(undefined);
        return;
    }
  });

  return {
    commits,
    listeners,
    notify,
    post,
    opened: opened.promise,
    closed: closed.promise,
    request: <Name extends keyof Operations>(
      name: Name,
      ...args: Parameters<Operations[Name]>
    ): Promise<ReturnType<Operations[Name]>> =>
      new Promise((resolve, reject) => {
        nextId += 1;
        pending.set(nextId, { resolve: resolve as (value: unknown) => void, reject });
        post({ kind: 'operation', id: nextId, name, args });
      }),
  };
}

/** Opens the database, creating and migrating it as needed. Rejects with one sentence that names the file. */
export async function openStore({ path, now }: StoreSettings): Promise<Store> {
  const workerData: WorkerSettings = { path, owner: randomUUID(), openedAt: now() };
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData, name: 'store' });
  const connection = createConnection(worker);
  const { commits, request, notify } = connection;
  try {
    await connection.opened;
  } catch (error) {
    await worker.terminate();
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The database ${path} could not be opened: ${reason}`, { cause: error });
  }
  const changing = async <Result>(change: Promise<Result>): Promise<Result> => {
    const result = await change;
    notify();
    return result;
  };
  return {
    loadKeys: () => request('loadKeys'),
    listKeys: (organizationId) => request('listKeys', organizationId),
    insertKey: (record) => changing(request('insertKey', record)),
    disableKey: (organizationId, keyId, at) => changing(request('disableKey', organizationId, keyId, at)),
    loadAccounts: () => request('loadAccounts'),
    insertAccount: (record) => changing(request('insertAccount', record)),
    removeAccount: (id) => changing(request('removeAccount', id, now())),
    loadWallets: () => request('loadWallets'),
    loadPrices: () => request('loadPrices'),
    appendPrices: (versions, source, at) => changing(request('appendPrices', versions, source, at)),
    settle: (record) => commits.settle(record),
    markOpen: (callId, organizationId, startedAt) => commits.markOpen(callId, organizationId, startedAt),
    releaseDead: () => request('releaseDead', now()),
    topUp: (organizationId, amount, reference, at) =>
      changing(request('topUp', organizationId, amount, reference, at)),
    findCall: (organizationId, callId) => request('findCall', organizationId, callId),
    usage: (query) => request('usage', query),
    recentCalls: (organizationId, limit) => request('recentCalls', organizationId, limit),
    audit: () => request('audit'),
    setting: (name) => request('setting', name),
    putSetting: (name, value) => request('putSetting', name, value),
    ensureOrganization: (seed) => changing(request('ensureOrganization', seed)),
    integrity: () => request('integrity'),
    watchChanges(listener) {
      connection.listeners.add(listener);
      connection.post({ kind: 'watch', everyMs: watchEveryMs });
      return () => void connection.listeners.delete(listener);
    },
    async close() {
      await commits.drained();
      connection.post({ kind: 'close' });
      await connection.closed;
      await worker.terminate();
    },
  };
}
