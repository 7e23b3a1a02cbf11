import { isCode, isTest, withoutComments } from './source-tree.ts';
import { longFiles } from './long-files.ts';
import type { Rule, SourceTree } from './source-tree.ts';

function code(tree: SourceTree): readonly (readonly [string, string])[] {
  return [...tree].filter(([path]) => isCode(path));
}

/** kebab-case, and no drawer names. */
export const fileNames: Rule = (tree) =>
  code(tree).flatMap(([path]) => {
    const name = (path.split('/').at(-1) ?? '').replace(
      /(\.(test|long|client|config|d))?\.(ts|mts|mjs|tsx)$/,
      '',
    );
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) return [`${path}: the file name is not kebab-case`];
    const drawer = name.split('-').find((part) => drawerNames.includes(part));
    return drawer === undefined ? [] : [`${path}: "${drawer}" says nothing about what the file is`];
  });

const drawerNames: readonly string[] =
  'util utils helper helpers common misc manager managers service services'.split(' ');

const mostLines = 300;

/** Nobody reads a file of more than 300 lines; those that must be longer say why in `long-files.ts`. */
export const fileSizes: Rule = (tree) => [
  ...code(tree).flatMap(([path, text]) => {
    const lines = text.trimEnd().split('\n').length;
    return lines <= mostLines || longFiles[path] !== undefined
      ? []
      : [`${path}: ${lines} lines; split it, or give a reason in tools/tidy/long-files.ts`];
  }),
  ...Object.keys(longFiles)
    .filter((path) => (tree.get(path) ?? '').trimEnd().split('\n').length <= mostLines)
    .map((path) => `${path}: is not over ${mostLines} lines any more; take it off tools/tidy/long-files.ts`),
];

/** Tools that demand a default export get one. */
const defaultExportFiles = /^(web\/vite\.config\.ts|knip\.config\.ts|tools\/launch\/[a-z]+-reporter\.mjs)$/;

export const noDefaultExports: Rule = (tree) =>
  code(tree)
    .filter(([path]) => !defaultExportFiles.test(path))
    .filter(([, text]) => /^export default\b|^export\s*\{[^}]*\bas default\b/m.test(withoutComments(text)))
    .map(([path]) => `${path}: has a default export`);

/** Every folder of code says in one of its files, before anything else, what it is. */
export const folderHeaders: Rule = (tree) => {
  const folders = new Map<string, boolean>();
  for (const [path, text] of code(tree)) {
    if (isTest(path) && !path.startsWith('server/test/')) continue;
    const folder = path.split('/').slice(0, -1).join('/');
    folders.set(folder, folders.get(folder) === true || hasHeader(text));
  }
  return [...folders]
    .filter(([folder, isDescribed]) => !isDescribed && folder !== '')
    .map(([folder]) => `${folder}: no file of this folder opens with a header comment (3 to 20 lines)`);
};

/** A comment that opens the file and describes a folder, not a single declaration: at most 20 lines. */
function hasHeader(text: string): boolean {
  const block = /^(?:#![^\n]*\n)?\s*\/\*\*?([\s\S]*?)\*\//.exec(text)?.[0];
  const lines = /^(?:#![^\n]*\n)?((?:\/\/[^\n]*\n)+)/.exec(text)?.[1];
  const size = (block ?? lines ?? '').trim().split('\n').length;
  const least = lines !== undefined ? 2 : 3;
  return size >= least && size <= 20;
}
