import { formatUsd, type NanoUsd } from '../domain/money.ts';
import type { Output } from './output.ts';
import { withWorkspace } from './workspace-command.ts';

export async function topUpCommand(
  options: { amount: NanoUsd; reference?: string },
  output: Output,
): Promise<void> {
  await withWorkspace(async ({ store, organizationId, ids, now }) => {
    const reference = options.reference ?? ids.next('transaction');
    await store.topUp(organizationId, options.amount, reference, now());
    const wallet = (await store.loadWallets()).find((row) => row.organizationId === organizationId);
    const balance = wallet === undefined ? '0' : formatUsd(wallet.balance);
    if (output.isJson)
      output.json({ reference, amount_usd: formatUsd(options.amount), balance_usd: balance });
    else
      output.line(
        `Credited ${formatUsd(options.amount)} USD (${reference}). The wallet holds ${balance} USD.`,
      );
  });
}
