import type { ScramHash } from './mechanism.ts';

/** The SCRAM mechanisms, with and without channel binding (RFC 5802 §4). */
export type ScramMechanismName = `SCRAM-${ScramHash}` | `SCRAM-${ScramHash}-PLUS`;

/** The mechanisms that are spoken here. */
export type SaslMechanismName = ScramMechanismName | 'PLAIN' | 'EXTERNAL' | 'ANONYMOUS';

/**
 * All mechanisms, the most wanted first (RFC 6120 §6.3.3): EXTERNAL as §6.3.4 asks, then SCRAM with channel binding before
 * SCRAM without, the longer hash before the shorter, then PLAIN as the last resort of §13.8.3.
 */
export const SASL_MECHANISMS: readonly SaslMechanismName[] = [
  'EXTERNAL',
  'SCRAM-SHA-512-PLUS',
  'SCRAM-SHA-256-PLUS',
  'SCRAM-SHA-1-PLUS',
  'SCRAM-SHA-512',
  'SCRAM-SHA-256',
  'SCRAM-SHA-1',
  'PLAIN',
  'ANONYMOUS',
];

/** What a SCRAM mechanism's name says. */
export interface ScramVariant {
  readonly hash: ScramHash;
  /** Whether it is the -PLUS form, the one with channel binding. */
  readonly plus: boolean;
}

/** Reads the name of a SCRAM mechanism; undefined for another mechanism. Names are case-sensitive (RFC 4422 §3.1). */
export function scramVariant(name: string): ScramVariant | undefined {
  const plus = name.endsWith('-PLUS');
  const hash = plus ? name.slice(0, -'-PLUS'.length) : name;
  if (hash === 'SCRAM-SHA-1') return { hash: 'SHA-1', plus };
  if (hash === 'SCRAM-SHA-256') return { hash: 'SHA-256', plus };
  return hash === 'SCRAM-SHA-512' ? { hash: 'SHA-512', plus } : undefined;
}

/** Tells whether a mechanism is one that is spoken here. */
export function isSaslMechanism(name: string): name is SaslMechanismName {
  return SASL_MECHANISMS.some((known) => known === name);
}

/**
 * How strong a mechanism is, for floors and pins (rule S10); undefined for one that is not spoken here. Whatever proves a
 * secret without showing it is stronger than PLAIN, channel binding counts more than the hash.
 */
export function strengthOf(name: string): number | undefined {
  return isSaslMechanism(name) ? SASL_MECHANISMS.length - SASL_MECHANISMS.indexOf(name) : undefined;
}
