/** What SQLite says when the machine, not the program, is at fault; and what a person can do about it. */
const sentences: readonly (readonly [RegExp, string])[] = [
  [/disk is full/, 'The disk that holds the data folder is full. Free some space and try again.'],
  [
    /database is locked/,
    'Another process is writing to the database and does not end. Try again in a moment.',
  ],
  [
    /readonly database|unable to open database/,
    'The database cannot be written. Run this as the owner of the data folder, or set QINGZHOU_DATA_DIR to another.',
  ],
  [
    /disk I\/O error/,
    'The disk that holds the data folder does not answer as it should. Check the disk, then run: npm run qz -- doctor',
  ],
];

/** One sentence for a failure of the store that is not a fault of the program; `undefined` for any other. */
export function storeFailureOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return sentences.find(([pattern]) => pattern.test(error.message))?.[1];
}
