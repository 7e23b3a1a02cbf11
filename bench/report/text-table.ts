import { measures, type MeasureId } from '../measures/measure-ids.ts';
import { figureText } from './figure.ts';
import type { Report } from './report.ts';

function grid(rows: readonly (readonly string[])[]): string {
  const columns = rows[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ');
  return rows.map(line).join('\n');
}

function figureRows(report: Report): string[][] {
  const header = ['', 'unit', ...report.targets.map((target) => target.name)];
  const rows = (Object.keys(measures) as MeasureId[])
    .filter((id) => report.targets.some((target) => target.medians[id] !== undefined))
    .map((id) => [
      measures[id].title,
      measures[id].unit,
      ...report.targets.map((target) => figureText(target.medians[id])),
    ]);
  return [header, ...rows];
}

function ratioRows(report: Report): string[][] {
  const pairs = (['nginx', 'portkey'] as const).flatMap((base) =>
    Object.entries(report.ratios[base]).map(([name, figures]) => ({ title: `${name} / ${base}`, figures })),
  );
  const ids = (Object.keys(measures) as MeasureId[]).filter((id) =>
    pairs.some(({ figures }) => figures[id] !== undefined),
  );
  if (ids.length === 0) return [];
  return [
    ['ratios', ...pairs.map(({ title }) => title)],
    ...ids.map((id) => [measures[id].title, ...pairs.map(({ figures }) => figureText(figures[id]))]),
  ];
}

function goalRows(report: Report): string[][] {
  const verdict = (isMet: boolean | null): string =>
    isMet === null ? 'not measured' : isMet ? 'met' : 'MISSED';
  return [
    ['goals', 'at most', 'measured', ''],
    ...report.goals.map((goal) => {
      const unit = goal.isRatio ? 'x' : '';
      const measured = goal.measured === null ? '-' : figureText(goal.measured) + unit;
      return [goal.title, figureText(goal.atMost) + unit, measured, verdict(goal.isMet)];
    }),
  ];
}

/** The report for a terminal. */
export function textTable(report: Report): string {
  const { machine, plan } = report;
  const pinned = machine.unpinned === null ? 'target on core 0, load and upstream on core 1' : 'NOT PINNED';
  const blocks = [
    `${machine.cpu}, ${machine.cores} cores, Linux ${machine.kernel}, node ${machine.node}; ${pinned}
${plan.rounds} round${plan.rounds === 1 ? '' : 's'} (medians), ${report.elapsedSeconds} s in all`,
    report.targets.map((target) => `${target.name}: ${target.version}`).join('\n'),
    grid(figureRows(report)),
    grid(ratioRows(report)),
    grid(goalRows(report)),
    [
      ...report.leftOut.map(({ name, reason }) => `left out: ${name}: ${reason}`),
      ...report.complaints.map((complaint) => `note: ${complaint}`),
    ].join('\n'),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}
