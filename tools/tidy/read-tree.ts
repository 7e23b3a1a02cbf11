import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceTree } from './source-tree.ts';

const binaryFiles = /\.(png|jpg|jpeg|gif|ico|woff2?|bin|gz|pdf|db)$/;
const greatestBytes = 4 * 1024 * 1024;

/** Every file that is tracked or about to be: what `git` knows and does not ignore. */
export function readTree(root: string): SourceTree {
  const list = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
  });
  const tree = new Map<string, string>();
  for (const path of list.toString().split('\0')) {
    const full = join(root, path);
    if (path === '' || binaryFiles.test(path) || !existsSync(full)) continue;
    const stats = statSync(full);
    if (stats.isFile() && stats.size <= greatestBytes) tree.set(path, readFileSync(full, 'utf8'));
  }
  return tree;
}
