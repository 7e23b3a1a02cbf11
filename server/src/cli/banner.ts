export interface BannerFacts {
  readonly url: string;
  /** Shown only when it was just made. */
  readonly key: string | undefined;
  readonly accounts: number;
  readonly isDemo: boolean;
  readonly dataDir: string;
}

/** Where to go and what to do next, in under ten lines. */
export function bannerLines(facts: BannerFacts): readonly string[] {
  const { url, key, accounts, isDemo } = facts;
  return [
    `Qingzhou is running at ${url}`,
    ...(isDemo
      ? ['DEMO: all accounts are simulated. Answers are made up, no provider is called, nothing is billed.']
      : []),
    `  base URL for OpenAI clients             ${url}/v1`,
    `  base URL for Anthropic, Gemini clients  ${url}`,
    key === undefined
      ? '  relay key: one of yours; another: npm run qz -- key create --name NAME'
      : `  relay key (shown only now)              ${key}`,
    ...(accounts > 0
      ? [
          `${accounts} upstream ${accounts === 1 ? 'account' : 'accounts'} connected. Try: curl ${url}/v1/models -H "authorization: Bearer KEY"`,
        ]
      : [
          'No upstream account yet. Connect one: npm run qz -- account add --kind anthropic --name main --credential -',
        ]),
    isDemo
      ? 'Stop with Ctrl+C; the demo keeps nothing. For real: npm start'
      : 'Stop with Ctrl+C. What is wrong, if anything: npm run qz -- doctor',
  ];
}
