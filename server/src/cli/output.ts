/** How commands speak: tables for people, JSON for programs, one clear sentence for failures. */
export interface Output {
  readonly isJson: boolean;
  /** Writes one line. */
  line(text: string): void;
  json(value: unknown): void;
}

export function createOutput(isJson: boolean, write: (text: string) => void): Output {
  return {
    isJson,
    line: (text) => write(`${text}\n`),
    json: (value) => write(`${JSON.stringify(value, bigintAsText)}\n`),
  };
}

/** Aligns columns under their titles. East Asian wide characters count as two. */
export function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [titles, ...rows];
  const widths = titles.map((_, column) => Math.max(...all.map((row) => widthOf(row[column] ?? ''))));
  return all
    .map((row) =>
      titles
        .map((_, column) => {
          const cell = row[column] ?? '';
          return cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell));
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function widthOf(text: string): number {
  let width = 0;
  for (const character of text)
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(
        character,
      )
        ? 2
        : 1;
  return width;
}

function bigintAsText(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
