const maxExcerpt = 200;

/** One line of at most 200 characters. */
export function excerpt(text: string, limit = maxExcerpt): string {
  const line = text.replace(/[\r\n\t]+/g, '⏎');
  return line.length <= limit ? line : `${line.slice(0, limit - 1)}…`;
}

/** Where two texts part, with what each says there. */
export function difference(expected: string, found: string): string {
  let at = 0;
  while (at < expected.length && at < found.length && expected[at] === found[at]) at += 1;
  const from = Math.max(0, at - 20);
  const part = (text: string): string => JSON.stringify(excerpt(text.slice(from, from + 90), 75));
  return `at character ${at}: ${part(found)} instead of ${part(expected)}`;
}
