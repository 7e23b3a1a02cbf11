import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { bootRelay, type BootedRelay } from './boot-relay.ts';
import { eventually } from './eventually.ts';
import { preparePython, type PythonEnvironment } from './python-environment.ts';

const run = promisify(execFile);
let relay: BootedRelay;
let environment: PythonEnvironment;

before(async () => {
  environment = await preparePython();
  relay = await bootRelay();
});
after(() => relay[Symbol.asyncDispose]());

/** Runs one script and reads the JSON object it prints. */
async function drive(script: string, baseUrl: string): Promise<Record<string, unknown>> {
  assert.ok(environment.isReady);
  const path = join(import.meta.dirname, 'python', script);
  const { stdout } = await run(environment.python, [path, baseUrl, relay.key], {
    timeout: 60_000,
    env: { PATH: process.env['PATH'] ?? '' },
  });
  return JSON.parse(stdout) as Record<string, unknown>;
}

test('the openai Python client: unary, stream, tools, images, errors, abort, as in the README', async (t) => {
  if (!environment.isReady) {
    t.skip(environment.reason);
    return;
  }
  const out = await drive('openai_client.py', `${relay.url}/v1`);
  assert.notEqual(out['readme_text'], '');
  assert.notEqual(out['environment_text'], '');
  assert.equal(out['legacy_environment'], 'ok');
  assert.equal(out['stream_text'], 'one two three four');
  assert.ok(Number(out['stream_usage']) >= 4);
  assert.equal(out['tool_name'], 'get_weather');
  assert.deepEqual(out['tool_arguments'], { city: 'Paris' });
  assert.notEqual(out['tool_answer'], '');
  assert.notEqual(out['image_text'], '');
  assert.equal(out['responses_text'], 'hello from responses');
  assert.equal(out['responses_last_event'], 'response.completed');
  assert.equal(out['embedding_length'], 1_536);
  const missing = out['missing_model'] as Record<string, unknown>;
  assert.deepEqual([missing['status'], missing['code']], [404, 'model_not_found']);
  assert.match(String(missing['request_id']), /^qzc_/);
  assert.equal(out['wrong_key'], 401);
  assert.equal(out['bad_role'], 400);
  await eventually(() => assert.equal(relay.simulator.openStreams(), 0));
});

test('the anthropic Python client: unary, stream, tools, images, errors, abort', async (t) => {
  if (!environment.isReady) {
    t.skip(environment.reason);
    return;
  }
  const out = await drive('anthropic_client.py', relay.url);
  assert.equal(out['text'], 'good morning');
  assert.equal(out['stream_text'], 'one two three four');
  assert.equal(out['stream_stop'], 'end_turn');
  assert.deepEqual(out['tool_input'], { city: 'Paris' });
  assert.equal(out['tool_stop'], 'tool_use');
  assert.notEqual(out['tool_answer'], '');
  assert.notEqual(out['image_text'], '');
  assert.equal(out['foreign_text'], 'bonjour');
  assert.ok(Number(out['count']) > 0);
  const missing = out['missing_model'] as Record<string, unknown>;
  assert.deepEqual([missing['status'], missing['type']], [404, 'not_found_error']);
  assert.equal(out['wrong_key'], 401);
  assert.equal(out['empty_text'], 400);
  await eventually(() => assert.equal(relay.simulator.openStreams(), 0));
});

test('the google-genai Python client: unary, stream, tools, images, errors, abort', async (t) => {
  if (!environment.isReady) {
    t.skip(environment.reason);
    return;
  }
  const out = await drive('google_client.py', relay.url);
  assert.equal(out['text'], 'good morning');
  assert.equal(out['stream_text'], 'one two three four');
  assert.deepEqual(out['tool_args'], { city: 'Paris' });
  assert.notEqual(out['tool_answer'], '');
  assert.notEqual(out['image_text'], '');
  assert.ok(Number(out['count']) > 0);
  assert.ok(Number(out['embedding_length']) > 0);
  assert.equal((out['missing_model'] as Record<string, unknown>)['code'], 404);
  assert.equal((out['wrong_key'] as Record<string, unknown>)['code'], 401);
  await eventually(() => assert.equal(relay.simulator.openStreams(), 0));
});
