import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Cell } from './call-row.ts';

/** Rows per statement. Binding and starting a statement costs as much as a small row itself. */
const rowsAtOnce = 16;

/** Inserts many rows of one table with few statements. */
export class BulkInsert {
  readonly #width: number;
  readonly #many: StatementSync;
  readonly #one: StatementSync;

  /** `row` is the SQL of one row's values, e.g. `(?, 1, ?)`. */
  constructor(db: DatabaseSync, into: string, row: string) {
    this.#width = row.split('?').length - 1;
    this.#many = db.prepare(`${into} VALUES ${Array.from({ length: rowsAtOnce }, () => row).join(', ')}`);
    this.#one = db.prepare(`${into} VALUES ${row}`);
  }

  /** `cells` holds whole rows. */
  run(cells: readonly Cell[]): void {
    const step = rowsAtOnce * this.#width;
    let start = 0;
    for (; start + step <= cells.length; start += step) this.#many.run(...cells.slice(start, start + step));
    for (; start < cells.length; start += this.#width) {
      this.#one.run(...cells.slice(start, start + this.#width));
    }
  }
}
