import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { LaunchError } from './launch-error.mjs';
import { findNode, pinnedEnvironment, root } from './place.mjs';

/**
 * Runs a script of ours under the pinned Node in the foreground: its output, its signals and its exit code are ours.
 * @param {string} script path relative to the repository
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [extraEnv]
 * @returns {Promise<number>} exit code
 */
export function runScript(script, args, extraEnv = {}) {
  if (!existsSync(join(root, script))) {
    throw new LaunchError(`This checkout has no ${script}: get a complete copy of the repository.`);
  }
  const node = findNode();
  const child = spawn(node, [script, ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...pinnedEnvironment(node), ...extraEnv },
  });
  return follow(child, node);
}

function follow(child, node) {
  // A terminal sends Ctrl-C to parent and child alike; passing it on as well would look like a second, impatient one.
  const passed = process.stdin.isTTY ? ['SIGTERM'] : ['SIGTERM', 'SIGINT', 'SIGHUP'];
  const handlers = ['SIGTERM', 'SIGINT', 'SIGHUP'].map((signal) => {
    const handler = () => {
      if (passed.includes(signal)) child.kill(signal);
    };
    process.on(signal, handler);
    return [signal, handler];
  });
  // npm may die without passing anything on; a server that nobody waits for would keep the port.
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid !== parent) child.kill('SIGTERM');
  }, 500);
  return new Promise((resolve, reject) => {
    child.on('error', (error) => {
      clearInterval(watch);
      reject(new LaunchError(`Cannot run ${node}: ${error.message}.`));
    });
    child.on('exit', (code, signal) => {
      clearInterval(watch);
      for (const [name, handler] of handlers) process.off(name, handler);
      resolve(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}

/**
 * Runs a tool with its output kept back.
 * @param {string} file executable
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, isHopeless?: (output: string) => boolean }} [options] `isHopeless` sees the output
 *   so far; when it says so the tool is stopped
 * @returns {Promise<{ code: number, output: string }>}
 */
export function runQuietly(file, args, { env = process.env, isHopeless = () => false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env });
    let output = '';
    const keep = (bytes) => {
      output += bytes.toString();
      if (isHopeless(output)) child.kill();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => resolve({ code: 127, output: `${output}${error.message}\n` }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}
