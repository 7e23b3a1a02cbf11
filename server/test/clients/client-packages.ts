/** How a client is had: its package, the version the tests were written against, and what is run. */
export interface ClientPackage {
  readonly registry: 'npm' | 'pypi';
  readonly package: string;
  readonly version: string;
  /** The executable, below the folder it is installed into. */
  readonly executable: string;
  /** What the package's own installer does after unpacking; install scripts are off otherwise. */
  readonly finish?: { readonly folder: string; readonly script: string };
  /** Roughly what it takes on disk, told before it is fetched. */
  readonly megabytes: number;
}

/** The one place where versions of clients stand. */
export const clientPackages = {
  'claude-code': {
    registry: 'npm',
    package: '@anthropic-ai/claude-code',
    version: '2.1.330',
    executable: 'node_modules/@anthropic-ai/claude-code/bin/claude.exe',
    finish: { folder: 'node_modules/@anthropic-ai/claude-code', script: 'install.cjs' },
    megabytes: 370,
  },
  codex: {
    registry: 'npm',
    package: '@openai/codex',
    version: '0.169.0',
    executable: 'node_modules/@openai/codex/bin/codex.js',
    megabytes: 400,
  },
  'gemini-cli': {
    registry: 'npm',
    package: '@google/gemini-cli',
    version: '0.61.0',
    executable: 'node_modules/@google/gemini-cli/bundle/gemini.js',
    megabytes: 100,
  },
  opencode: {
    registry: 'npm',
    package: 'opencode-ai',
    version: '1.18.33',
    executable: 'node_modules/opencode-ai/bin/opencode.exe',
    finish: { folder: 'node_modules/opencode-ai', script: 'postinstall.mjs' },
    megabytes: 350,
  },
  cline: {
    registry: 'npm',
    package: 'cline',
    version: '3.0.65',
    executable: 'node_modules/.bin/cline',
    megabytes: 440,
  },
  continue: {
    registry: 'npm',
    package: '@continuedev/cli',
    version: '1.5.47',
    executable: 'node_modules/@continuedev/cli/dist/cn.js',
    megabytes: 80,
  },
  aider: {
    registry: 'pypi',
    package: 'aider-chat',
    version: '0.86.2',
    executable: 'bin/aider',
    megabytes: 690,
  },
} as const satisfies Readonly<Record<string, ClientPackage>>;

export type ClientName = keyof typeof clientPackages;
