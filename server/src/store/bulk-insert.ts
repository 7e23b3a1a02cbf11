import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Cell } from './call-row.ts';

/**
 * Rows of each statement. Binding and starting a statement costs as much as a small row itself, and group commits come in
 * every size, so any number of rows is made up of few statements.
 */
const sizes = [64, 32, 16, 8, 4, 2, 1] as const;

interface SizedStatement {
  readonly cells: number;
  readonly statement: StatementSync;
}

/** Inserts many rows of one table with few statements. */
export class BulkInsert {
  readonly #statements: readonly SizedStatement[];

  /** `row` is the SQL of one row's values, e.g. `(?, 1, ?)`. */
  constructor(db: DatabaseSync, into: string, row: string) {
    const width = row.split('?').length - 1;
    this.#statements = sizes.map((rows) => ({
      cells: rows * width,
      statement: db.prepare(`${into} VALUES ${Array.from({ length: rows }, () => row).join(', ')}`),
    }));
  }

  /** `cells` holds whole rows. */
  run(cells: readonly Cell[]): void {
    let start = 0;
    for (const { cells: step, statement } of this.#statements) {
      for (; start + step <= cells.length; start += step) statement.run(...cells.slice(start, start + step));
    }
  }
}
