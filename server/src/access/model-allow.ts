import type { Principal } from './principal.ts';

/** True when the key may use the offered model. `gpt-4*` allows every name that begins with `gpt-4`. */
export function isModelAllowed(principal: Pick<Principal, 'allowedModels'>, model: string): boolean {
  const { allowedModels } = principal;
  if (allowedModels === undefined) return true;
  return allowedModels.some((allowed) =>
    allowed.endsWith('*') ? model.startsWith(allowed.slice(0, -1)) : allowed === model,
  );
}
