import { readFile, stat } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** Headers of every page: nothing inline, nothing framed, nothing from elsewhere. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** Serves a file of the built web app, or `undefined` when there is none. Paths cannot leave the folder. */
export async function readStaticFile(folder: string, path: string): Promise<Response | undefined> {
  const relative = normalize(path === '/' ? '/index.html' : path);
  const file = join(folder, relative);
  if (!file.startsWith(folder + sep)) return undefined;
  const facts = await stat(file).catch(() => undefined);
  if (facts?.isFile() !== true) return undefined;
  const isHashed = relative.startsWith('/assets/');
  return new Response(await readFile(file), {
    headers: {
      ...pageHeaders,
      'content-type': contentTypes[extname(file)] ?? 'application/octet-stream',
      'cache-control': isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    },
  });
}
