/**
 * Fuzz: requests, answers and errors of our fixtures and of recordings, broken in ways drawn from a seed. Whatever comes, the
 * relay answers as the client's protocol demands, in bounded time. Begin with `runFuzz`.
 */
import type { Json } from '../../../src/protocols/canonical/request.ts';
import { fixtureMaterial, recordedMaterial, type Material } from '../laws/material.ts';
import { createRandom } from './random.ts';
import { fuzzError, fuzzRequest } from './request-case.ts';
import { fuzzAnswer } from './stream-case.ts';

/** Larger ones say nothing that smaller ones do not, and cost more. */
const maxBytes = 24_000;

const errors: readonly Json[] = [
  { error: { message: 'Too many', type: 'rate_limit_error', code: 'rate_limit_exceeded', param: null } },
  { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' }, request_id: 'r' },
  { error: { code: 429, message: 'Quota', status: 'RESOURCE_EXHAUSTED', details: [{ '@type': 'x' }] } },
  [{ error: { code: 400, message: 'Bad', status: 'INVALID_ARGUMENT' } }],
  { message: 'Too long', __type: 'ValidationException' },
  { detail: [{ loc: ['body'], msg: 'field required' }] },
  { error: 'plain', code: 'x' },
];

export interface FuzzFailure {
  readonly seed: number;
  readonly what: string;
  readonly problem: string;
}

/** Runs cases `from` to `from + count` of a seed; a case depends on its own number alone. */
export function runFuzz(seed: number, count: number, from = 0): readonly FuzzFailure[] {
  const material = usable();
  const failures: FuzzFailure[] = [];
  for (let index = from; index < from + count && failures.length < 10; index += 1) {
    const random = createRandom(seed * 1_000_003 + index);
    const what = { name: 'an error' };
    try {
      runCase(material, random, what);
    } catch (error) {
      const problem = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      failures.push({ seed, what: `case ${index}: ${what.name}`, problem: problem.slice(0, 400) });
    }
  }
  return failures;
}

function runCase(
  { answers, requests }: Material,
  random: ReturnType<typeof createRandom>,
  what: { name: string },
): void {
  const kind = random.below(10);
  if (kind === 0) {
    fuzzError(errors, random);
  } else if (kind < 4) {
    const request = random.pick(requests);
    what.name = `the request ${request.id}`;
    fuzzRequest(request, random);
  } else {
    const answer = random.pick(answers);
    what.name = `the answer ${answer.id}`;
    fuzzAnswer(answer, random);
  }
}

function usable(): Material {
  const [own, recorded] = [fixtureMaterial(), recordedMaterial()];
  return {
    answers: [...own.answers, ...recorded.answers].filter(({ bytes }) => bytes.length <= maxBytes),
    requests: [...own.requests, ...recorded.requests].filter(
      ({ body }) => JSON.stringify(body).length <= maxBytes,
    ),
  };
}
