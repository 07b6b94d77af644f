import { randomBytes } from 'node:crypto';
import { jid, type Jid } from '@xmpp-wire/core';

/** An account of the demo, with its password in clear: it is shown to whoever runs it. */
export interface DemoAccount {
  readonly jid: Jid;
  readonly password: string;
}

/** Makes up an account for one run. */
export function makeAccount(localpart: string, domain: string): DemoAccount {
  return { jid: jid(`${localpart}@${domain}`), password: makePassword() };
}

// Without letters and digits that look alike. 12 of 32 are 60 bits.
const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789';

function makePassword(): string {
  const characters = Array.from(randomBytes(12), (byte) => ALPHABET[byte % ALPHABET.length] ?? '');
  return [0, 4, 8].map((at) => characters.slice(at, at + 4).join('')).join('-');
}
