import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LaunchError } from './launch-error.mjs';
import { findNode, pinnedEnvironment, root, toolPath } from './place.mjs';
import { runQuietly } from './run-child.mjs';

/** What the build is made of, relative to `web`; the pages of docs/ are part of the app. */
const sources = ['src', 'public', 'docs-pages', 'index.html', 'vite.config.ts', 'package.json', '../docs'];

/** Builds the web app when its sources are not the ones the present build was made from. */
export async function ensureWebBuilt(webFolder = join(root, 'web')) {
  const marker = join(webFolder, 'dist', '.built-from');
  const wanted = hashSources(webFolder);
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return;
  console.log('Building the web app ...');
  const node = findNode();
  const vite = toolPath('vite', 'bin/vite.js');
  const result = await runQuietly(node, [vite, 'build', webFolder, '--logLevel', 'warn'], {
    env: pinnedEnvironment(node),
  });
  if (result.code !== 0) throw new LaunchError(`The web app could not be built:\n${result.output.trim()}`);
  writeFileSync(marker, wanted);
}

function hashSources(webFolder) {
  const hash = createHash('sha256');
  for (const source of sources) addToHash(hash, webFolder, source);
  return hash.digest('hex');
}

function addToHash(hash, folder, relative) {
  const path = join(folder, relative);
  if (!existsSync(path)) return;
  if (statSync(path).isDirectory()) {
    for (const name of readdirSync(path).sort()) addToHash(hash, folder, `${relative}/${name}`);
    return;
  }
  hash.update(`${relative}\0`).update(readFileSync(path)).update('\0');
}
