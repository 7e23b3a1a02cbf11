import type { Identity, ServiceAccountKey } from '../identity/index.ts';

/** The configuration file of a workload from elsewhere. */
export interface ExternalAccount {
  readonly type: 'external_account';
  readonly audience: string;
  readonly subject_token_type: string;
  readonly token_url: string;
  readonly service_account_impersonation_url: string;
  readonly credential_source: { readonly file: string };
}

/** Credentials that the simulated clouds take, in the form their consoles give them. */
export interface Cloud {
  readonly projectId: string;
  serviceAccountKey(): ServiceAccountKey;
  /** Workload identity: the subject's token is read from a file that the caller writes. */
  externalAccount(subjectTokenFile: string): ExternalAccount;
  readonly subjectToken: string;
  /** An application of Entra; its token endpoint lies below `authority`. */
  readonly application: Identity['application'] & { readonly authority: string };
  /** Tokens given so far. */
  tokensIssued(): number;
  /** Refuses every token given so far. */
  revokeTokens(): void;
  /** Of tokens given from now on. */
  setTokenLifetime(seconds: number): void;
}

export function createCloud(identity: Identity, url: string): Cloud {
  return {
    projectId: identity.projectId,
    serviceAccountKey: () => ({
      type: 'service_account',
      project_id: identity.projectId,
      private_key_id: identity.serviceAccountKeyId,
      private_key: identity.privateKeyPem(),
      client_email: identity.serviceAccountEmail,
      token_uri: `${url}/token`,
    }),
    externalAccount: (file) => ({
      type: 'external_account',
      audience:
        '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/simulated/providers/simulated',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: `${url}/v1/token`,
      service_account_impersonation_url: `${url}/v1/projects/-/serviceAccounts/${identity.serviceAccountEmail}:generateAccessToken`,
      credential_source: { file },
    }),
    subjectToken: identity.subjectToken,
    application: { ...identity.application, authority: url },
    tokensIssued: () => identity.tokens.issued(),
    revokeTokens: () => identity.tokens.revokeAll(),
    setTokenLifetime: (seconds) => identity.tokens.setLifetime(seconds),
  };
}
