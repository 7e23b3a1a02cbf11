import { seededRandom } from '../engine/seeded-random.ts';
import { parseFault } from './fault.ts';
import type { Fault } from './fault.ts';

/** Faults as text (`429 retry-after-s=2`); `ok` or null is a healthy call. */
export interface FaultPlan {
  /** Consumed in order, one entry a call, before anything else counts. */
  readonly script?: readonly (string | null)[];
  /** How likely one of `faults` is, from 0 to 1; 1 unless told. */
  readonly rate?: number;
  readonly faults?: readonly string[];
}

export interface FaultBook {
  /** `account` is a key or a label; without it the plan is for every account that has none of its own. */
  setPlan(plan: FaultPlan, account?: string): void;
  clear(): void;
  plans(): Readonly<Record<string, FaultPlan>>;
  /** The fault this call meets: its own header, else its prompt's directive, else its account's plan. */
  choose(call: FaultedCall): Fault | undefined;
}

interface FaultedCall {
  readonly header: string | undefined;
  readonly bodyText: string;
  readonly account: { readonly key: string; readonly label: string };
}

interface ActivePlan {
  readonly plan: FaultPlan;
  readonly script: (Fault | undefined)[];
  readonly faults: readonly Fault[];
}

const EVERYBODY = '*';
const DIRECTIVE = /\[\[fault:\s*([^\]"\\]+)\]\]/g;

export function createFaultBook(seed: string): FaultBook {
  const plans = new Map<string, ActivePlan>();
  let random = seededRandom(`faults:${seed}`);

  return {
    setPlan(plan, account = EVERYBODY) {
      plans.set(account, {
        plan,
        script: (plan.script ?? []).map(readEntry),
        faults: (plan.faults ?? []).map(parseFault),
      });
    },
    clear() {
      plans.clear();
      random = seededRandom(`faults:${seed}`);
    },
    plans: () => Object.fromEntries([...plans].map(([account, active]) => [account, active.plan])),
    choose(call) {
      if (call.header !== undefined) return readEntry(call.header);
      const directive = [...call.bodyText.matchAll(DIRECTIVE)].at(-1)?.[1];
      if (directive !== undefined) return readEntry(directive);
      const active = plans.get(call.account.key) ?? plans.get(call.account.label) ?? plans.get(EVERYBODY);
      if (active === undefined) return undefined;
      if (active.script.length > 0) return active.script.shift();
      if (active.faults.length === 0 || random.next() >= (active.plan.rate ?? 1)) return undefined;
      return random.pick(active.faults);
    },
  };
}

function readEntry(entry: string | null): Fault | undefined {
  return entry === null || entry.trim() === 'ok' ? undefined : parseFault(entry);
}
