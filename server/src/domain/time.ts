/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number;

/** Reads the wall clock; passed in wherever time matters so that tests can hold it still. */
export type Now = () => EpochMs;
