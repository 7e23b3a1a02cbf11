import type { Json } from '../engine/simulated-call.ts';
import { bearerToken } from './provider.ts';
import type { Provider, ProviderError } from './provider.ts';

const NAME_OF_STATUS: Readonly<Record<number, string>> = {
  400: 'ValidationException',
  401: 'UnrecognizedClientException',
  402: 'ServiceQuotaExceededException',
  403: 'AccessDeniedException',
  404: 'ResourceNotFoundException',
  408: 'ModelTimeoutException',
  424: 'ModelErrorException',
  429: 'ThrottlingException',
  500: 'InternalServerException',
  503: 'ServiceUnavailableException',
};

const MESSAGE_OF_STATUS: Readonly<Record<number, string>> = {
  402: 'You have exceeded a service quota of your account.',
  403: 'User is not authorized to perform: bedrock:InvokeModel on the resource.',
  404: 'The model could not be found.',
  408: 'Model processing took longer than allowed.',
  424: 'The model returned an error.',
  429: 'Too many requests, please wait before trying again.',
  500: 'The system encountered an unexpected error during processing. Try your request again.',
  503: 'Bedrock is unable to process your request.',
};

const SIGNED = /^AWS4-HMAC-SHA256 Credential=([^/\s,]+)\//;

/** Amazon Bedrock: requests signed with an access key, or an API key sent as it is. */
export const bedrock: Provider = {
  id: 'bedrock',
  usageFields: ['usage'],
  findKey: ({ headers }) => bearerToken(headers) ?? SIGNED.exec(headers['authorization'] ?? '')?.[1],
  isWellFormedKey: (key) =>
    /^(?:AKIA|ASIA)[A-Z0-9]{8,124}$/.test(key) || /^(?:ABSK|bedrock-api-key-)[\w+/=-]{4,}$/.test(key),
  keyRefusal(key, requestId) {
    const code = key === undefined ? 'MissingAuthenticationTokenException' : 'UnrecognizedClientException';
    const message =
      key === undefined
        ? 'Missing Authentication Token'
        : 'The security token included in the request is invalid.';
    return {
      status: 403,
      headers: errorHeaders({ status: 403, requestId, code }),
      body: { message },
    };
  },
  errorBody,
  errorHeaders,
  streamError: (error) => {
    const name = nameOf(error);
    return `event: ${name[0]?.toLowerCase()}${name.slice(1)}\ndata: ${JSON.stringify(errorBody(error))}\n\n`;
  },
  commonHeaders: (requestId) => ({
    'x-amzn-requestid': `${requestId.slice(4, 12)}-0000-4000-8000-${requestId.slice(4, 16)}`,
  }),
  limitHeaders: () => ({}),
};

function nameOf(error: ProviderError): string {
  return (
    error.code ??
    NAME_OF_STATUS[error.status] ??
    (error.status < 500 ? 'ValidationException' : 'InternalServerException')
  );
}

function errorBody(error: ProviderError): Json {
  return { message: error.message ?? MESSAGE_OF_STATUS[error.status] ?? 'The request is not valid.' };
}

function errorHeaders(error: ProviderError): Readonly<Record<string, string>> {
  return {
    'x-amzn-errortype': `${nameOf(error)}:http://internal.amazon.com/coral/com.amazon.bedrock/`,
    ...(error.retryAfterS === undefined ? {} : { 'retry-after': String(Math.ceil(error.retryAfterS)) }),
  };
}
