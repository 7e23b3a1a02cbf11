import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';

export const repositoryRoot = join(import.meta.dirname, '..', '..');

/** Kept between runs, outside the workspace's dependencies, ignored by git. */
export const cacheFolder = join(repositoryRoot, '.cache', 'bench');

/** On the disk of the repository, not in a memory file system: durable writes must cost what they cost. */
export function createWorkFolder(name: string): string {
  mkdirSync(cacheFolder, { recursive: true });
  return mkdtempSync(join(cacheFolder, `${name}-`));
}
