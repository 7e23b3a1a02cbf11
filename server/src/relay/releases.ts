/**
 * What a call has taken and must give back, last first, however it ends. Made for every call, so it is a plain list in a
 * `finally`: the language's own disposables cost ten times as much.
 */
export class Releases {
  #releases: (() => void)[] = [];

  defer(release: () => void): void {
    this.#releases.push(release);
  }

  releaseAll(): void {
    const releases = this.#releases;
    this.#releases = [];
    for (let index = releases.length - 1; index >= 0; index -= 1) releases[index]?.();
  }
}
