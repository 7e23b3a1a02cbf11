/**
 * The entry of the process: runs one command line, drains on SIGTERM and SIGINT (see `cli/start.ts`), gives the exit code.
 */
import { runProgram } from './cli/program.ts';

/** Runs `args` (without node and file). Returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  return runProgram(args);
}
