import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Figures } from '../measures/measure-ids.ts';
import { fullPlan } from '../plan.ts';
import { mediansOf, orderOf, withAdded, type TargetResult } from '../run.ts';
import { barChart, escapeXml } from './bar-chart.ts';
import { figureText } from './figure.ts';
import { judgeGoals } from './goals.ts';
import { createReport, ratiosTo } from './report.ts';
import { textTable } from './text-table.ts';

const target = (name: string, medians: Figures): TargetResult => ({
  name,
  version: '1',
  medians,
  rounds: [medians],
});

const targets = [
  target('direct', { unaryPerSecond: 30_000, unaryP50: 0.15 }),
  target('nginx', { unaryCpu: 20, frameCpu: 10, unaryCoreShare: 80 }),
  target('portkey', { unaryCpu: 900, frameCpu: 70, unaryCoreShare: 99 }),
  target('qingzhou', { unaryCpu: 100, frameCpu: 30, unaryCoreShare: 99, streamMemory: 33 }),
];

const report = createReport(
  { targets, leftOut: [{ name: 'bare', reason: 'because' }], complaints: ['portkey: <slow> & "late"'] },
  {
    startedAt: new Date('2026-01-02T03:04:05Z'),
    elapsedSeconds: 7,
    plan: fullPlan,
    machine: { cpu: 'A & B <cpu>', cores: 2, memoryGb: 8, kernel: '6', node: 'v26', unpinned: null },
    disturbance: { otherPrograms: 12, otherMachines: 0 },
  },
);

test('ratios compare with the named target only, and only where both were measured', () => {
  assert.deepEqual(ratiosTo('nginx', targets)['qingzhou'], { unaryCpu: 5, frameCpu: 3 });
  assert.deepEqual(ratiosTo('haproxy', targets), {});
});

test('a goal is met at its limit, missed above it, and neither when it was not measured', () => {
  const judge = (unaryCpu: number) =>
    judgeGoals({ unaryCpu }, { nginx: { unaryCpu: 10 } }).find(({ atMost }) => atMost === 6);
  assert.equal(judge(60)?.isMet, true);
  assert.equal(judge(61)?.isMet, false);
  assert.ok(judgeGoals(undefined, {}).every(({ isMet }) => isMet === null));
});

test('a missed goal and everything left out or doubtful stand in the printed report', () => {
  const text = textTable(report);
  assert.match(text, /CPU per unary call, against nginx +6x +5x +met/);
  assert.match(text, /CPU per streamed frame, against nginx +2\.50x +3x +MISSED/);
  assert.match(text, /100 KB request body, against nginx +6x +- +not measured/);
  assert.match(text, /left out: bare: because/);
  assert.match(text, /other programs used 12 %/);
  assert.match(text, /nginx: used 80 % of its core/);
  assert.doesNotMatch(text, /qingzhou: used/);
});

test('the added latency is what the direct run of the same round did not need', () => {
  assert.deepEqual(withAdded({ unaryP50: 0.5 }, { unaryP50: 0.25 }), { unaryP50: 0.5, addedUnaryP50: 0.25 });
  assert.deepEqual(withAdded({ unaryP50: 0.5 }, undefined), { unaryP50: 0.5 });
});

test('a round begins with the direct run, and the order of the others turns', () => {
  const named = (name: string) => ({
    name,
    isSubject: name === 'qingzhou',
    prepare: () => Promise.resolve(null),
    version: () => '',
    start: () => Promise.reject(new Error('not started here')),
  });
  const all = ['direct', 'nginx', 'portkey', 'qingzhou'].map(named);
  const names = (round: number) => orderOf(all, round).map(({ name }) => name);
  assert.deepEqual(names(0), ['direct', 'qingzhou', 'nginx', 'portkey']);
  assert.deepEqual(names(1), ['direct', 'portkey', 'nginx', 'qingzhou']);
});

test('medians are taken per figure over the rounds that have it', () => {
  assert.deepEqual(mediansOf([{ unaryCpu: 1 }, { unaryCpu: 9, frameCpu: 4 }, { unaryCpu: 3 }]), {
    unaryCpu: 3,
    frameCpu: 4,
  });
});

test('the picture has a bar for every measured target, the longest for the largest, and escapes its texts', () => {
  const svg = barChart(report);
  const unary = svg.slice(svg.indexOf('CPU per unary call'), svg.indexOf('CPU per streamed frame'));
  const widths = [...unary.matchAll(/<rect class="(bar|own)"[^>]* width="([\d.]+)"/g)].map((match) =>
    Number(match[2]),
  );
  assert.deepEqual(widths, [11.6, 520, 57.8]);
  assert.equal([...unary.matchAll(/class="own"/g)].length, 1);
  assert.match(svg, /prefers-color-scheme: dark/);
  assert.match(svg, /A &amp; B &lt;cpu&gt;/);
  assert.doesNotMatch(svg, /NaN|undefined/);
  assert.equal(escapeXml(`<a b="c">'&`), '&lt;a b=&quot;c&quot;&gt;&apos;&amp;');
});

test('figures are written in three significant digits or whole', () => {
  assert.deepEqual([0, 0.456, 12.34, 123.4, 12_345.6, undefined, Number.NaN].map(figureText), [
    '0',
    '0.46',
    '12.3',
    '123',
    '12,346',
    '-',
    '-',
  ]);
});
