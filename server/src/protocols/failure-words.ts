import type { ErrorCode } from '../domain/errors.ts';
import { wordTable } from './canonical/word-table.ts';

/**
 * What upstreams call their failures, in all protocols together: the vocabularies do not contradict each other, and
 * compatible servers mix them. First the words that say precisely what failed, whatever the status; then the status;
 * then words that only repeat a status, for failures inside a 200.
 */
export const preciseWords = wordTable<ErrorCode>({
  context_length_exceeded: 'context_too_long',
  context_window_exceeded: 'context_too_long',
  string_above_max_length: 'context_too_long',
  insufficient_quota: 'upstream_quota',
  billing_error: 'upstream_quota',
  billing_hard_limit_reached: 'upstream_quota',
  contract_spend_limit_reached: 'upstream_quota',
  enforced_spend_limit_reached: 'upstream_quota',
  exceeded_current_quota_error: 'upstream_quota',
  insufficient_balance: 'upstream_quota',
  insufficient_credits: 'upstream_quota',
  arrearage: 'upstream_quota',
  rate_limit_exceeded: 'upstream_rate_limited',
  rate_limit_reached_error: 'upstream_rate_limited',
  ramp_limit_exceeded: 'upstream_rate_limited',
  invalid_api_key: 'upstream_auth',
  api_key_invalid: 'upstream_auth',
  invalid_authentication_error: 'upstream_auth',
  incorrect_api_key: 'upstream_auth',
  account_deactivated: 'upstream_auth',
  organization_on_hold: 'upstream_auth',
  unsupported_country_region_territory: 'upstream_auth',
  model_not_found: 'upstream_model_missing',
  deploymentnotfound: 'upstream_model_missing',
  content_filter: 'upstream_refused_content',
  content_policy_violation: 'upstream_refused_content',
  responsibleaipolicyviolation: 'upstream_refused_content',
  data_inspection_failed: 'upstream_refused_content',
  bio_policy: 'upstream_refused_content',
  misalignment_policy_violation: 'upstream_refused_content',
  overloaded_error: 'upstream_overloaded',
  engine_overloaded_error: 'upstream_overloaded',
  slow_down: 'upstream_overloaded',
});

/** Words whose meaning is that of a status. */
export const statusWords = wordTable<number>({
  invalid_request_error: 400,
  invalid_argument: 400,
  failed_precondition: 400,
  out_of_range: 400,
  invalid_prompt: 400,
  bad_request: 400,
  tool_use_failed: 400,
  validationexception: 400,
  authentication_error: 401,
  unauthenticated: 401,
  permission_error: 403,
  permission_denied: 403,
  not_found_error: 404,
  not_found: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  resource_exhausted: 429,
  too_many_requests: 429,
  throttlingexception: 429,
  server_error: 500,
  api_error: 500,
  internal: 500,
  internal_error: 500,
  internal_server_error: 500,
  unknown: 500,
  unavailable: 503,
  overloaded: 503,
  service_unavailable: 503,
  timeout_error: 504,
  deadline_exceeded: 504,
});

const byStatus: Readonly<Record<number, ErrorCode>> = {
  401: 'upstream_auth',
  402: 'upstream_quota',
  403: 'upstream_auth',
  404: 'upstream_model_missing',
  408: 'upstream_timeout',
  409: 'upstream_failed',
  424: 'upstream_failed',
  425: 'upstream_failed',
  429: 'upstream_rate_limited',
  503: 'upstream_overloaded',
  504: 'upstream_timeout',
  524: 'upstream_timeout',
  529: 'upstream_overloaded',
};

export function codeOfStatus(status: number): ErrorCode {
  const known = byStatus[status];
  if (known !== undefined) return known;
  if (status >= 500) return 'upstream_failed';
  return status >= 400 ? 'upstream_rejected_input' : 'upstream_protocol';
}

interface Pattern {
  readonly from: readonly ErrorCode[];
  readonly text: RegExp;
  readonly code: ErrorCode;
}

/** The last resort: providers that put two meanings under one status tell them apart by their sentence alone. */
const patterns: readonly Pattern[] = [
  {
    from: ['upstream_rejected_input'],
    text: /prompt is too long|maximum context length|context (length|window)|exceeds? the maximum number of tokens|too many (input )?tokens/i,
    code: 'context_too_long',
  },
  {
    from: ['upstream_rejected_input', 'upstream_auth', 'upstream_failed'],
    text: /credit balance|insufficient (balance|credits?|funds)|spend(ing)? limit|billing (hard )?limit|account .{0,20}overdue/i,
    code: 'upstream_quota',
  },
  {
    from: ['upstream_rejected_input'],
    text: /api key (not valid|expired|not found)|invalid api key|incorrect api key/i,
    code: 'upstream_auth',
  },
  {
    from: ['upstream_rejected_input'],
    text: /\bmodels?\b.{0,120}\b(does not exist|is not found|not found|is not supported for (generate|embed|count))/i,
    code: 'upstream_model_missing',
  },
  {
    from: ['upstream_rejected_input', 'upstream_auth'],
    text: /content (management|filter|policy)|flagged (as|by|for)|requires moderation|usage polic(y|ies)|invalid prompt/i,
    code: 'upstream_refused_content',
  },
  {
    // A resource of the request, not the model: another account would not have it either.
    from: ['upstream_model_missing', 'upstream_auth'],
    text: /\b(previous response|response with id|file|container|conversation|item with id|cached ?content|batch)\b(?!.*\bmodel\b)/i,
    code: 'upstream_rejected_input',
  },
  {
    from: ['upstream_failed', 'upstream_rate_limited'],
    text: /overloaded|at capacity|over capacity/i,
    code: 'upstream_overloaded',
  },
];

export function refineBySentence(code: ErrorCode, sentence: string): ErrorCode {
  return patterns.find((pattern) => pattern.from.includes(code) && pattern.text.test(sentence))?.code ?? code;
}
