import { setTimeout as wait } from 'node:timers/promises';

/** Repeats an assertion until it holds; fails with its own message when it does not within `withinMs`. */
export async function eventually(assertion: () => void | Promise<void>, withinMs = 5_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      await assertion();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await wait(10);
  }
}
