import type { Quirk } from './dialect.ts';
import { mapMessages } from './messages.ts';

/** The server knows no `developer` role. */
export const systemRoleOnly: Quirk = {
  name: 'system-role-only',
  apply: (body) =>
    mapMessages(body, (message) =>
      message['role'] === 'developer' ? { ...message, role: 'system' } : message,
    ),
};
