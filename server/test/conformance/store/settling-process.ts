/** Settles without end and tells each acknowledged call on standard output, until it is killed. */
import { openStore } from '../../../src/store/open-store.ts';
import { callRecord, organizationId } from './call-fixture.ts';

const path = process.argv[2];
if (path === undefined) throw new Error('Give the database file.');
const store = await openStore({ path, now: Date.now });
await store.ensureOrganization({ id: organizationId, name: 'a', at: 1 });

let next = 0;
async function settleForever(): Promise<void> {
  for (;;) {
    next += 1;
    const callId = `qzc_${String(next).padStart(8, '0')}`;
    await store.settle(callRecord(callId, 7, 5));
    process.stdout.write(`${callId}\n`);
  }
}
await Promise.all(Array.from({ length: 40 }, settleForever));
