/**
 * Tidy: the rules of docs/architecture.md that no compiler knows, as pure functions from the tracked files to
 * violations. `tools/tidy.test.ts` runs each over the repository, and over a planted violation that it must catch.
 * Must not read the disk outside `read-tree.ts`. Begin with `dependency-rules.ts`.
 */

/** Path relative to the repository, with slashes -> text. */
export type SourceTree = ReadonlyMap<string, string>;

/** One sentence: where, and what is wrong with it. */
export type Violation = string;

export type Rule = (tree: SourceTree) => readonly Violation[];

export interface Import {
  readonly from: string;
  readonly specifier: string;
  /** Path in the tree, for a relative import; the specifier itself for a package. */
  readonly target: string;
}

const importPattern = /(?:\bfrom|\bimport)\s*\(?\s*(['"])([^'"\n]+)\1/g;

/** Every static and literal dynamic import of a file. */
export function importsOf(path: string, text: string): readonly Import[] {
  return [...withoutComments(text).matchAll(importPattern)].map((match) => {
    const specifier = match[2] ?? '';
    return { from: path, specifier, target: resolveSpecifier(path, specifier) };
  });
}

function resolveSpecifier(path: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier;
  const parts = path.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}

/** The text with comments blanked out and every line where it was. Strings are kept, whatever they contain. */
export function withoutComments(text: string): string {
  const pattern = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;
  return text.replace(pattern, (found) => (found.startsWith('/') ? found.replace(/[^\n]/g, ' ') : found));
}

export function isCode(path: string): boolean {
  return /\.(ts|mts|mjs|tsx)$/.test(path);
}

export function isTest(path: string): boolean {
  return /(\.(test|long)|-test-kit)\.ts$/.test(path) || path.startsWith('server/test/');
}

/** Each match of a pattern with its line number. */
export function findMatches(text: string, pattern: RegExp): readonly { line: number; found: string }[] {
  return [...text.matchAll(pattern)].map((match) => ({
    line: text.slice(0, match.index).split('\n').length,
    found: match[0],
  }));
}
