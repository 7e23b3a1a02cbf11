import { addAccount, type NewAccount } from '../control/add-account.ts';
import { probeAccount, type ProbeResult } from '../control/probe-account.ts';
import { RelayError } from '../domain/errors.ts';
import type { Workspace } from '../app.ts';
import { authorizerOf } from '../relay/open-connection.ts';
import { findUpstreamKind } from '../upstreams/registry.ts';
import { baseUrlOf, type ConnectionSettings, type UpstreamKind } from '../upstreams/upstream-kind.ts';
import { accountBody } from './account-list.ts';
import { CommandFailure } from './command-failure.ts';
import type { Output } from './output.ts';
import type { AddAccountFlags } from './program.ts';
import { readSecret } from './read-secret.ts';
import { withWorkspace } from './workspace-command.ts';

const probeTimeoutMs = 15_000;

/** Connects an account. Without `--models` the upstream is asked for its list; when it cannot be reached the catalogue's is used. */
export async function addAccountCommand(flags: AddAccountFlags, output: Output): Promise<void> {
  const kind = findUpstreamKind(flags.kind);
  if (kind === undefined) throw new CommandFailure(`There is no upstream kind "${flags.kind}".`);
  const options = optionsOf(flags.option, kind);
  const baseUrl = checkedBaseUrl(flags, kind, options);
  const described = { ...describe(flags), options };
  const credential = await credentialOf(flags, kind);
  await withWorkspace(async (workspace) => {
    const probe = await probeNew(workspace, { flags, kind, settings: { baseUrl, credential, options } });
    const fetched = probe?.isReachable === true && probe.models.length > 0 ? probe.models : undefined;
    const models = flags.models ?? fetched;
    const account = await asFailure(() =>
      addAccount(
        { store: workspace.store, ids: workspace.ids, now: workspace.now, box: workspace.secretBox },
        { ...described, credential, ...(models === undefined ? {} : { models }) },
      ),
    );
    if (output.isJson) {
      output.json({ ...accountBody(account), ...probeFacts(probe) });
      return;
    }
    output.line(
      `Connected ${account.name}: ${countOf(account.models, kind)}. A running relay uses it within a second.`,
    );
    if (probe?.isReachable === false)
      output.line(`Warning: it does not work yet. ${probe.problem} ${probe.fix}`);
    if (models === undefined && kind.provider === undefined)
      output.line('Warning: it offers no model yet. Remove it and add it again with --models.');
  });
}

function probeFacts(probe: ProbeResult | undefined): Record<string, unknown> {
  if (probe === undefined) return { reachable: null };
  if (probe.isReachable) return { reachable: true };
  return { reachable: false, problem: probe.problem, fix: probe.fix };
}

/** Without a list of its own an account serves what the catalogue has of its provider; a compatible server has none. */
function countOf(models: readonly string[] | undefined, kind: UpstreamKind): string {
  if (models === undefined) return kind.provider === undefined ? 'no models' : 'every model in the catalogue';
  return models.length === 1 ? '1 model' : `${models.length} models`;
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
  { flags, kind, settings }: { flags: AddAccountFlags; kind: UpstreamKind; settings: ConnectionSettings },
): Promise<ProbeResult | undefined> {
  if (flags.models !== undefined) return undefined;
  const account = { kind, settings, ...(flags.proxy === undefined ? {} : { proxy: flags.proxy }) };
  const authorizer = authorizerOf(account, workspace);
  return probeAccount(
    { ...account, ...(authorizer === undefined ? {} : { authorizer }) },
    {
      client: workspace.client,
      connectTimeoutMs: workspace.config.timeouts.connectMs,
      totalTimeoutMs: probeTimeoutMs,
    },
  );
}

function checkedBaseUrl(
  flags: AddAccountFlags,
  kind: UpstreamKind,
  options: Readonly<Record<string, string>>,
): string {
  if (flags.preset !== undefined && kind.presets[flags.preset] === undefined) {
    const known = Object.keys(kind.presets).join(', ') || 'none';
    throw new CommandFailure(`"${kind.id}" has no preset "${flags.preset}". Presets: ${known}.`);
  }
  const baseUrl = baseUrlOf(kind, { baseUrl: flags.baseUrl, preset: flags.preset, options });
  if (baseUrl === undefined) {
    const presets = Object.keys(kind.presets);
    throw new CommandFailure(
      `"${kind.id}" needs --base-url${presets.length === 0 ? '' : ` or --preset (${presets.join(', ')})`}.`,
    );
  }
  if (!URL.canParse(baseUrl) || !/^https?:/.test(baseUrl)) {
    throw new CommandFailure(`--base-url must be an http or https address, and "${baseUrl}" is not.`);
  }
  return baseUrl;
}

/** Checked against what the kind declares, so that a typing error does not wait for the first call. */
function optionsOf(pairs: readonly string[], kind: UpstreamKind): Record<string, string> {
  const options: Record<string, string> = {};
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    const name = at === -1 ? pair : pair.slice(0, at);
    const value = at === -1 ? '' : pair.slice(at + 1);
    const option = kind.options.find((known) => known.name === name);
    if (option === undefined) {
      const known = kind.options.map((each) => each.name).join(', ') || 'none';
      throw new CommandFailure(`"${kind.id}" has no option "${name}". Options: ${known}.`);
    }
    if (value === '') throw new CommandFailure(`--option takes name=value, and "${pair}" is not that.`);
    const given = option.isList === true ? value.split(',') : [value];
    const odd = given.find((one) => option.values?.includes(one) === false);
    if (odd !== undefined) {
      const known = option.values?.join(', ') ?? '';
      throw new CommandFailure(`"${name}" is one of ${known}, and "${odd}" is not.`);
    }
    options[name] = value;
  }
  const missing = kind.options.find((option) => option.isRequired && options[option.name] === undefined);
  if (missing !== undefined) {
    throw new CommandFailure(`"${kind.id}" needs --option ${missing.name}=...: ${missing.meaning}.`);
  }
  return options;
}

/** The address may carry a password, so it is not repeated. */
function checkedProxy(proxy: string): string {
  const url = URL.canParse(proxy) ? new URL(proxy) : undefined;
  if (url !== undefined && /^(?:https?|socks5h?):$/.test(url.protocol) && url.hostname !== '') return proxy;
  throw new CommandFailure('--proxy must be an http://, https:// or socks5:// address.');
}

async function credentialOf(flags: AddAccountFlags, kind: UpstreamKind): Promise<string> {
  const given = flags.credential === '-' ? await readSecret('API key') : (flags.credential ?? '');
  const credential = compactJson(given) ?? given.trim();
  if (credential === '' && kind.needsCredential) {
    throw new CommandFailure(
      'An API key is needed: --credential KEY, or "--credential -" to read it from standard input.',
    );
  }
  if (compactJson(given) === undefined && !/^[\x21-\x7e]*$/.test(credential)) {
    throw new CommandFailure(
      'The API key has blanks or characters in it that no API key has. Copy it again, without what is around it.',
    );
  }
  return credential;
}

/** Cloud credentials come as JSON files; kept on one line. `undefined` for anything else. */
function compactJson(text: string): string | undefined {
  if (!text.trimStart().startsWith('{')) return undefined;
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return undefined;
  }
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
