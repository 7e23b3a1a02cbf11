/** One question and its answer over the channel between the harness and a process of its own. */
import type { ChildProcess } from 'node:child_process';

interface Question<Job> {
  readonly id: number;
  readonly job: Job;
}

interface Answer<Report> {
  readonly id: number;
  readonly report?: Report;
  readonly failure?: string;
}

/** In the child: answers each job, and leaves when the parent has gone. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- names the job that the caller's function takes
export function answerJobs<Job>(run: (job: Job) => unknown): void {
  const send = (answer: Answer<unknown>): void => {
    process.send?.(answer);
  };
  process.on('disconnect', () => process.exit(0));
  process.on('message', (message) => {
    const { id, job } = message as Question<Job>;
    Promise.try(run, job).then(
      (report) => send({ id, report }),
      (error: unknown) => send({ id, failure: error instanceof Error ? error.message : String(error) }),
    );
  });
}

export interface JobLink<Job, Report> {
  ask(job: Job, timeoutMs: number): Promise<Report>;
}

/** In the harness: asks the child one thing at a time or several, each bounded in time. */
export function linkJobs<Job, Report>(child: ChildProcess, name: string): JobLink<Job, Report> {
  const waiting = new Map<number, { resolve(report: Report): void; reject(error: Error): void }>();
  let lastId = 0;
  child.on('message', (message) => {
    const answer = message as Answer<Report>;
    const waiter = waiting.get(answer.id);
    waiting.delete(answer.id);
    if (answer.failure !== undefined) waiter?.reject(new Error(`${name}: ${answer.failure}`));
    else waiter?.resolve(answer.report as Report);
  });
  child.on('exit', (code) => {
    for (const waiter of waiting.values()) waiter.reject(new Error(`${name} ended with code ${code}`));
    waiting.clear();
  });
  return {
    ask(job, timeoutMs) {
      lastId += 1;
      const id = lastId;
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(id);
          reject(new Error(`${name} gave no answer within ${timeoutMs} ms`));
        }, timeoutMs);
        waiting.set(id, {
          resolve: (report) => {
            clearTimeout(timer);
            resolve(report);
          },
          reject: (error) => {
            clearTimeout(timer);
            reject(error);
          },
        });
        child.send({ id, job } satisfies Question<Job>);
      });
    },
  };
}
