/** Something outside the code is wrong; the message is the one sentence the reader gets. */
export class LaunchError extends Error {}
