// One line for each finished test file, every failure in full when it happens, every skipped test with its reason.
import { relative } from 'node:path';
import { inspect } from 'node:util';

export default async function* progressReporter(events) {
  for await (const event of events) {
    const text = describe(event);
    if (text !== '') yield text;
  }
}

function describe({ type, data }) {
  if (type === 'test:summary' && data.file !== undefined) return describeFile(data);
  if (type === 'test:fail') return describeFailure(data);
  if (type === 'test:pass' && data.skip !== undefined) {
    return `  skipped: ${data.name}${typeof data.skip === 'string' ? ` (${data.skip})` : ''}\n`;
  }
  if (type === 'test:stderr' || type === 'test:stdout') return data.message;
  return '';
}

function describeFile({ file, counts, duration_ms: durationMs }) {
  const failed = counts.failed + counts.cancelled;
  const parts = [`${counts.passed} passed`];
  if (failed > 0) parts.push(`${failed} failed`);
  if (counts.skipped > 0) parts.push(`${counts.skipped} skipped`);
  const mark = failed > 0 ? 'FAIL' : 'ok  ';
  return `${mark} ${relative(process.cwd(), file)} ${parts.join(', ')} (${(durationMs / 1000).toFixed(1)} s)\n`;
}

function describeFailure({ name, file, line, details }) {
  const error = details.error?.cause ?? details.error;
  // A parent fails because a child did; the child has been told already.
  if (details.error?.failureType === 'subtestsFailed') return '';
  const place = file === undefined ? '' : ` (${relative(process.cwd(), file)}:${line})`;
  const reason = typeof error === 'string' ? error : inspect(error, { depth: 6 });
  return `\nFAILED: ${name}${place}\n${indent(reason)}\n\n`;
}

function indent(text) {
  return text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}
