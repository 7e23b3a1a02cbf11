import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export const repositoryRoot = join(import.meta.dirname, '..', '..');

/** Kept between runs, outside the workspace's dependencies, ignored by git. */
export const cacheFolder = join(repositoryRoot, '.cache', 'bench');

const inUse = new Set<string>();

/** On the disk of the repository, not in a memory file system: durable writes must cost what they cost. */
export function createWorkFolder(name: string): string {
  mkdirSync(cacheFolder, { recursive: true });
  const folder = mkdtempSync(join(cacheFolder, `${name}-`));
  inUse.add(folder);
  return folder;
}

export function removeWorkFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  inUse.delete(folder);
}

/** For the end of the harness, however it comes. */
export function removeWorkFolders(): void {
  for (const folder of inUse) removeWorkFolder(folder);
}
