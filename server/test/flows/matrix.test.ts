import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { bootRelay, type BootedRelay } from './boot-relay.ts';
import { chatClient } from './matrix/chat-client.ts';
import type { MatrixClient } from './matrix/conversation.ts';
import { geminiClient } from './matrix/gemini-client.ts';
import { messagesClient } from './matrix/messages-client.ts';
import { pythonClient } from './matrix/python-client.ts';
import { responsesClient } from './matrix/responses-client.ts';
import { scenarios } from './matrix/scenarios.ts';
import { librarySection, writeSection, type Outcome } from './matrix/table.ts';
import { matrixUpstreams, pinProtocols, type MatrixUpstream } from './matrix/upstreams.ts';
import { preparePython } from './python-environment.ts';
import { repositoryRoot } from './repository-root.ts';

let relay: BootedRelay;
const openers = [chatClient, responsesClient, messagesClient, geminiClient];

before(async () => {
  relay = await bootRelay({
    // A fault of one scenario must not turn the next one away.
    env: { QINGZHOU_MAX_ATTEMPTS: '1' },
    accounts: (url) => matrixUpstreams.map((upstream) => upstream.account(url)),
  });
  pinProtocols(relay);
});
after(() => relay[Symbol.asyncDispose]());

function recover(): void {
  for (const { record } of relay.app.relay.table().accounts) relay.app.relay.health.reset(record.id);
}

async function tryScenario(
  client: MatrixClient,
  upstream: MatrixUpstream,
  scenario: string,
): Promise<string | undefined> {
  try {
    await scenarios[scenario]?.({ client, upstream, model: upstream.model, relay });
    return undefined;
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  } finally {
    recover();
  }
}

async function tryAll(library: string, client: MatrixClient): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const upstream of matrixUpstreams) {
    for (const scenario of Object.keys(scenarios)) {
      const failure = await tryScenario(client, upstream, scenario);
      const place = { library, client: client.protocol, upstream: upstream.title, scenario };
      outcomes.push(failure === undefined ? place : { ...place, failure });
    }
  }
  return outcomes;
}

/** The page holds one section for each library; `WRITE_DOCS=1` puts the one tried now in its place. */
function checkPage(outcomes: readonly Outcome[]): void {
  const path = join(repositoryRoot, 'docs', 'conformance.md');
  const section = librarySection(outcomes);
  if (process.env['WRITE_DOCS'] === '1') writeSection(path, section);
  assert.ok(readFileSync(path, 'utf8').includes(section), `${path} does not hold this table:\n${section}`);
  assert.deepEqual(
    outcomes.filter(({ failure }) => failure !== undefined),
    [],
  );
}

test('the official Node clients reach every upstream with everything they can ask, as docs/conformance.md says', async () => {
  const outcomes: Outcome[] = [];
  for (const open of openers) outcomes.push(...(await tryAll('Node', open(relay))));
  checkPage(outcomes);
});

test('the official Python clients reach every upstream with everything they can ask, as docs/conformance.md says', async (t) => {
  const environment = await preparePython();
  if (!environment.isReady) {
    t.skip(environment.reason);
    return;
  }
  const outcomes: Outcome[] = [];
  for (const { protocol } of openers.map((open) => open(relay))) {
    await using client = pythonClient(environment.python, protocol, relay);
    outcomes.push(...(await tryAll('Python', client)));
  }
  checkPage(outcomes);
});
