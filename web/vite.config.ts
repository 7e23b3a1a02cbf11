// Builds into web/dist, which the server serves from its own port. Nothing inline, nothing from elsewhere.
// `npm start` calls it when the sources have changed.
import { join } from 'node:path';
import { defineConfig } from 'vite';
import { docsPlugin } from './docs-pages/docs-plugin.ts';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [docsPlugin(join(import.meta.dirname, '..', 'docs'))],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
