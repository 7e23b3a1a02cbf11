import { readFileSync } from 'node:fs';
import { addAccount, type NewAccount } from '../control/add-account.ts';
import { probeAccount, type ProbeResult } from '../control/probe-account.ts';
import { RelayError } from '../domain/errors.ts';
import type { Workspace } from '../app.ts';
import { findUpstreamKind } from '../upstreams/registry.ts';
import type { UpstreamKind } from '../upstreams/upstream-kind.ts';
import { accountBody } from './account-list.ts';
import { CommandFailure } from './command-failure.ts';
import type { Output } from './output.ts';
import type { AddAccountFlags } from './program.ts';
import { withWorkspace } from './workspace-command.ts';

const probeTimeoutMs = 15_000;

/** Connects an account. Without `--models` the upstream is asked for its list; when it cannot be reached the catalogue's is used. */
export async function addAccountCommand(flags: AddAccountFlags, output: Output): Promise<void> {
  const kind = findUpstreamKind(flags.kind);
  if (kind === undefined) throw new CommandFailure(`There is no upstream kind "${flags.kind}".`);
  const baseUrl = checkedBaseUrl(flags, kind);
  const credential = readCredential(flags, kind);
  await withWorkspace(async (workspace) => {
    const probe = await probeNew(workspace, { flags, kind, baseUrl, credential });
    const fetched = probe?.isReachable === true && probe.models.length > 0 ? probe.models : undefined;
    const models = flags.models ?? fetched;
    const account = await asFailure(() =>
      addAccount(
        { store: workspace.store, ids: workspace.ids, now: workspace.now, box: workspace.secretBox },
        { ...describe(flags), credential, ...(models === undefined ? {} : { models }) },
      ),
    );
    if (output.isJson) {
      output.json({ ...accountBody(account), reachable: probe?.isReachable ?? null });
      return;
    }
    const count =
      account.models === undefined
        ? 'every model the catalogue knows of it'
        : `${account.models.length} models`;
    output.line(`Connected ${account.name}: ${count}. A running relay uses it within a second.`);
    if (probe?.isReachable === false)
      output.line(`But it could not be reached: ${probe.problem} ${probe.fix}`);
  });
}

function describe(flags: AddAccountFlags): Omit<NewAccount, 'credential' | 'models'> {
  return {
    name: flags.name,
    kind: flags.kind,
    priority: flags.priority,
    unpriced: flags.unpriced,
    modelMap: modelMapOf(flags.map ?? []),
    ...(flags.preset === undefined ? {} : { preset: flags.preset }),
    ...(flags.baseUrl === undefined ? {} : { baseUrl: flags.baseUrl }),
    ...(flags.proxy === undefined ? {} : { proxy: checkedProxy(flags.proxy) }),
    ...(flags.region === undefined ? {} : { region: flags.region }),
  };
}

/** Only asked when the list of models is not given: adding an account must also work while its upstream is away. */
async function probeNew(
  workspace: Workspace,
  wish: { flags: AddAccountFlags; kind: UpstreamKind; baseUrl: string; credential: string },
): Promise<ProbeResult | undefined> {
  if (wish.flags.models !== undefined) return undefined;
  return probeAccount(
    {
      kind: wish.kind,
      settings: { baseUrl: wish.baseUrl, credential: wish.credential },
      ...(wish.flags.proxy === undefined ? {} : { proxy: wish.flags.proxy }),
    },
    {
      client: workspace.client,
      connectTimeoutMs: workspace.config.timeouts.connectMs,
      totalTimeoutMs: probeTimeoutMs,
    },
  );
}

function checkedBaseUrl(flags: AddAccountFlags, kind: UpstreamKind): string {
  const preset = flags.preset === undefined ? undefined : kind.presets[flags.preset];
  if (flags.preset !== undefined && preset === undefined) {
    const known = Object.keys(kind.presets).join(', ') || 'none';
    throw new CommandFailure(`"${kind.id}" has no preset "${flags.preset}". Presets: ${known}.`);
  }
  const baseUrl = flags.baseUrl ?? preset ?? kind.defaultBaseUrl;
  if (baseUrl === undefined) {
    throw new CommandFailure(
      `"${kind.id}" needs --base-url or --preset (${Object.keys(kind.presets).join(', ')}).`,
    );
  }
  if (!URL.canParse(baseUrl) || !/^https?:/.test(baseUrl)) {
    throw new CommandFailure(`--base-url must be an http or https address, and "${baseUrl}" is not.`);
  }
  return baseUrl.replace(/\/+$/, '');
}

function checkedProxy(proxy: string): string {
  if (URL.canParse(proxy) && /^(?:https?|socks5h?):/.test(proxy)) return proxy;
  throw new CommandFailure('--proxy must be an http://, https:// or socks5:// address.');
}

function readCredential(flags: AddAccountFlags, kind: UpstreamKind): string {
  const credential = (flags.credential === '-' ? readFileSync(0, 'utf8') : (flags.credential ?? '')).trim();
  const isOptional = kind.defaultBaseUrl === undefined;
  if (credential === '' && !isOptional) {
    throw new CommandFailure(
      'An API key is needed: --credential KEY, or "--credential -" to read it from standard input.',
    );
  }
  return credential;
}

function modelMapOf(pairs: readonly string[]): Record<string, string> {
  const map: Record<string, string> = {};
  for (const pair of pairs) {
    const [offered, upstream, ...rest] = pair.split('=');
    if (!offered || !upstream || rest.length > 0) {
      throw new CommandFailure(`--map takes offered=upstream pairs, and "${pair}" is not one.`);
    }
    map[offered] = upstream;
  }
  return map;
}

/** A refusal of the use case becomes the command's one sentence. */
export async function asFailure<Result>(useCase: () => Promise<Result>): Promise<Result> {
  try {
    return await useCase();
  } catch (error) {
    if (error instanceof RelayError) throw new CommandFailure(error.message);
    throw error;
  }
}
