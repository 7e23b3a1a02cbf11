/**
 * The composition root: the only file that constructs everything. `openWorkspace` is what server and commands share (data
 * folder, secrets, store); `createApp` adds what serves calls.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createKeyIndex } from './access/key-index.ts';
import { createLimiter } from './access/limiter.ts';
import { admitRead } from './access/admit.ts';
import { identify } from './access/identify.ts';
import { isModelAllowed } from './access/model-allow.ts';
import type { Config } from './config/load-config.ts';
import { openSecrets } from './config/secrets.ts';
import { credentialPlace, proxyPlace } from './control/add-account.ts';
import { ensureDefaultOrganization } from './control/default-organization.ts';
import { seedCatalogue } from './control/seed-catalogue.ts';
import type { OrganizationId } from './domain/ids.ts';
import type { Now } from './domain/time.ts';
import { createControlListener } from './http/control-app.ts';
import { createDataServer, type DataServer } from './http/data-server.ts';
import { createOutputLearner } from './ledger/output-learner.ts';
import { createPriceBook, type PriceBook } from './ledger/price-book.ts';
import { createSettler, retryKept, type Settler } from './ledger/settle.ts';
import { createSettlementPolicy } from './ledger/settlement-policy.ts';
import { createWallets } from './ledger/wallets.ts';
import { placeOf } from './observe/log.ts';
import type { Observe } from './observe/observation.ts';
import { createByteBudget } from './platform/byte-budget.ts';
import { createEnvelopeBox, type EnvelopeBox } from './platform/envelope-box.ts';
import { createUpstreamClient } from './platform/create-upstream-client.ts';
import { createIdSource, type IdSource } from './platform/id-source.ts';
import { createKeyedHash, type KeyedHash } from './platform/keyed-hash.ts';
import { createSecretBox, type SecretBox } from './platform/secret-box.ts';
import { createTicker } from './platform/ticker.ts';
import type { UpstreamClient } from './platform/upstream-client.ts';
import { protocolRegistry, upstreamProtocols } from './protocols/registry.ts';
import { Presence } from './relay/arrival.ts';
import type { Connection } from './relay/connection.ts';
import { watchLongCalls } from './relay/long-calls.ts';
import { openConnection } from './relay/open-connection.ts';
import { relayCall } from './relay/relay-call.ts';
import type { RelayDeps } from './relay/relay-deps.ts';
import type { UpstreamAccountRecord } from './routing/account.ts';
import { createAccountHealth } from './routing/health.ts';
import { createRoutingTable, type RoutableAccount, type RoutingTable } from './routing/routing-table.ts';
import { openStore, type Store } from './store/open-store.ts';
import { catalogueSpelling } from './upstreams/registry.ts';

/** What the server and every command share. */
export interface Workspace {
  readonly config: Config;
  readonly now: Now;
  readonly ids: IdSource;
  readonly store: Store;
  readonly prices: PriceBook;
  readonly secretBox: SecretBox;
  readonly envelopes: EnvelopeBox;
  readonly hashKey: KeyedHash;
  readonly client: UpstreamClient;
  /** Reaches the address at which a cloud gives a machine its tokens, and nothing else. */
  readonly machineClient: UpstreamClient;
  /** The one organization there is until more are made. */
  readonly organizationId: OrganizationId;
  close(): Promise<void>;
}

const sealingKeyId = '1';
const catalogueFile = new URL('../catalogue/models.json', import.meta.url);

/** Prepares the data folder and opens everything in it. Throws `ConfigError` or an error with one clear sentence. */
export async function openWorkspace(config: Config): Promise<Workspace> {
  const now: Now = Date.now;
  const secrets = openSecrets(config);
  const store = await openStore({ path: join(config.dataDir, 'qingzhou.sqlite'), now });
  const client = createUpstreamClient({ addressPolicy: 'operator' });
  const machineClient = createUpstreamClient({ addressPolicy: 'machine-identity' });
  try {
    const catalogue = await seedCatalogue(store, await readFile(catalogueFile, 'utf8'), now());
    return {
      config,
      now,
      ids: createIdSource({ now, randomBytes }),
      store,
      prices: createPriceBook(catalogue.models, await store.loadPrices(), catalogueSpelling),
      secretBox: createSecretBox({ keys: [{ id: sealingKeyId, key: secrets.sealingKey }], randomBytes }),
      envelopes: createEnvelopeBox(secrets.envelopeKey),
      hashKey: createKeyedHash(secrets.relayKeyPepper),
      client,
      machineClient,
      organizationId: await ensureDefaultOrganization({ store, now }, config.wallet.mode),
      async close() {
        await client.close();
        await machineClient.close();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Opens an account's credential and address. Throws when its kind is unknown or its box was closed by another key. */
export function connectionOf(
  record: UpstreamAccountRecord,
  { secretBox, ...ports }: Pick<Workspace, 'secretBox' | 'client' | 'machineClient' | 'now'>,
): Connection {
  const credential = secretBox.open(record.sealedCredential, credentialPlace(record.id));
  const proxy =
    record.sealedProxy === undefined ? undefined : secretBox.open(record.sealedProxy, proxyPlace(record.id));
  return openConnection(record, { credential, ...(proxy === undefined ? {} : { proxy }) }, ports);
}

export interface App {
  readonly data: DataServer;
  /** What the stages run on; its counters show whether anything was forgotten. */
  readonly relay: RelayDeps;
  /** Usable upstream accounts and active keys, for the banner. */
  readonly accounts: number;
  readonly keys: number;
  /** Takes over what changed in the store now, without waiting for the watch. */
  reload(): Promise<void>;
  /** Lets open calls finish for `graceMs`, writes what is left to write, stops everything but the workspace. */
  close(graceMs: number): Promise<void>;
}

const tickMs = 100;
/** Calls whose answers go on after them look once more and are settled. */
const lastLooksMs = 3_000;
const webFolder = fileURLToPath(new URL('../../web/dist', import.meta.url));
const maxAnswerBytes = 64 * 1024 * 1024;

/** Builds what serves calls; the caller listens on `data.server`. */
export async function createApp(workspace: Workspace, observe: Observe): Promise<App> {
  const { config, now, store, prices } = workspace;
  const keys = await createKeyIndex({ store, hashKey: workspace.hashKey });
  const wallets = createWallets(await store.loadWallets());
  const health = createAccountHealth();
  const ticker = createTicker(tickMs);
  const stopping = new Presence();
  const settler = settlerOf(workspace, observe);
  let table = await loadRoutingTable(workspace, observe);
  const stopWatching = store.watchChanges(() => {
    void reload().catch((error: unknown) => observe({ type: 'internal-error', ...placeOf(error) }));
  });
  const reload = async (): Promise<void> => {
    const before = new Map(table.accounts.map(({ record }) => [record.id, JSON.stringify(record)]));
    await keys.reload();
    wallets.sync(await store.loadWallets());
    prices.load(await store.loadPrices());
    table = await loadRoutingTable(workspace, observe, table);
    for (const { record } of table.accounts) {
      if (before.get(record.id) !== JSON.stringify(record)) health.reset(record.id);
    }
    observe({ type: 'configuration-reloaded', accounts: table.accounts.length });
  };
  const deps: RelayDeps = {
    now,
    ticker,
    client: workspace.client,
    protocols: upstreamProtocols,
    keys,
    limiter: createLimiter(),
    health,
    wallets,
    learner: createOutputLearner(),
    settler,
    observe,
    timeouts: { ...config.timeouts, keepAliveMs: config.delivery.keepAliveMs },
    maxAttempts: config.limits.maxAttempts,
    maxAnswerBytes,
    waitLimitMs: config.limits.rateLimitWaitMs,
    onDisconnect: config.settle.onDisconnect,
    table: () => table,
    priceOf: prices.find,
    factsOf: prices.facts,
    envelopes: workspace.envelopes,
    stopping,
    longCalls: watchLongCalls(ticker, (callId, organizationId, startedAt) =>
      store.markOpen(callId, organizationId, startedAt),
    ),
  };
  const data = createServers(workspace, deps);
  const deadCalls = await store.releaseDead();
  if (deadCalls > 0) observe({ type: 'dead-calls-released', calls: deadCalls });
  return {
    data,
    relay: deps,
    accounts: table.accounts.length,
    keys: (await store.listKeys(workspace.organizationId)).filter((key) => key.disabledAt === undefined)
      .length,
    reload,
    async close(graceMs) {
      await data.idle(graceMs);
      stopping.leave();
      await data.idle(lastLooksMs);
      data.server.closeAllConnections();
      stopWatching();
      ticker.stop();
      await retryKept(settler);
    },
  };
}

function settlerOf({ config, store, prices }: Workspace, observe: Observe): Settler {
  return createSettler({
    store,
    prices,
    policy: createSettlementPolicy({ upstreamFault: config.settle.upstreamFault }),
    onTrouble({ callId, kind }) {
      if (kind !== 'written') observe({ type: 'settlement-delayed', callId, code: 'internal' });
    },
  });
}

function createServers(workspace: Workspace, deps: RelayDeps): DataServer {
  const { config, now, ids, prices } = workspace;
  const control = createControlListener({
    store: workspace.store,
    prices,
    now,
    observe: deps.observe,
    webFolder,
    authorize(key, address) {
      const principal = identify(deps.keys, { key, address, now: now() });
      admitRead(deps.limiter, principal, now()).release();
      return principal;
    },
    offeredModels: (principal) =>
      deps.table().offeredModels.filter((model) => isModelAllowed(principal, model)),
  });
  return createDataServer({
    protocols: protocolRegistry,
    now,
    newCallId: () => ids.next('call'),
    maxBodyBytes: config.limits.bodyBytes,
    budget: createByteBudget(config.limits.processBytes),
    observe: deps.observe,
    relay: (arrival, client) => relayCall(deps, arrival, client),
    control,
  });
}

/** Accounts whose secrets cannot be opened are left out and named, so that one bad row does not stop the relay. */
export async function loadRoutingTable(
  workspace: Workspace,
  observe: Observe,
  before?: RoutingTable<Connection>,
): Promise<RoutingTable<Connection>> {
  const { prices } = workspace;
  // An account that did not change keeps its connection, and with it the token it holds.
  const known = new Map(before?.accounts.map((one) => [JSON.stringify(one.record), one.connection]));
  const routable: RoutableAccount<Connection>[] = [];
  for (const record of await workspace.store.loadAccounts()) {
    try {
      const connection = known.get(JSON.stringify(record)) ?? connectionOf(record, workspace);
      routable.push({ record, connection, catalogueModels: modelsOf(prices, connection.kind.provider) });
    } catch {
      observe({ type: 'account-unusable', accountId: record.id });
    }
  }
  return createRoutingTable(routable, (model) => {
    const facts = prices.facts(model);
    return facts === undefined ? [model] : [facts.id, ...facts.aliases];
  });
}

function modelsOf(prices: PriceBook, provider: string | undefined): readonly string[] {
  return prices
    .models()
    .filter((model) => model.provider === provider)
    .map((model) => model.id);
}
