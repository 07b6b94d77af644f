/**
 * Compares two byte strings in a time that does not depend on where they differ (rule S12). Lengths are no secret:
 * where they differ the answer is at once false.
 *
 * @example
 * ```ts
 * import { equalBytes } from '@xmpp-wire/core/adapter';
 * equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2)); // true
 * ```
 */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  let difference = 0;
  // No early way out: every byte is looked at, whatever the ones before it were.
  for (let at = 0; at < left.length; at++) difference |= (left[at] ?? 0) ^ (right[at] ?? 0);
  return difference === 0;
}
