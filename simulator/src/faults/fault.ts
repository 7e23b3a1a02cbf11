const FAULT_NAMES = [
  'status',
  'refuse',
  'reset-before-headers',
  'reset-mid-headers',
  'reset-mid-stream',
  'stall-before-headers',
  'stall-after-headers',
  'stall-mid-stream',
  'slow-first-byte',
  'truncated-json',
  'garbage',
  'html-page',
  'empty-body',
  'empty-content',
  'overloaded-before-content',
  'overloaded-mid-stream',
  'missing-usage',
  'negative-usage',
  'shrinking-usage',
  'huge-usage',
  'zero-usage',
] as const;

export type FaultName = (typeof FAULT_NAMES)[number];

/** One thing that goes wrong with one call. Which settings count depends on the name; README.md has the table. */
export interface Fault {
  readonly name: FaultName;
  readonly status?: number;
  readonly type?: string;
  readonly code?: string;
  readonly message?: string;
  readonly retryAfterS?: number;
  readonly afterFrames?: number;
  readonly delayMs?: number;
}

const TEXT_SETTINGS: Readonly<Record<string, keyof Fault>> = {
  type: 'type',
  code: 'code',
  message: 'message',
};
const NUMBER_SETTINGS: Readonly<Record<string, keyof Fault>> = {
  status: 'status',
  'retry-after-s': 'retryAfterS',
  'after-frames': 'afterFrames',
  'delay-ms': 'delayMs',
};

/**
 * Reads `429 retry-after-s=3`, `status status=529`, `reset-mid-stream after-frames=2`. Values with spaces are quoted.
 * Throws an Error that names what was not understood.
 */
export function parseFault(text: string): Fault {
  const words = text.trim().match(/[^\s"]*"[^"]*"|\S+/g) ?? [];
  const [head = '', ...settings] = words;
  const isStatus = /^\d{3}$/.test(head);
  const name = isStatus ? 'status' : FAULT_NAMES.find((name) => name === head);
  if (name === undefined)
    throw new Error(`Unknown fault "${head}". Known: a status, ${FAULT_NAMES.join(', ')}.`);
  const read: Record<string, string | number> = isStatus ? { status: Number(head) } : {};
  for (const setting of settings) {
    const [key = '', ...rest] = setting.split('=');
    const value = rest.join('=').replace(/^"([\s\S]*)"$/, '$1');
    const asText = TEXT_SETTINGS[key];
    const asNumber = NUMBER_SETTINGS[key];
    if (asText !== undefined) read[asText] = value;
    else if (asNumber !== undefined && value !== '' && Number(value) >= 0) read[asNumber] = Number(value);
    else throw new Error(`Cannot read the setting "${setting}" of the fault "${name}".`);
  }
  return { ...read, name };
}
