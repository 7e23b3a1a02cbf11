import { addNanoUsd, formatUsd, zeroNanoUsd } from '../domain/money.ts';
import { table, type Output } from './output.ts';
import { withWorkspace } from './workspace-command.ts';

const dayMs = 24 * 3_600_000;

export async function usageCommand(
  options: { by: 'model' | 'key' | 'day'; days: number },
  output: Output,
): Promise<void> {
  await withWorkspace(async ({ store, organizationId, now }) => {
    const to = now();
    const rows = await store.usage({
      organizationId,
      from: to - options.days * dayMs,
      to,
      groupBy: options.by,
    });
    const total = rows.reduce((sum, row) => addNanoUsd(sum, row.charge), zeroNanoUsd);
    if (output.isJson) {
      const data = rows.map((row) => ({
        ...row,
        charge: undefined,
        charge_usd: formatUsd(row.charge),
        charge_nano_usd: row.charge,
      }));
      output.json({
        group_by: options.by,
        days: options.days,
        data,
        total_usd: formatUsd(total),
        total_nano_usd: total,
      });
      return;
    }
    if (rows.length === 0) {
      output.line(`Nothing was used in the last ${options.days} days.`);
      return;
    }
    const body = rows.map((row) => [
      row.group,
      String(row.calls),
      String(row.promptTokens),
      String(row.cacheReadTokens),
      String(row.outputTokens),
      formatUsd(row.charge),
    ]);
    output.line(
      table(
        [
          options.by.toUpperCase(),
          'CALLS',
          'PROMPT TOKENS',
          'OF THEM CACHED',
          'OUTPUT TOKENS',
          'CHARGED USD',
        ],
        [
          ...body,
          [
            'total',
            sumOf(rows.map((row) => row.calls)),
            sumOf(rows.map((row) => row.promptTokens)),
            sumOf(rows.map((row) => row.cacheReadTokens)),
            sumOf(rows.map((row) => row.outputTokens)),
            formatUsd(total),
          ],
        ],
      ),
    );
  });
}

function sumOf(numbers: readonly number[]): string {
  return String(numbers.reduce((sum, number) => sum + number, 0));
}
