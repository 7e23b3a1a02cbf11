import { CommandFailure } from './command-failure.ts';
import type { Output } from './output.ts';
import { withWorkspace } from './workspace-command.ts';

export async function revokeKeyCommand(nameOrId: string, output: Output): Promise<void> {
  await withWorkspace(async ({ store, organizationId, now }) => {
    const active = (await store.listKeys(organizationId)).filter((key) => key.disabledAt === undefined);
    const found = active.filter((key) => key.keyName === nameOrId || key.keyId === nameOrId);
    const [key, ...others] = found;
    if (key === undefined) throw new CommandFailure(`There is no active relay key "${nameOrId}".`);
    if (others.length > 0) {
      throw new CommandFailure(
        `${found.length} active relay keys are named "${nameOrId}". Say which by id: ${found.map(({ keyId }) => keyId).join(', ')}.`,
      );
    }
    await store.disableKey(organizationId, key.keyId, now());
    if (output.isJson) output.json({ id: key.keyId, revoked: true });
    else output.line(`Revoked ${key.keyName}. A running relay refuses it within a second.`);
  });
}
