/**
 * Cli: one file per command, each a plain function over a workspace. People get tables and sentences, programs get `--json`.
 * Begin at `runProgram`; `workspace-command.ts` opens the data folder the way the server does.
 */
import { readFileSync } from 'node:fs';
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { ConfigError } from '../config/config-error.ts';
import { parseUsd, type NanoUsd } from '../domain/money.ts';
import { upstreamKinds } from '../upstreams/registry.ts';
import { addAccountCommand } from './account-add.ts';
import { listAccountsCommand } from './account-list.ts';
import { removeAccountCommand } from './account-remove.ts';
import { testAccountsCommand } from './account-test.ts';
import { CommandFailure } from './command-failure.ts';
import { doctorCommand } from './doctor.ts';
import { createKeyCommand } from './key-create.ts';
import { listKeysCommand } from './key-list.ts';
import { revokeKeyCommand } from './key-revoke.ts';
import { modelsCommand } from './models.ts';
import { createOutput, type Output } from './output.ts';
import { startCommand } from './start.ts';
import { storeFailureOf } from './store-failure.ts';
import { topUpCommand } from './top-up.ts';
import { usageCommand } from './usage.ts';

/** Runs one command line. Returns the exit code; every failure is one sentence on standard error. */
export async function runProgram(args: readonly string[]): Promise<number> {
  // Database, lock and secrets are the owner's alone, also in a folder that somebody made beforehand.
  process.umask(0o077);
  // `qingzhou models | head` is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : 1);
  });
  let exitCode = 0;
  const program = buildProgram((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    if (error instanceof CommandFailure || error instanceof ConfigError) {
      process.stderr.write(`${error.message}\n`);
      return 1;
    }
    const sentence = storeFailureOf(error);
    if (sentence === undefined) throw error;
    process.stderr.write(`${sentence}\n`);
    return 1;
  }
}

function ownVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** What the parser says ("error: unknown option '--jsn'\n(Did you mean --json?)") as a sentence with what to do next. */
function sentenceOf(text: string): string {
  const [problem = '', ...hints] = text
    .replace(/^error: /, '')
    .trim()
    .split('\n');
  const sentence = problem.charAt(0).toUpperCase() + problem.slice(1).replace(/\.$/, '');
  const hint = hints.map((line) => line.replace(/^\((.*)\)$/, '$1')).join(' ');
  return `${sentence}. ${hint === '' ? 'Add --help to see what there is.' : hint}`;
}

function buildProgram(setExitCode: (code: number) => void): Command {
  const program = new Command('qingzhou')
    .description('Qingzhou (轻舟): one address, one key and one bill for every AI model.')
    .version(ownVersion(), '--version', 'print the version')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`${sentenceOf(text)}\n`) });
  const outputOf = (options: { json?: boolean }): Output =>
    createOutput(options.json === true, (text) => process.stdout.write(text));

  program
    .command('start')
    .description('Start the relay.')
    .option('--demo', 'connect simulated accounts, so that everything can be tried without a provider key')
    .option('--host <address>', 'address to listen on (QINGZHOU_HOST)')
    .option('--port <number>', 'port to listen on (QINGZHOU_PORT)')
    .option('--json', 'print one JSON line when listening')
    .action(async (options: { demo?: boolean; host?: string; port?: string; json?: boolean }) => {
      setExitCode(await startCommand(options, outputOf(options)));
    });
  addAccountCommands(program, outputOf, setExitCode);
  addKeyCommands(program, outputOf);
  program
    .command('usage')
    .description('Show what was used and charged.')
    .addOption(new Option('--by <what>', 'group by').choices(['model', 'key', 'day']).default('model'))
    .option('--days <number>', 'how many days back', positiveNumber, 30)
    .option('--json', 'print JSON')
    .action((options: { by: 'model' | 'key' | 'day'; days: number; json?: boolean }) =>
      usageCommand(options, outputOf(options)),
    );
  program
    .command('top-up')
    .description('Credit the wallet of the default organization.')
    .addArgument(new Argument('<usd>', 'amount in USD').argParser(usdAmount))
    .option('--reference <text>', 'makes a repeated command harmless')
    .option('--json', 'print JSON')
    .action((amount: NanoUsd, options: { reference?: string; json?: boolean }) =>
      topUpCommand({ ...options, amount }, outputOf(options)),
    );
  program
    .command('models')
    .description('List the models on offer and their prices.')
    .option('--json', 'print JSON')
    .action((options: { json?: boolean }) => modelsCommand(outputOf(options)));
  program
    .command('doctor')
    .description('Check data folder, secrets, clock, disk and every account; say how to mend what is wrong.')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      setExitCode(await doctorCommand(outputOf(options)));
    });
  return program;
}

function addAccountCommands(
  program: Command,
  outputOf: (options: { json?: boolean }) => Output,
  setExitCode: (code: number) => void,
): void {
  const account = program
    .command('account')
    .description('Upstream accounts: the credentials calls are sent with.');
  account
    .command('add')
    .description('Connect an upstream account.')
    .addOption(
      new Option('--kind <kind>', 'what it is')
        .choices(upstreamKinds.map((kind) => kind.id))
        .makeOptionMandatory(),
    )
    .requiredOption('--name <name>', 'a name to tell it by')
    .option(
      '--credential <key>',
      'its API key; "-" reads it from standard input (so that it stays out of the history)',
    )
    .option('--preset <name>', 'a well-known compatible server')
    .option('--base-url <url>', 'where it is, when that is not the default')
    .option(
      '--models <list>',
      'models it serves, separated by commas; "*" at the end matches any ending',
      list,
    )
    .option('--map <pairs>', 'offered=upstream model names, separated by commas', list)
    .option('--proxy <url>', 'http://, https:// or socks5:// proxy to reach it through')
    .option('--region <label>', 'a label such as "eu"')
    .option(
      '--option <name=value>',
      "one of the kind's own settings; may be given several times",
      collect,
      [],
    )
    .option('--priority <number>', 'lower is tried first', wholeNumber, 10)
    .addOption(
      new Option('--unpriced <what>', 'what to do with models that have no price')
        .choices(['refuse', 'free'])
        .default('refuse'),
    )
    .option('--json', 'print JSON')
    .action((options: AddAccountFlags) => addAccountCommand(options, outputOf(options)));
  account
    .command('list')
    .description('List upstream accounts.')
    .option('--json', 'print JSON')
    .action((options: { json?: boolean }) => listAccountsCommand(outputOf(options)));
  account
    .command('test [name]')
    .description('Make the cheapest real call to one account, or to all.')
    .option('--json', 'print JSON')
    .action(async (name: string | undefined, options: { json?: boolean }) => {
      setExitCode(await testAccountsCommand(name, outputOf(options)));
    });
  account
    .command('remove <name>')
    .description('Disconnect an upstream account. Its calls and charges stay in the books.')
    .option('--json', 'print JSON')
    .action((name: string, options: { json?: boolean }) => removeAccountCommand(name, outputOf(options)));
}

/** Flags of `account add`, as commander hands them over. */
export interface AddAccountFlags {
  readonly kind: string;
  readonly name: string;
  readonly credential?: string;
  readonly preset?: string;
  readonly baseUrl?: string;
  readonly models?: readonly string[];
  readonly map?: readonly string[];
  readonly proxy?: string;
  readonly region?: string;
  readonly option: readonly string[];
  readonly priority: number;
  readonly unpriced: 'refuse' | 'free';
  readonly json?: boolean;
}

/** Flags of `key create`. */
export interface CreateKeyFlags {
  readonly name: string;
  readonly expires?: string;
  readonly models?: readonly string[];
  readonly addresses?: readonly string[];
  readonly rpm?: number;
  readonly tpm?: number;
  readonly concurrency?: number;
  readonly strict?: boolean;
  readonly json?: boolean;
}

function addKeyCommands(program: Command, outputOf: (options: { json?: boolean }) => Output): void {
  const key = program.command('key').description('Relay keys: the credentials callers are given.');
  key
    .command('create')
    .description('Create a relay key. It is shown once.')
    .requiredOption('--name <name>', 'a name to tell it by')
    .option('--expires <date>', 'last moment it works, as 2027-01-31 or with a time')
    .option('--models <list>', 'models it may use, separated by commas', list)
    .option('--addresses <list>', 'addresses or CIDR ranges it may be used from, separated by commas', list)
    .option('--rpm <number>', 'requests per minute', positiveNumber)
    .option('--tpm <number>', 'tokens per minute', positiveNumber)
    .option('--concurrency <number>', 'calls at once', positiveNumber)
    .option('--strict', 'refuse requests that would lose something in translation')
    .option('--json', 'print JSON')
    .action((options: CreateKeyFlags) => createKeyCommand(options, outputOf(options)));
  key
    .command('list')
    .description('List relay keys.')
    .option('--json', 'print JSON')
    .action((options: { json?: boolean }) => listKeysCommand(outputOf(options)));
  key
    .command('revoke <name>')
    .description('Disable a relay key, by name or id.')
    .option('--json', 'print JSON')
    .action((name: string, options: { json?: boolean }) => revokeKeyCommand(name, outputOf(options)));
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError('It must be a whole number, 0 or more.');
  return value;
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number, 1 or more.');
  return value;
}

/** What is given again adds to what was given before. */
/** Collects an option that may be given several times. */
function collect(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}

function list(text: string, before: readonly string[] = []): readonly string[] {
  const items = text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  if (items.length === 0) throw new InvalidArgumentError('It must name at least one, separated by commas.');
  return [...before, ...items];
}

function usdAmount(text: string): NanoUsd {
  const amount = parseUsd(text);
  if (amount === undefined || amount <= 0n)
    throw new InvalidArgumentError('It must be an amount in USD such as 25 or 0.50.');
  return amount;
}
