import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import type { MatrixClient, RelayAddress, Seen } from './conversation.ts';

/** What the process answers to one order. */
interface Answered {
  readonly done?: unknown;
  readonly error?: { readonly message: string; readonly status: number | null };
}

/** An error that the official client raised in Python. */
class PythonError extends Error {
  readonly status: number | undefined;

  constructor({ message, status }: NonNullable<Answered['error']>) {
    super(message);
    this.name = 'PythonError';
    this.status = status ?? undefined;
  }
}

/** An official Python client in a process of its own, ordered by lines of JSON, one at a time. */
export function pythonClient(
  python: string,
  protocol: string,
  { url, key }: RelayAddress,
): MatrixClient & AsyncDisposable {
  const script = join(import.meta.dirname, '..', 'python', 'matrix_client.py');
  const child = spawn(python, [script, protocol, url, key], {
    env: { PATH: process.env['PATH'] ?? '' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const order = async (given: object): Promise<unknown> => {
    child.stdin.write(`${JSON.stringify(given)}\n`);
    const line = await lines.next();
    if (line.done === true) throw new Error('the Python process ended');
    const answered = JSON.parse(line.value) as Answered;
    if (answered.error !== undefined) throw new PythonError(answered.error);
    return answered.done;
  };
  let talks = 0;
  return {
    protocol,
    open(options) {
      const talk = (talks += 1);
      const opened = order({ op: 'open', talk, options });
      return {
        async ask(turn) {
          await opened;
          return (await order({ op: 'ask', talk, turn })) as Seen;
        },
      };
    },
    async abort(model, prompt) {
      await order({ op: 'abort', model, prompt });
    },
    statusOf: (error) => (error instanceof PythonError ? error.status : undefined),
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.stdin.end();
      await ended;
    },
  };
}
