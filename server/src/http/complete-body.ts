import { changeMembers } from '../platform/json-members.ts';
import { JsonSyntaxError, readValue, scanJson } from '../platform/json-scan.ts';

/** Top-level fields whose values stand in the address. The address wins over the body. */
export interface BodyFields {
  readonly model?: string;
  readonly stream?: true;
}

export interface CompletedBody {
  readonly body: Buffer;
  /** The protocol's version, where the body carried it instead of a header. */
  readonly version?: string;
}

/** Clouds take the version in the body; one of their own stands for the protocol's first. */
const versionField = 'anthropic_version';
const cloudVersion = /^(?:vertex|bedrock)-/;

/**
 * Makes the body of a cloud's client one of the plain protocol, so that no later stage needs to know the cloud. A body that
 * is not JSON goes on as it is: `inspect` says so to the client.
 */
export function completeBody(body: Buffer, fields: BodyFields): CompletedBody {
  try {
    const span = scanJson(body).values.get(versionField);
    const version = span === undefined ? undefined : readValue(body, span);
    return {
      body: changeMembers(body, { ...fields, [versionField]: undefined }),
      ...(typeof version === 'string' && !cloudVersion.test(version) ? { version } : {}),
    };
  } catch (error) {
    if (error instanceof JsonSyntaxError) return { body };
    throw error;
  }
}
