import { fileURLToPath } from 'node:url';

/** Folder of the checkout the tests run in. */
export const repositoryRoot = fileURLToPath(new URL('../../../', import.meta.url)).replace(/\/$/, '');
