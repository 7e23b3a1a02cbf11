/**
 * Targets: what stands between the load and the mock upstream. A target knows how to start itself in front
 * of an upstream and how it wants to be asked; it must not know what is measured.
 */
import type { PinnedProcess } from '../processes/pinned-process.ts';

export interface RunningTarget {
  /** Null for the direct run: there is no process between. */
  readonly process: PinnedProcess | null;
  readonly port: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly stop: () => Promise<void>;
}

export interface Target {
  readonly name: string;
  /** True for the relay itself, false for what it is compared with. */
  readonly isSubject: boolean;
  /** Why it cannot be measured here and what would help; null when it can. May install what it needs. */
  prepare(options: { readonly mayInstall: boolean }): Promise<string | null>;
  version(): string;
  start(upstreamPort: number): Promise<RunningTarget>;
}
