import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LaunchError } from './launch-error.mjs';
import { root } from './place.mjs';
import { runQuietly } from './run-child.mjs';

/**
 * Installs the locked packages if they are not there. The usual case is one hash of the lock file and no npm.
 * @param {string} folder repository
 */
export async function ensureInstalled(folder = root) {
  const lockText = readLock(folder);
  const wanted = `${createHash('sha256').update(lockText).digest('hex')} ${process.platform}-${process.arch}\n`;
  const marker = join(folder, 'node_modules', '.qingzhou-installed');
  if (readIfThere(marker) === wanted) return;
  if (!isInstalled(lockText, readIfThere(join(folder, 'node_modules', '.package-lock.json')))) {
    await install(folder);
  }
  try {
    writeFileSync(marker, wanted);
  } catch (error) {
    throw new LaunchError(explainInstallFailure(String(error)));
  }
}

function readLock(folder) {
  const text = readIfThere(join(folder, 'package-lock.json'));
  if (text !== undefined) return text;
  throw new LaunchError('package-lock.json is missing: get a complete copy of the repository.');
}

function readIfThere(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

/**
 * True when npm's own record says that every locked package is there at its locked version, as after `npm install`.
 * Optional packages of other platforms are absent and stay so.
 * @param {string} lockText package-lock.json
 * @param {string | undefined} installedText node_modules/.package-lock.json
 * @returns {boolean}
 */
export function isInstalled(lockText, installedText) {
  if (installedText === undefined) return false;
  const installed = JSON.parse(installedText).packages ?? {};
  for (const [path, entry] of Object.entries(JSON.parse(lockText).packages ?? {})) {
    if (!path.startsWith('node_modules/')) continue;
    const found = installed[path];
    if (found === undefined && entry.optional !== true && entry.devOptional !== true) return false;
    if (found !== undefined && found.version !== entry.version) return false;
  }
  return true;
}

async function install(folder) {
  const begun = Date.now();
  console.log('Installing packages (first run or changed lock file; usually under two minutes) ...');
  let log = '';
  const ticker = setInterval(() => {
    const fetched = log.match(/fetch GET 200/g)?.length ?? 0;
    console.log(`  still installing, ${Math.round((Date.now() - begun) / 1000)} s, ${fetched} fetched`);
  }, 10_000);
  // Telling every fetch (loglevel http) is what lets us see that none succeeds: without network, npm itself goes on
  // through all optional packages, each with its retries, for more than ten minutes.
  const patience = ['--fetch-retries=1', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=4000'];
  const args = ['ci', '--prefix', folder, '--no-audit', '--no-fund', '--loglevel=http', ...patience];
  const npm = process.env.npm_execpath;
  const [file, ...before] = npm === undefined ? ['npm'] : [process.execPath, npm];
  const result = await runQuietly(file, [...before, ...args], {
    isHopeless: (output) => {
      log = output;
      return isUnreachable(output);
    },
  });
  clearInterval(ticker);
  if (result.code !== 0) throw new LaunchError(explainInstallFailure(result.output));
  console.log(`Installed in ${Math.round((Date.now() - begun) / 1000)} s.`);
}

const networkCodes =
  'ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|ENOTCACHED';

/**
 * True when three packages were given up on and not one was fetched.
 * @param {string} output what npm printed so far
 * @returns {boolean}
 */
export function isUnreachable(output) {
  const lost = output.match(new RegExp(`attempt 2 failed with (?:${networkCodes})`, 'g'))?.length ?? 0;
  return lost >= 3 && !/fetch GET (?:200|304)/.test(output);
}

const causes = [
  [
    new RegExp(networkCodes),
    'the package registry cannot be reached. Check the network, proxy and npm registry settings, then run this again',
  ],
  [/ENOSPC/, 'the disk is full. Free about 1 GB and run this again'],
  [
    /EACCES|EPERM|EROFS/,
    'this folder cannot be written. Run this as its owner, or clone it somewhere you own',
  ],
  [
    /EUSAGE/,
    'package.json and package-lock.json do not match. Run "git checkout package-lock.json", or "npm install" if you changed package.json',
  ],
  [/EINTEGRITY/, 'a package does not match its locked checksum. Run "npm cache clean --force" and try again'],
  [/E401|E403/, 'the package registry refused access. Check the npm registry settings'],
  [/not found|ENOENT.*npm/, 'npm was not found. Install Node with npm from https://nodejs.org'],
];

/**
 * @param {string} output what npm printed
 * @returns {string} one sentence
 */
export function explainInstallFailure(output) {
  const verdict = isUnreachable(output) ? output : output.replace(/^npm http .*$/gm, '');
  for (const [pattern, cause] of causes) {
    if (pattern.test(verdict)) return `Cannot install the packages: ${cause}.`;
  }
  const line = verdict.split('\n').findLast((text) => text.trim() !== '') ?? 'npm gave no reason';
  return `Cannot install the packages: ${line.trim()}`;
}
