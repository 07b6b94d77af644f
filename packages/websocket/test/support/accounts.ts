import { scramCredentials, type ScramCredentials, type ScramHash } from '@xmpp-wire/core/sasl';
import type { StreamPolicy } from '@xmpp-wire/core';
import type { AskHandlers } from '../../src/index.ts';

export const DOMAIN = 'im.example.com';
export const PASSWORD = 'R0m30';
const ITERATIONS = 4096;

const stored = new Map<ScramHash, ScramCredentials>();

function credentialsOf(hash: ScramHash): ScramCredentials {
  const salt = new Uint8Array(16).fill(3);
  const known = stored.get(hash) ?? scramCredentials({ hash, password: PASSWORD, salt, iterations: ITERATIONS });
  stored.set(hash, known);
  return known;
}

/** A server of one domain with the account juliet. */
export const asksOf = (policy: Partial<StreamPolicy> = {}): AskHandlers => ({
  'accept-stream': ({ to }) =>
    to === DOMAIN
      ? {
          domain: DOMAIN,
          mechanisms: ['SCRAM-SHA-256', 'SCRAM-SHA-1', 'PLAIN'],
          plain: { check: 'scram-keys', hash: 'SHA-256' },
          decoySecret: new Uint8Array(32).fill(7),
          ...policy,
        }
      : { refuse: { condition: 'host-unknown' } },
  'look-up-credentials': ({ authcid, hash }) => (authcid === 'juliet' ? credentialsOf(hash) : 'unknown-account'),
});
