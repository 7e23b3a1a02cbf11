import type { CallId } from '../../../server/src/domain/ids.ts';
import type { CallRecord } from '../../../server/src/ledger/call-record.ts';
import { collect, type CollectedAnswer } from '../../../server/src/protocols/canonical/collect.ts';
import type {
  CanonicalRequest,
  JsonObject,
  ProtocolId,
} from '../../../server/src/protocols/canonical/request.ts';
import { createUpstreamReader } from '../../../server/src/protocols/upstream-reader.ts';
import { findUpstreamKind } from '../../../server/src/upstreams/registry.ts';
import { createRoutingTable } from '../../../server/src/routing/routing-table.ts';
import {
  clientProtocols,
  strictReaders,
  Violation,
  type ClientProtocol,
  type ReadAnswer,
} from '../../../server/test/conformance/strict/index.ts';
import { bootRelay, type BootedRelay } from '../../../server/test/flows/boot-relay.ts';
import { endOfInsideError, isFaultOfProvider, isNoAnswer, judgeError } from '../allowances.ts';
import { excerpt } from '../differences.ts';
import { expectedUsage, usageDifference } from '../expected-usage.ts';
import { createReplayClient, type ClientAnswer, type ReplayClient } from '../http-client.ts';
import { bytesOf, payloadsOf, type Recording } from '../recording.ts';
import { unnamedLosses } from './carried-request.ts';
import {
  decodeRecorded,
  readRequest,
  sayAs,
  targetOf,
  upstreamHalf,
  type ClientRequest,
} from './client-request.ts';
import { answerProblems } from './expected-answer.ts';
import type { Generation } from './generations.ts';
import { startScriptedProvider, type ScriptedProvider } from './scripted-provider.ts';

/** Recordings of one provider. */
export interface TranslatedLane {
  readonly generation: Generation;
  /** The compatible server it is, where it is a well-known one. */
  readonly preset?: string;
  readonly recordings: readonly Recording[];
}

/** How one conversation fared in the words of one client. */
export interface TranslatedFinding {
  readonly recording: Recording;
  readonly client: ClientProtocol;
  readonly upstream: ProtocolId;
  /** Not sent, and why; `undefined` where it was. */
  readonly leftOut?: string;
  readonly problems: readonly string[];
}

export interface TranslatedOptions {
  /** What the provider answers in place of the recording: for tests, which plant what the replay has to catch. */
  readonly answeredAs: (recording: Recording) => Recording;
}

/** A relay whose one account is a provider that speaks one protocol, and answers from recordings. */
interface Lane {
  readonly relay: BootedRelay;
  readonly client: ReplayClient;
  readonly provider: ScriptedProvider;
  readonly generation: Generation;
  readonly options: TranslatedOptions;
}

/** Sends recorded conversations of one protocol through every other one, once streaming and once not. */
export async function* replayTranslatedLane(
  { generation, preset, recordings }: TranslatedLane,
  options: TranslatedOptions,
): AsyncGenerator<TranslatedFinding> {
  const provider = await startScriptedProvider();
  try {
    await using relay = await bootRelay({
      env: { QINGZHOU_MAX_ATTEMPTS: '1' },
      accounts: () => [
        {
          name: 'provider',
          kind: generation.kind,
          credential: 'sk-replay-0000000000',
          baseUrl: provider.url,
          models: ['*'],
          unpriced: 'free',
          ...(preset === undefined ? {} : { preset }),
        },
      ],
    });
    speakOnly(relay, provider, generation);
    const client = createReplayClient(relay.url, relay.key);
    const lane: Lane = { relay, client, provider, generation, options };
    for (const recording of recordings) {
      for (const protocol of clientProtocols) {
        if (protocol === generation.protocol) continue;
        yield await replayAs(lane, recording, protocol);
      }
    }
    client.close();
  } finally {
    await provider.close();
  }
}

/** Some kinds speak the client's protocol too and would pass it through: here they speak the recorded one alone. */
function speakOnly(relay: BootedRelay, provider: ScriptedProvider, { protocol, carrier }: Generation): void {
  const { accounts } = relay.app.relay.table();
  const framing = findUpstreamKind(carrier ?? '');
  const pinned = accounts.map((account) => {
    const spoken = { ...account.connection.kind, speaks: () => [protocol] };
    const kind =
      framing === undefined
        ? spoken
        : {
            ...spoken,
            // A whole body that was recorded where nobody asked for a stream has no frames.
            carriage: () =>
              provider.isFramed ? framing.carriage?.(protocol, account.connection.settings) : undefined,
          };
    return { ...account, connection: { ...account.connection, kind } };
  });
  const table = createRoutingTable(pinned, (model) => [model]);
  Object.assign(relay.app.relay, { table: () => table });
}

async function replayAs(
  lane: Lane,
  recording: Recording,
  client: ClientProtocol,
): Promise<TranslatedFinding> {
  const place = { recording, client, upstream: lane.generation.protocol };
  const recorded = decodeRecorded(recording, lane.generation.protocol);
  if (typeof recorded === 'string') return { ...place, leftOut: recorded, problems: [] };
  const problems: string[] = [];
  for (const stream of [false, true]) {
    const said = sayAs(client, recorded, stream);
    if (typeof said === 'string') return { ...place, leftOut: said, problems };
    lane.provider.layReady(lane.options.answeredAs(recording));
    const answer = await lane.client.post(said.path, said.body);
    recover(lane.relay);
    const passage: Passage = { lane, recording, client, recorded, said, answer, stream };
    const refusal = refusalOf(passage);
    if (refusal !== undefined) return { ...place, leftOut: refusal, problems };
    const mode = stream ? 'stream' : 'unary';
    const found = await judge(passage);
    problems.push(...found.map((problem) => `${mode}: ${problem}`));
  }
  return { ...place, problems };
}

/** A recorded failure counts against the account; the next recording is none the worse for it. */
function recover(relay: BootedRelay): void {
  for (const account of relay.app.relay.table().accounts) relay.app.relay.health.reset(account.record.id);
}

interface Passage {
  readonly lane: Lane;
  readonly recording: Recording;
  readonly client: ClientProtocol;
  readonly recorded: CanonicalRequest;
  readonly said: ClientRequest;
  readonly answer: ClientAnswer;
  readonly stream: boolean;
}

/** The loss table refuses some conversations before any upstream is asked; the client's own error says which codes. */
function refusalOf({ lane, client, said, answer }: Passage): string | undefined {
  if (answer.status !== 400 || lane.provider.asked !== undefined) return undefined;
  const { value, losses } = upstreamHalf(lane.generation.protocol).encodeRequest(
    { ...said.canonical, stream: true, includeUsage: true },
    lane.relay.app.relay.factsOf(said.canonical.model),
  );
  const codes = losses.filter(({ outcome }) => outcome === 'refused').map(({ code }) => code);
  const isNamed = codes.length > 0 && codes.every((code) => answer.body.toString().includes(code));
  return isNamed && value !== undefined ? `refused for ${client}: ${codes.join(', ')}` : undefined;
}

async function judge(passage: Passage): Promise<readonly string[]> {
  const { lane, recording, answer } = passage;
  const { asked } = lane.provider;
  if (asked === undefined) {
    return [`the relay did not ask the provider: ${answer.status} ${excerpt(answer.body.toString())}`];
  }
  const { workspace } = lane.relay;
  const booked = await workspace.store.findCall(workspace.organizationId, answer.callId as CallId);
  if (booked === undefined) return ['the call is not in the book'];
  try {
    if (recording.response.status >= 400) return errorProblems(passage, booked);
    return [...requestProblems(passage, asked.body), ...(await successProblems(passage, booked))];
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    return [`the answer breaks its protocol: ${error.message}`];
  }
}

/** What reached the provider is what was recorded, but for the losses that the protocol or the relay named. */
function requestProblems(
  { lane, recording, recorded, said, answer }: Passage,
  body: string,
): readonly string[] {
  const asked = JSON.parse(body) as JsonObject;
  const reached = readRequest(asked, targetOf(recording), lane.generation.protocol);
  return unnamedLosses({ recorded, said: said.canonical, reached }, [...said.unsaid, ...answer.warnings]);
}

function errorProblems({ recording, client, answer }: Passage, booked: CallRecord): readonly string[] {
  const { status } = recording.response;
  strictReaders[client].readError(answer.status, answer.body.toString());
  const verdict = judgeError(status, { status: answer.status, code: booked.errorCode });
  if (verdict.difference === undefined || isOwnSpelling(answer.status, booked)) return [];
  return [verdict.difference];
}

/** Overload has a status of its own at one provider. */
function isOwnSpelling(status: number, booked: CallRecord): boolean {
  return status === 529 && booked.errorCode === 'upstream_overloaded';
}

async function successProblems(passage: Passage, booked: CallRecord): Promise<readonly string[]> {
  const { lane, recording, client, answer } = passage;
  const recorded = bytesOf(recording.response).toString();
  const hasErrorInside =
    payloadsOf(recording.response) !== undefined && endOfInsideError(recorded) !== undefined;
  const text = answer.body.toString();
  if (answer.status !== 200) {
    strictReaders[client].readError(answer.status, text);
    const told = { status: answer.status === 529 ? 503 : answer.status, code: booked.errorCode };
    const isWhole = recording.response.base64 === undefined;
    const isNone = hasErrorInside || (isWhole && isNoAnswer(recording, lane.generation.answerFields));
    return isNone && isFaultOfProvider(told)
      ? []
      : [`status ${answer.status} (${booked.errorCode ?? 'no error'}): ${excerpt(text)}`];
  }
  const read = passage.stream
    ? strictReaders[client].readStream(text)
    : strictReaders[client].readUnary(text);
  if (hasErrorInside) {
    return read.error === undefined ? ['the error inside the recorded stream is lost'] : [];
  }
  if (read.error !== undefined) return [`the stream ends in the error ${read.error}`];
  return contentProblems(passage, read, booked);
}

function contentProblems(passage: Passage, read: ReadAnswer, booked: CallRecord): readonly string[] {
  const { lane, recording, client, said } = passage;
  const usage = expectedUsage(recording, lane.generation.usage);
  const differing = usage === undefined ? undefined : usageDifference(usage, booked.usage);
  return [
    ...answerProblems({ client, request: said.canonical, answer: recordedAnswer(passage), usage }, read),
    ...(differing === undefined ? [] : [`metered usage: ${differing}`]),
    ...(booked.errorCode === undefined ? [] : [`booked as ${booked.errorCode}`]),
  ];
}

/** What the recording says, read by the half-codec of its own protocol. */
function recordedAnswer({ lane, recording, recorded }: Passage): CollectedAnswer {
  const { protocol, carrier } = lane.generation;
  const reader = createUpstreamReader(upstreamHalf(protocol), recorded);
  return collect([...reader.push(framesOf(recording, protocol, carrier)), ...reader.finish()]);
}

/** The recorded bytes in the protocol's own frames. */
function framesOf(recording: Recording, protocol: ProtocolId, carrier: string | undefined): Buffer {
  const settings = { baseUrl: '', credential: '', options: {} };
  const framing = findUpstreamKind(carrier ?? '')?.carriage?.(protocol, settings)?.stream;
  const bytes = bytesOf(recording.response);
  return framing === undefined || recording.response.base64 === undefined
    ? bytes
    : framing.createUnwrapper().push(bytes);
}
