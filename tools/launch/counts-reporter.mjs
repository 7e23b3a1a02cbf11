// Writes the counts of one `node --test` run as one JSON object; the totals that `npm test` prints are their sum.
export default async function* countsReporter(events) {
  let counts = { passed: 0, failed: 1, skipped: 0 };
  for await (const event of events) {
    // The summary without a file is that of the whole run.
    if (event.type !== 'test:summary' || event.data.file !== undefined) continue;
    const found = event.data.counts;
    counts = {
      passed: found.passed,
      failed: found.failed + found.cancelled,
      skipped: found.skipped + found.todo,
    };
  }
  yield JSON.stringify(counts);
}
