import { randomBytes } from 'node:crypto';
import type { KeyLimits } from '../access/principal.ts';
import { mintKey } from '../control/mint-key.ts';
import { asFailure } from './account-add.ts';
import { CommandFailure } from './command-failure.ts';
import { keyBody } from './key-list.ts';
import type { Output } from './output.ts';
import type { CreateKeyFlags } from './program.ts';
import { withWorkspace } from './workspace-command.ts';

export async function createKeyCommand(flags: CreateKeyFlags, output: Output): Promise<void> {
  const expiresAt = flags.expires === undefined ? undefined : Date.parse(flags.expires);
  if (expiresAt !== undefined && Number.isNaN(expiresAt)) {
    throw new CommandFailure(`--expires takes a date such as 2027-01-31, and "${flags.expires}" is not one.`);
  }
  await withWorkspace(async ({ store, ids, now, hashKey, organizationId }) => {
    const { key, record } = await asFailure(() =>
      mintKey(
        { store, ids, now, hashKey, randomBytes },
        {
          organizationId,
          name: flags.name,
          limits: limitsOf(flags),
          isStrict: flags.strict === true,
          ...(expiresAt === undefined ? {} : { expiresAt }),
          ...(flags.models === undefined ? {} : { allowedModels: flags.models }),
          ...(flags.addresses === undefined ? {} : { allowedAddresses: flags.addresses }),
        },
      ),
    );
    if (output.isJson) {
      output.json({ key, ...keyBody(record) });
      return;
    }
    output.line(key);
    output.line('This is the only time the key is shown. A running relay knows it within a second.');
  });
}

function limitsOf(flags: CreateKeyFlags): KeyLimits {
  return {
    ...(flags.rpm === undefined ? {} : { requestsPerMinute: flags.rpm }),
    ...(flags.tpm === undefined ? {} : { tokensPerMinute: flags.tpm }),
    ...(flags.concurrency === undefined ? {} : { concurrency: flags.concurrency }),
  };
}
