import type { InitiatingConfig, ReceivingConfig, Security } from '@xmpp-wire/core';
import { madeUpTls } from './answers.ts';
import { counter } from './random.ts';

/** The domain that is served unless a test says otherwise. */
export const DEFAULT_DOMAIN = 'im.example.com';

/** The accounts there are unless a test says otherwise. */
export const DEFAULT_PASSWORDS = { juliet: 'R0m30' } as const;

/** What protects a connection: TLS by STARTTLS, TLS before the stream, or something that both sides trust without TLS. */
export type Protection = 'starttls' | 'direct' | 'trusted';

/** The configuration of Juliet's client, with parts replaced. */
export function initiatingConfig(
  parts: Partial<InitiatingConfig> = {},
  domain: string = DEFAULT_DOMAIN,
  protection: Protection = 'starttls',
): InitiatingConfig {
  const byPassword = parts.authenticateBy === undefined || parts.authenticateBy === 'password';
  const juliet = {
    credentials: { authcid: 'juliet', password: DEFAULT_PASSWORDS.juliet },
    from: `juliet@${domain}`,
    resource: 'balcony',
  };
  return { to: domain, random: counter(), ...(byPassword ? juliet : {}), ...securityOf(protection), ...parts };
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
