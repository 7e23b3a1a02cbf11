import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';
import { renderMarkdown } from './render-markdown.ts';

/** Adds `docs/*.md` of the repository to the build as `docs/*.html`. */
export function docsPlugin(docsFolder: string): Plugin {
  return {
    name: 'qingzhou-docs',
    generateBundle() {
      const style = readFileSync(join(import.meta.dirname, 'docs.css'), 'utf8');
      this.emitFile({ type: 'asset', fileName: 'docs/docs.css', source: style });
      for (const name of readdirSync(docsFolder).filter((file) => file.endsWith('.md'))) {
        const source = wrap(renderMarkdown(readFileSync(join(docsFolder, name), 'utf8')));
        this.emitFile({ type: 'asset', fileName: `docs/${name.replace(/\.md$/, '.html')}`, source });
      }
    },
  };
}

function wrap(body: string): string {
  const title = /<h1[^>]*>(.*?)<\/h1>/.exec(body)?.[1] ?? 'Qingzhou';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} - Qingzhou</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="docs.css">
</head>
<body>
<header><a href="/">轻舟 Qingzhou</a></header>
<main>
${body}
</main>
</body>
</html>
`;
}
