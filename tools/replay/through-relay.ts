import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { CallId } from '../../server/src/domain/ids.ts';
import type { CallRecord } from '../../server/src/ledger/call-record.ts';
import { bootRelay, type BootedRelay } from '../../server/test/flows/boot-relay.ts';
import {
  endOfInsideError,
  equalsButForMasks,
  isFaultOfProvider,
  isNoAnswer,
  judgeError,
  requestAskingForUsage,
  withNumberedIds,
  withoutUsageChunks,
} from './allowances.ts';
import { difference, excerpt } from './differences.ts';
import { expectedUsage, usageDifference } from './expected-usage.ts';
import type { Passage } from './families.ts';
import { createReplayClient, type ClientAnswer, type ReplayClient } from './http-client.ts';
import { bytesOf, jsonOf, payloadsOf, type Recording } from './recording.ts';

export interface ReplayOptions {
  /** What the provider answers in place of the recording: for tests, which plant what the replay has to catch. */
  readonly answeredAs?: (recording: Recording) => Recording;
  /** Leaves translation out. */
  readonly isPassthroughOnly?: boolean;
}

/** What was found wrong with one recording; nothing when it passed. */
type Finding = (recording: Recording, problems: readonly string[]) => void;

const longestWaitMs = 3_000;

const credentials: Readonly<Record<string, string>> = {
  anthropic: 'sk-ant-replay-0000000000',
  openai: 'sk-replay-0000000000',
  gemini: 'AIzaReplay00000000000000000000000000000',
  vertex: 'AQ.replay-0000000000',
};

/**
 * Sends recordings of one family, host and base path through a relay of their own, one after the other: equal requests
 * get their recorded answers in the recorded order. The provider is the simulator, which knows these recordings alone.
 */
export async function replayLane(
  passages: readonly Passage[],
  onFinding: Finding,
  { answeredAs = (recording) => recording }: ReplayOptions = {},
): Promise<void> {
  const [first] = passages;
  if (first === undefined) return;
  const folder = mkdtempSync(join(tmpdir(), 'qingzhou-replay-'));
  try {
    const lines = passages.flatMap(({ recording }) => linesOf(answeredAs(recording)));
    writeFileSync(join(folder, 'lane.jsonl'), lines.join(''));
    await using relay = await bootRelay({
      // One try for each: a second one would take the next recorded answer.
      env: { QINGZHOU_MAX_ATTEMPTS: '1' },
      simulator: { recordings: folder },
      accounts: (url) => [accountFor(first, url)],
    });
    const client = createReplayClient(relay.url, relay.key);
    try {
      for (const passage of passages) {
        onFinding(passage.recording, await replayOne(relay, client, passage));
      }
    } finally {
      client.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The recording as the simulator is to find it, and once more as the relay alters its request, where it does. */
function linesOf(recording: Recording): readonly string[] {
  const altered = requestAskingForUsage(recording);
  const twins =
    altered === undefined ? [recording] : [recording, { ...recording, request: { json: altered } }];
  return twins.map((twin) => `${JSON.stringify(twin)}\n`);
}

function accountFor({ rule, basePath, options }: Passage, simulatorUrl: string) {
  return {
    name: rule.kind,
    kind: rule.kind,
    credential: credentials[rule.kind] ?? 'sk-replay-0000000000',
    baseUrl: simulatorUrl + basePath,
    options,
    models: ['*'],
    unpriced: 'free' as const,
  };
}

async function replayOne(
  relay: BootedRelay,
  client: ReplayClient,
  passage: Passage,
): Promise<readonly string[]> {
  const { recording } = passage;
  const seen = relay.simulator.requests.at(-1);
  let answer: ClientAnswer;
  try {
    answer = await client.send(recording, passage.relayPath);
  } catch (error) {
    return [`the relay gave no answer: ${excerpt(error instanceof Error ? error.message : String(error))}`];
  }
  await recover(relay);
  const { requests } = relay.simulator;
  // Later requests are looks at an answer that is made in the background.
  const asked = requests[seen === undefined ? 0 : requests.lastIndexOf(seen) + 1];
  if (asked === undefined) {
    return [`the relay did not ask the provider: ${answer.status} ${excerpt(answer.body.toString())}`];
  }
  if (asked.recording !== recording.id) {
    return [requestProblem(recording, asked)];
  }
  const booked = await bookedCall(relay, answer.callId as CallId);
  if (booked === undefined) return ['the call is not in the book'];
  return recording.response.status >= 400
    ? errorProblems(recording, answer, booked)
    : answerProblems(passage, answer, booked);
}

/** The call in the book; one whose answer goes on in the background is there when that is over. */
async function bookedCall({ workspace }: BootedRelay, callId: CallId): Promise<CallRecord | undefined> {
  const until = performance.now() + longestWaitMs;
  for (;;) {
    const booked = await workspace.store.findCall(workspace.organizationId, callId);
    if (booked !== undefined || performance.now() > until) return booked;
    await wait(20);
  }
}

/** A recorded failure counts against the account; the next recording is none the worse for it. */
async function recover(relay: BootedRelay): Promise<void> {
  for (const account of await relay.workspace.store.loadAccounts()) relay.app.relay.health.reset(account.id);
}

function requestProblem(recording: Recording, asked: BootedRelay['simulator']['requests'][number]): string {
  if (asked.recording !== undefined) return `the provider was asked for ${asked.recording} instead`;
  const [path] = recording.path.split('?');
  if (asked.path !== path) return `the provider was asked at ${asked.path} instead of ${path}`;
  const sent = JSON.stringify(requestAskingForUsage(recording) ?? jsonOf(recording.request) ?? null);
  return `the request that reached the provider is another: ${difference(sent, asked.bodyText)}`;
}

function errorProblems(recording: Recording, answer: ClientAnswer, booked: CallRecord): readonly string[] {
  const { status } = recording.response;
  const verdict = judgeError(status, { status: answer.status, code: booked.errorCode });
  if (verdict.difference !== undefined) return [verdict.difference];
  if (!verdict.isPassedOn) return [];
  const problems: string[] = [];
  if (answer.status !== status) problems.push(`status ${answer.status} instead of ${status}`);
  const recorded = bytesOf(recording.response).toString();
  const delivered = answer.body.toString();
  if (recorded !== delivered && !equalsButForMasks(recorded, delivered)) {
    problems.push(`the error differs ${difference(recorded, delivered)}`);
  }
  return problems;
}

function answerProblems(
  { recording, rule }: Passage,
  answer: ClientAnswer,
  booked: CallRecord,
): readonly string[] {
  const { status } = recording.response;
  const recorded = bytesOf(recording.response).toString();
  const insideError = payloadsOf(recording.response) === undefined ? undefined : endOfInsideError(recorded);
  if (answer.status !== status) {
    const told = { status: answer.status, code: booked.errorCode };
    const isNone = insideError !== undefined || isNoAnswer(recording, rule.answerFields);
    if (isNone && isFaultOfProvider(told)) return [];
    const code = booked.errorCode === undefined ? '' : ` (${booked.errorCode})`;
    return [`status ${answer.status}${code} instead of ${status}: ${excerpt(answer.body.toString())}`];
  }
  const problems: string[] = [];
  if (answer.isCut) problems.push('the connection was cut before the answer ended');
  if (booked.errorCode !== undefined && insideError === undefined) {
    problems.push(`booked as ${booked.errorCode}`);
  }
  const delivered = withNumberedIds(answer.body.toString());
  const asked = requestAskingForUsage(recording) === undefined ? recorded : withoutUsageChunks(recorded);
  const expected = withNumberedIds(asked);
  const isWhole = expected === delivered;
  const isWholeToError =
    insideError !== undefined && delivered === withNumberedIds(recorded.slice(0, insideError));
  if (!isWhole && !isWholeToError) problems.push(`the answer differs ${difference(expected, delivered)}`);
  return [...problems, ...usageProblems({ recording, rule }, booked)];
}

function usageProblems(
  { recording, rule }: Pick<Passage, 'recording' | 'rule'>,
  booked: CallRecord,
): readonly string[] {
  const expected = expectedUsage(recording, rule.usage);
  if (expected !== undefined) {
    const differing = usageDifference(expected, booked.usage);
    if (differing !== undefined) return [`metered usage: ${differing}`];
    return booked.usageSource === 'reported'
      ? []
      : [`usage booked as ${booked.usageSource}, not as reported`];
  }
  if (rule.usage === 'none') {
    const isFree = booked.usage.input + booked.usage.output === 0 && booked.usageSource !== 'estimated';
    return isFree ? [] : ['usage was booked for a call that counts tokens'];
  }
  if (booked.usageSource !== 'reported') return [];
  return ['usage is booked as reported, though the recording has none'];
}
