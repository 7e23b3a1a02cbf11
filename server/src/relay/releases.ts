/**
 * What a call has taken and must give back, last first, however it ends. Made for every call: a plain list costs a tenth of the
 * language's own disposable stack.
 */
export class Releases {
  readonly #releases: (() => void)[] = [];

  defer(release: () => void): void {
    this.#releases.push(release);
  }

  [Symbol.dispose](): void {
    for (let index = this.#releases.length - 1; index >= 0; index -= 1) this.#releases[index]?.();
    this.#releases.length = 0;
  }
}
