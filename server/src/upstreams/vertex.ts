import { RelayError } from '../domain/errors.ts';
import type { ProtocolId } from '../protocols/canonical/request.ts';
import type { RequestTarget } from '../protocols/wire-protocol.ts';
import { bearerAuthorizer, keyAuthorizer } from './bearer-authorizer.ts';
import type { Carriage } from './carriage.ts';
import { credentialFields, textOf } from './cloud-credential.ts';
import { fetchGoogleToken } from './google-token.ts';
import { field, namesOf } from './model-list.ts';
import type { ConnectionSettings, UpstreamKind } from './upstream-kind.ts';
import { vertexClaudeCarriage } from './vertex-claude.ts';
import { vertexGeminiCarriage } from './vertex-gemini.ts';

const multiRegions: ReadonlySet<string> = new Set(['us', 'eu']);
const defaultLocation = 'global';

function hostOf(location: string): string {
  if (location === defaultLocation) return 'https://aiplatform.googleapis.com';
  if (multiRegions.has(location)) return `https://aiplatform.${location}.rep.googleapis.com`;
  return `https://${location}-aiplatform.googleapis.com`;
}

const carriages: Partial<Record<ProtocolId, Carriage>> = {
  gemini: vertexGeminiCarriage,
  'anthropic-messages': vertexClaudeCarriage,
};

/** Everything but Gemini that is served here is Anthropic's; its names say so. */
const claudeName = /^claude/;

/** Google Cloud's Vertex AI: Gemini and Claude under a project and a location. The base URL has no version. */
export const vertex: UpstreamKind = {
  id: 'vertex',
  title: 'Google Vertex AI',
  baseUrlOf: (options) => hostOf(options['location'] ?? defaultLocation),
  options: [
    {
      name: 'location',
      meaning: 'where the models run: "global" (the default), "us", "eu" or a region such as europe-west4',
      isRequired: false,
    },
    {
      name: 'project',
      meaning: "the Google Cloud project; that of the service account's key when left out",
      isRequired: false,
    },
  ],
  needsCredential: true,
  presets: {},
  provider: 'google',
  catalogueNames: (model) => {
    const plain = model.replace(/@(\d{8})$/, '-$1').replace(/@default$/, '');
    return plain === model ? [] : [plain];
  },
  speaks(operation, model) {
    if (operation !== 'generate' && operation !== 'count-tokens') return [];
    return claudeName.test(model) ? ['anthropic-messages'] : ['gemini'];
  },
  forwardedHeaders: [],
  requiredHeaders: [],
  address: (settings, protocol, model, target) => ({
    path:
      protocol === 'anthropic-messages'
        ? `/v1${placeOf(settings)}/publishers/anthropic/models/${claudePath(model, target)}`
        : `/${versionOf(target)}${placeOf(settings)}/publishers/google/models/${geminiPath(model, target)}`,
    headers: [],
  }),
  carriage: (protocol) => carriages[protocol],
  createAuthorizer(settings, ports) {
    const credential = credentialFields(settings.credential);
    if (credential === undefined) return keyAuthorizer('x-goog-api-key', settings.credential);
    return bearerAuthorizer(ports, () => fetchGoogleToken(credential, ports));
  },
  listModels: {
    address: () => ({ path: '/v1beta1/publishers/google/models?pageSize=300', headers: [] }),
    parse: (body) =>
      namesOf(field(body, 'publisherModels'), 'name')
        .map((name) => name.replace(/^publishers\/google\/models\//, ''))
        .filter((name) => name.startsWith('gemini')),
  },
};

/** An API key ("express mode") brings its project with it. */
function placeOf(settings: ConnectionSettings): string {
  const project = projectOf(settings);
  if (project === undefined) return '';
  const location = settings.options['location'] ?? defaultLocation;
  return `/projects/${encodeURIComponent(project)}/locations/${encodeURIComponent(location)}`;
}

function projectOf(settings: ConnectionSettings): string | undefined {
  const named = settings.options['project'];
  const credential = named === undefined ? credentialFields(settings.credential) : undefined;
  if (named !== undefined || credential === undefined) return named;
  const own = textOf(credential, 'project_id', 'quota_project_id');
  if (own !== undefined) return own;
  throw new RelayError('upstream_auth', {
    message: 'The credential names no project. Set the option "project" of the upstream account.',
  });
}

type Target = RequestTarget & { readonly stream: boolean };

/** Google's own API calls the version with everything in it `v1beta`, the cloud `v1beta1`. */
function versionOf(target: Target): string {
  return target.isCloudAddress === true && target.apiVersion === 'v1' ? 'v1' : 'v1beta1';
}

function geminiPath(model: string, target: Target): string {
  const verb = target.verb ?? (target.stream ? 'streamGenerateContent' : verbs[target.operation]);
  const asked = target.verb === undefined && target.stream ? 'alt=sse' : target.query;
  return `${encodeURIComponent(model)}:${verb ?? ''}${asked === '' ? '' : `?${asked}`}`;
}

const verbs: Readonly<Record<string, string>> = {
  generate: 'generateContent',
  'count-tokens': 'countTokens',
};

/** Anthropic dates its snapshots `-20250929`, the cloud `@20250929`. */
function claudePath(model: string, target: Target): string {
  if (target.operation === 'count-tokens') return 'count-tokens:rawPredict';
  const named = model.replace(/-(\d{8})$/, '@$1');
  return `${encodeURIComponent(named)}:${target.stream ? 'streamRawPredict' : 'rawPredict'}`;
}
