import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startSimulator } from '../../index.ts';

const folder = process.env['RECORDINGS_DIR'] ?? join(import.meta.dirname, '../../../../../shared/recordings');
const skip = existsSync(folder) ? false : `no recordings in ${folder}`;

/** Betas were removed from the recordings; these are the ones their bodies need. */
const BETAS = 'mcp-client-2025-11-20,mid-conversation-tool-changes-2026-07-01,context-management-2025-06-27';

/** What only the provider could know: its own signatures, and models that have left since. */
const UNKNOWABLE = /Invalid `signature` in `thinking` block|Invalid `encrypted_|^model: /;

interface Recorded {
  readonly id: string;
  readonly path: string;
  readonly request: { readonly json: unknown };
  readonly response: { readonly status: number };
}

test('what the provider took is taken, what it refused is refused', { skip }, async () => {
  const simulator = await startSimulator();
  const headers = {
    'x-api-key': 'sk-ant-recorded',
    'anthropic-version': '2023-06-01',
    'anthropic-beta': BETAS,
  };
  const different: string[] = [];
  try {
    for (const family of ['anthropic-messages', 'anthropic-count-tokens']) {
      const lines = readFileSync(join(folder, `${family}.jsonl`), 'utf8')
        .trim()
        .split('\n');
      for (const line of lines) {
        const recorded = JSON.parse(line) as Recorded;
        const body = JSON.stringify(recorded.request.json);
        const response = await fetch(`${simulator.url}${recorded.path}`, { method: 'POST', headers, body });
        const text = await response.text();
        if (response.status === recorded.response.status) continue;
        const { error } = JSON.parse(text) as { error?: { message: string } };
        if (!UNKNOWABLE.test(error?.message ?? ''))
          different.push(`${recorded.id}: ${response.status} ${error?.message}`);
      }
    }
  } finally {
    await simulator.close();
  }
  assert.deepEqual(different, []);
});
