import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { barChart } from './bar-chart.ts';
import type { Report } from './report.ts';

const folder = join(import.meta.dirname, '..', 'results');

/** Writes the result and its picture, named by the time of the run. */
export function saveReport(report: Report, startedAt: Date): { json: string; picture: string } {
  mkdirSync(folder, { recursive: true });
  const name = startedAt.toISOString().slice(0, 19).replaceAll(':', '-');
  const json = join(folder, `${name}.json`);
  const picture = join(folder, `${name}.svg`);
  writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(picture, barChart(report));
  return { json, picture };
}
