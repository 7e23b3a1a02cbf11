/** The report as a picture: one group of bars per measure. Pure; colours follow the reader's light or dark theme. */
import { measures, type MeasureId } from '../measures/measure-ids.ts';
import { figureText } from './figure.ts';
import type { Report } from './report.ts';

const SHOWN: readonly MeasureId[] = [
  'unaryCpu',
  'largeBodyCpu',
  'frameCpu',
  'streamMemory',
  'addedUnaryP50',
  'addedFirstByteP50',
];

const WIDTH = 760;
const LABEL_X = 110;
const BAR_X = 120;
const BAR_WIDTH = 520;
const BAR_HEIGHT = 18;
const ROW = 25;
const TITLE_ROW = 34;
const TOP = 64;

const STYLE = `text { font: 13px system-ui, sans-serif; fill: #1c2430 } .title { font-size: 17px; font-weight: 600 }
.group { font-weight: 600 } .quiet { fill: #57606a } .page { fill: #ffffff } .bar { fill: #9aa7b5 } .own { fill: #0b7a75 }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .quiet { fill: #9aa4af } .page { fill: #10151c }
.bar { fill: #5d6b7a } .own { fill: #3fc1b8 } }`;

export function escapeXml(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&apos;',
  };
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}

interface Bar {
  readonly name: string;
  readonly value: number;
}

function group(id: MeasureId, bars: readonly Bar[], y: number): string {
  const longest = Math.max(...bars.map((bar) => bar.value), Number.MIN_VALUE);
  const { title, unit } = measures[id];
  const lines = bars.map((bar, index) => {
    const top = y + TITLE_ROW - 12 + index * ROW;
    const length = Math.max(1.5, (Math.max(0, bar.value) / longest) * BAR_WIDTH);
    const text = `${figureText(bar.value)} ${unit}`;
    return `<text x="${LABEL_X}" y="${top + 14}" text-anchor="end">${escapeXml(bar.name)}</text>
<rect class="${bar.name === 'qingzhou' ? 'own' : 'bar'}" x="${BAR_X}" y="${top}" width="${length.toFixed(1)}" height="${BAR_HEIGHT}" rx="3"/>
<text x="${(BAR_X + length + 8).toFixed(1)}" y="${top + 14}">${escapeXml(text)}</text>`;
  });
  return `<text class="group" x="20" y="${y + 12}">${escapeXml(title)}</text>\n${lines.join('\n')}`;
}

export function barChart(report: Report): string {
  const groups: string[] = [];
  let y = TOP + 12;
  for (const id of SHOWN) {
    const bars = report.targets.flatMap(({ name, medians }) => {
      const value = medians[id];
      return value === undefined ? [] : [{ name, value }];
    });
    if (bars.length === 0) continue;
    groups.push(group(id, bars, y));
    y += TITLE_ROW + bars.length * ROW + 8;
  }
  const { machine } = report;
  const where = `${report.startedAt.slice(0, 10)}, ${machine.cpu}, one core for the target${machine.unpinned === null ? '' : ' (NOT PINNED)'}, node ${machine.node}; lower is better`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y}" viewBox="0 0 ${WIDTH} ${y}" role="img" aria-label="Qingzhou bench">
<style>${STYLE}</style>
<rect class="page" width="${WIDTH}" height="${y}"/>
<text class="title" x="20" y="30">Qingzhou beside others, same machine, same run</text>
<text class="quiet" x="20" y="50">${escapeXml(where)}</text>
${groups.join('\n')}
</svg>
`;
}
