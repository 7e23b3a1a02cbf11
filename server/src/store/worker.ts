/** The thread that owns the database connection. It takes messages one by one, so no lock is needed in here. */
import { parentPort, workerData } from 'node:worker_threads';
import { openDatabase } from './open-database.ts';
import { createOperations } from './operations.ts';
import { SettlementWriter } from './settlement-writer.ts';
import type { DatabaseSync } from 'node:sqlite';
import type { MessagePort } from 'node:worker_threads';
import type { FromWorker, ToWorker, WorkerSettings } from './worker-messages.ts';

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function send(port: MessagePort, message: FromWorker): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows; a worker has no origin
  port.postMessage(message);
}

/** True when another connection has committed since the last question: SQLite counts those in `data_version`. */
function createChangeCheck(db: DatabaseSync): () => boolean {
  const version = db.prepare('PRAGMA data_version');
  const read = () => Number(version.get()?.['data_version']);
  let seen = read();
  return () => {
    const current = read();
    const isChanged = current !== seen;
    seen = current;
    return isChanged;
  };
}

function serve(port: MessagePort, settings: WorkerSettings): void {
  const answer = (message: FromWorker) => send(port, message);
  const db = openDatabase(settings.path, settings.openedAt);
  const operations = createOperations({ db, path: settings.path, owner: settings.owner });
  const writer = new SettlementWriter(db, settings.owner);
  // From the opening on, so that a change between the first load and the begin of the watch is not missed.
  const hasChanged = createChangeCheck(db);
  let watcher: NodeJS.Timeout | undefined;

  const operate = (message: Extract<ToWorker, { kind: 'operation' }>): void => {
    try {
      const operation = operations[message.name] as (...args: readonly unknown[]) => unknown;
      const value = operation(...(message.args as readonly unknown[]));
      answer({ kind: 'result', id: message.id, value });
    } catch (error) {
      answer({ kind: 'fault', id: message.id, reason: reasonOf(error) });
    }
  };

  const close = (): void => {
    clearInterval(watcher);
    db.close();
    answer({ kind: 'closed' });
    port.close();
  };

  port.on('message', (message: ToWorker) => {
    switch (message.kind) {
      case 'commit':
        answer({ kind: 'committed', failures: writer.commit(message.batch) });
        return;
      case 'operation':
        operate(message);
        return;
      case 'watch':
        watcher ??= setInterval(() => {
          if (hasChanged()) answer({ kind: 'changed' });
        }, message.everyMs);
        return;
      case 'close':
        close();
        return;
    }
  });
  answer({ kind: 'opened' });
}

if (parentPort !== null) {
  try {
    serve(parentPort, workerData as WorkerSettings);
  } catch (error) {
    send(parentPort, { kind: 'not-opened', reason: reasonOf(error) });
  }
}
