import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FinishedRun } from './bench.ts';

/** The task every client gets: a program greets with a mistake in it; read it, mend it, run it, say so. */
export const taskFiles = { 'greet.mjs': "console.log('Helo, harbour!');\n" } as const;
export const mistake = 'Helo';
export const mended = 'Hello';
const mendedProgram = "console.log('Hello, harbour!');\n";
/** The same edit as tools for patches take it. */
export const patch = `*** Begin Patch\n*** Update File: greet.mjs\n@@\n-${taskFiles['greet.mjs']}+${mendedProgram}*** End Patch`;
/** Leaves a trace, so that it can be seen that the command ran. */
export const runCommand = 'node greet.mjs > said.txt';
export const lastWords = 'The greeting is mended.';

/** One answer of the scripted model: calls a tool with these arguments. */
export function callsTool(name: string, input: Readonly<Record<string, unknown>> | string): string {
  return `[[tool:${name} ${typeof input === 'string' ? input : JSON.stringify(input)}]]`;
}

/** What the user types: the wish, and the answers of the model one after the other. */
function scriptedPrompt(wish: string, answers: readonly string[]): string {
  return `${wish} ${answers.join(' [[next]] ')}`;
}

/** What every client is asked first. `answers` are the model's, before its last words. */
export function mendPrompt(answers: readonly string[]): string {
  return scriptedPrompt('Mend the greeting.', [...answers, `[[say:${lastWords}]]`]);
}

const secondWords = 'It was a greeting to the harbour.';
/** What a client is asked that goes on with the conversation. A script, so that words of the client's own ask for nothing. */
export const secondPrompt = `What was it again? [[say:${secondWords}]] [[next]]`;

/** The second question was answered with all that was said before it. */
export function assertGoesOn(run: FinishedRun, expected: ExpectedBooks): void {
  const story = storyOf(run);
  assert.equal(run.code, 0, story);
  assert.ok(run.stdout.includes(secondWords), story);
  assertCharged(run, expected);
}

/** The task is done: the file is mended, the command ran, the last words arrived, and the books say nothing else. */
export function assertTaskDone(run: FinishedRun): void {
  const story = storyOf(run);
  const read = (name: string): string => {
    const path = join(run.place.project, name);
    return existsSync(path) ? readFileSync(path, 'utf8') : '(no such file)';
  };
  assert.equal(read('greet.mjs'), mendedProgram, story);
  assert.equal(read('said.txt'), 'Hello, harbour!\n', story);
  assert.equal(run.code, 0, story);
  assert.ok(run.stdout.includes(lastWords), story);
}

export interface ExpectedBooks {
  readonly protocol: string;
  readonly model: string;
  /** Losses that the client's requests cannot avoid on this model. */
  readonly mayLose?: readonly string[];
  /** The least that the task takes. */
  readonly calls?: number;
  /** Calls that may fail, by their error code. */
  readonly failing?: readonly string[];
}

/** To read, to edit, to run, and to say so. */
const leastCalls = 4;

/** Every call of the run is booked, charged and as expected. */
export function assertBooked(run: FinishedRun, expected: ExpectedBooks): void {
  const story = storyOf(run);
  const main = run.calls.filter((call) => call.offeredModel === expected.model);
  assert.ok(main.length >= (expected.calls ?? leastCalls), story);
  assertCharged(run, expected);
}

function assertCharged(run: FinishedRun, expected: ExpectedBooks): void {
  const story = storyOf(run);
  for (const call of run.calls) {
    if (call.errorCode !== undefined && expected.failing?.includes(call.errorCode)) continue;
    assert.equal(call.outcome, 'success', story);
    assert.equal(call.protocol, expected.protocol, story);
    assert.equal(call.usageSource, 'reported', story);
    assert.ok(call.charge > 0n && call.usage.output > 0, story);
  }
  const lost = new Set(run.calls.flatMap((call) => call.flags));
  for (const loss of expected.mayLose ?? []) lost.delete(loss);
  assert.deepEqual([...lost], [], story);
}

const CALLS_TOLD = 12;

/** All that is known of a run, for the message of a failure. */
export function storyOf(run: FinishedRun): string {
  const calls = run.calls
    .slice(0, CALLS_TOLD)
    .map(
      (call) =>
        `${call.protocol} ${call.offeredModel} ${call.outcome} ${call.status} ${call.errorCode ?? ''} ${call.flags.join(',')}`,
    );
  return [
    `exit ${run.code}`,
    `${run.calls.length} calls`,
    ...calls,
    `wanted to reach: ${run.strangers.join(' ')}`,
    `stdout: ${run.stdout.slice(-3_000)}`,
    `stderr: ${run.stderr.slice(-3_000)}`,
  ].join('\n');
}
