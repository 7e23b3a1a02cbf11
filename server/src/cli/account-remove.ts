import type { Output } from './output.ts';
import { findAccount, withWorkspace } from './workspace-command.ts';

export async function removeAccountCommand(name: string, output: Output): Promise<void> {
  await withWorkspace(async (workspace) => {
    const account = await findAccount(workspace, name);
    await workspace.store.removeAccount(account.id);
    if (output.isJson) output.json({ id: account.id, removed: true });
    else output.line(`Removed ${account.name}. A running relay stops using it within a second.`);
  });
}
