import { loadRoutingTable } from '../app.ts';
import { formatUsd } from '../domain/money.ts';
import { table, type Output } from './output.ts';
import { withWorkspace } from './workspace-command.ts';

export async function modelsCommand(output: Output): Promise<void> {
  await withWorkspace(async (workspace) => {
    const { prices, now } = workspace;
    const routing = await loadRoutingTable(workspace, () => undefined);
    const rows = routing.offeredModels.map((model) => ({
      model,
      accounts: routing.match(model).map(({ account }) => account.record.name),
      price: prices.find(model, now())?.prices,
    }));
    if (output.isJson) {
      output.json(
        rows.map(({ model, accounts, price }) => ({
          model,
          accounts,
          input_usd_per_million: price === undefined ? null : formatUsd(price.input),
          output_usd_per_million: price === undefined ? null : formatUsd(price.output),
        })),
      );
      return;
    }
    if (rows.length === 0) {
      output.line('No models are on offer yet. Connect an account: npm run qz -- account add --help');
      return;
    }
    output.line(
      table(
        ['MODEL', 'INPUT USD/M', 'OUTPUT USD/M', 'ACCOUNTS'],
        rows.map(({ model, accounts, price }) => [
          model,
          price === undefined ? 'unknown' : formatUsd(price.input),
          price === undefined ? 'unknown' : formatUsd(price.output),
          accounts.join(', '),
        ]),
      ),
    );
  });
}
