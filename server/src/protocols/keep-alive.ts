/** A comment frame: every reader of server-sent events skips it. */
export const commentKeepAlive = Buffer.from(': keep-alive\n\n');
