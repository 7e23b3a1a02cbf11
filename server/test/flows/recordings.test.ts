import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { suite, test } from 'node:test';
import { readRecordings, ReplayRefusal, type Recording } from '../../../tools/replay/recording.ts';
import { replay, type FamilyReport } from '../../../tools/replay/replay.ts';
import { problemsWhen, replayOwn, temporaryFolder, usageChunk } from './own-recordings.ts';
import { repositoryRoot } from './repository-root.ts';

const folder = resolve(repositoryRoot, process.env['RECORDINGS_DIR'] ?? '../shared/recordings');

/** Families that go through the relay; each must have something that passed. */
const relayed =
  /^(?:openai-(?:chat|responses|embeddings)|compatible-(?:chat|responses)|anthropic-(?:messages|count-tokens)|gemini(?:-count-tokens)?|azure-(?:chat|responses)|vertex-gemini)$/;

suite('recordings of real providers through the running relay and its codecs', () => {
  if (!existsSync(folder)) {
    test('recordings', (t) => t.skip(`there is no folder ${folder} (RECORDINGS_DIR): left out, not passed`));
    return;
  }
  const recordings = readRecordings(folder);
  const families = new Set([...recordings.recordings, ...recordings.oddLines].map(({ family }) => family));
  for (const family of [...families].toSorted()) {
    test(`${family}: what was recorded comes out, and what it reports is metered`, async (t) => {
      const report = await replayed({
        recordings: recordings.recordings.filter((recording) => recording.family === family),
        oddLines: recordings.oddLines.filter((line) => line.family === family),
      });
      assert.deepEqual(
        report.failures.map(({ id, problem }) => `${id}: ${problem}`),
        [],
      );
      for (const { client, failures } of report.translated) {
        const said = failures.map(({ id, problem }) => `${id} asked as ${client}: ${problem}`);
        assert.deepEqual(said, []);
      }
      const leftOut = report.leftOut.map(({ reason, count }) => `${count} left out: ${reason}`);
      for (const line of leftOut) t.diagnostic(line);
      if (relayed.test(family)) assert.ok(report.passed > 0, 'nothing of the family went through the relay');
      else if (report.passed === 0) t.skip(leftOut.join('; '));
    });
  }
});

suite('the replay notices', () => {
  test('nothing where a provider answers as recorded', async () => {
    const reports = await replayOwn({ isPassthroughOnly: true });
    assert.deepEqual(
      reports.map(({ family, passed, failures }) => ({ family, passed, failures })),
      [
        { family: 'anthropic-messages', passed: 1, failures: [] },
        { family: 'compatible-chat', passed: 1, failures: [] },
        { family: 'openai-chat', passed: 4, failures: [] },
        { family: 'openai-responses', passed: 0, failures: [] },
      ],
    );
    assert.deepEqual(reports[3]?.leftOut, [
      { reason: 'the relay has no route for GET /v1/responses/{id}', count: 1 },
      { reason: 'the line is not JSON', count: 1 },
    ]);
  });

  test('nothing where the same exchanges are asked for in every other protocol', async () => {
    const translated = (await replayOwn()).flatMap((report) => report.translated);
    assert.deepEqual([...new Set(translated.map(({ client }) => client))].toSorted(), [
      'anthropic-messages',
      'gemini',
      'openai-chat',
      'openai-responses',
    ]);
    assert.deepEqual(
      translated.flatMap(({ failures }) => failures),
      [],
    );
    assert.ok(translated.every(({ passed }) => passed > 0));
  });

  test('one changed word of an answer in the words of every other client, streamed and not', async () => {
    const reports = await replayOwn({
      answeredAs(recording) {
        const text = JSON.stringify(recording).replaceAll('Noon.', 'Moon.');
        return JSON.parse(text) as Recording;
      },
    });
    const pairs = reports.flatMap((report) => report.translated).filter(({ failed }) => failed > 0);
    const problems = pairs.flatMap(({ client, failures }) =>
      failures.map(({ problem }) => `${client} ${problem.split(' ', 4).join(' ')}`),
    );
    assert.deepEqual([...new Set(problems)].toSorted(), [
      'anthropic-messages stream: the text differs',
      'anthropic-messages unary: the text differs',
      'gemini stream: the text differs',
      'gemini unary: the text differs',
      'openai-responses stream: the text differs',
      'openai-responses unary: the text differs',
    ]);
  });

  test('one changed byte of an answer', async () => {
    const problems = await problemsWhen('own/unary#0', (text) => text.replace('Noon.', 'Moon.'));
    assert.deepEqual(problems.length, 1);
    assert.match(
      problems[0] ?? '',
      /^own\/unary#0: the answer differs at character \d+: .*Moon.* instead of .*Noon/,
    );
  });

  test('one changed byte of a stream', async () => {
    const problems = await problemsWhen('own/stream#0', (text) => text.replace('Night', 'Light'));
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', /^own\/stream#0: the answer differs/);
  });

  test('a byte that is lost after the last frame', async () => {
    const problems = await problemsWhen('own/stream#0', (text) => text.slice(0, -1));
    assert.match(problems.join('\n'), /own\/stream#0: the answer differs/);
  });

  test('a wrong usage, by class', async () => {
    const cached = await problemsWhen('own/unary#0', (text) =>
      text.replace('"cached_tokens":4', '"cached_tokens":5'),
    );
    assert.ok(cached.includes('own/unary#0: metered usage: input 5 instead of 6, cacheRead 5 instead of 4'));
    const output = await problemsWhen('own/message#0', (text) =>
      text.replace('"output_tokens":9', '"output_tokens":8'),
    );
    assert.ok(output.includes('own/message#0: metered usage: output 8 instead of 9'));
  });

  test('usage that is booked though none was recorded', async () => {
    const problems = await problemsWhen('own/silent#0', (text) =>
      text.replace('data: [DONE]', `data: ${JSON.stringify(usageChunk)}\n\ndata: [DONE]`),
    );
    assert.deepEqual(problems, ['own/silent#0: usage is booked as reported, though the recording has none']);
  });

  test('a wrong status', async () => {
    const [status] = await problemsWhen('own/unary#0', (text) => text, 503);
    assert.match(status ?? '', /^own\/unary#0: status 503 \(upstream_overloaded\) instead of 200/);
    const [refusal] = await problemsWhen('own/refused#0', (text) => text, 429);
    assert.equal(refusal, 'own/refused#0: a 400 was taken for upstream_rate_limited');
  });

  test('a request that reaches the provider altered', async () => {
    const reports = await replayOwn({
      isPassthroughOnly: true,
      answeredAs: (recording) => ({ ...recording, request: { json: { model: 'another' } } }),
    });
    const problems = reports.flatMap(({ failures }) => failures.map(({ problem }) => problem));
    assert.equal(problems.length, 6);
    for (const problem of problems)
      assert.match(problem, /^the request that reached the provider is another/);
  });

  test('that there is nothing to replay', () => {
    using empty = temporaryFolder();
    assert.throws(
      () => readRecordings(empty.path),
      new ReplayRefusal(`There is no recording in ${empty.path}: it has no .jsonl file.`),
    );
    assert.throws(() => readRecordings(join(empty.path, 'none')), /^Error: There is no folder /);
  });
});

async function replayed(recordings: ReturnType<typeof readRecordings>): Promise<FamilyReport> {
  const reports = await Array.fromAsync(replay(recordings));
  assert.equal(reports.length, 1);
  return reports[0]!;
}
