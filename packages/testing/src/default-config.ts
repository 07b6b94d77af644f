import { parseJidParts } from '@xmpp-wire/core/jid';
import type { InitiatingConfig, ReceivingConfig, Security } from '@xmpp-wire/core';
import { madeUpTls } from './answers.ts';
import { counter } from './random.ts';

/** The domain that is served unless a test says otherwise. */
export const DEFAULT_DOMAIN = 'im.example.com';

/** The accounts there are unless a test says otherwise. */
export const DEFAULT_PASSWORDS = { juliet: 'R0m30' } as const;

/** What protects a connection: TLS by STARTTLS, TLS before the stream, or something that both sides trust without TLS. */
export type Protection = 'starttls' | 'direct' | 'trusted';

/** The configuration of Juliet's client, with parts replaced; other credentials make it somebody else's. */
export function initiatingConfig(
  parts: Partial<InitiatingConfig> = {},
  domain: string = DEFAULT_DOMAIN,
  protection: Protection = 'starttls',
): InitiatingConfig {
  const { authenticateBy = 'password', credentials = { authcid: 'juliet', password: DEFAULT_PASSWORDS.juliet } } =
    parts;
  const from = parseJidParts({ localpart: credentials.authcid, domainpart: domain });
  const account = { credentials, resource: 'balcony', ...(from.ok ? { from: from.jid.toString() } : {}) };
  return {
    to: domain,
    random: counter(),
    ...(authenticateBy === 'password' ? account : {}),
    ...securityOf(protection),
    ...parts,
  };
}

/** The configuration of her server, with parts replaced. */
export function receivingConfig(
  parts: Partial<ReceivingConfig> = {},
  domain: string = DEFAULT_DOMAIN,
  protection: Protection = 'starttls',
): ReceivingConfig {
  return { domain, random: counter(128), ...securityOf(protection), ...parts };
}

function securityOf(protection: Protection): { readonly security?: Security } {
  if (protection === 'direct') return { security: { kind: 'tls', tls: madeUpTls() } };
  return protection === 'trusted' ? { security: { kind: 'trusted' } } : {};
}
