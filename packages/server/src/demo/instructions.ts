import type { DemoAccount } from './accounts.ts';
import type { Screen } from './screen.ts';
import type { StartedServer } from './start-server.ts';

/** What somebody needs to know to join with a client. */
export interface Invitation {
  readonly domain: string;
  readonly accounts: readonly DemoAccount[];
  readonly started: StartedServer;
  /** Where the authority's certificate was written. */
  readonly caFile: string;
  readonly fingerprint: string;
}

/** Tells how to join with any client. */
export function invite(screen: Screen, { domain, accounts, started, caFile, fingerprint }: Invitation): void {
  const { bold, dim } = screen.colours;
  const { address, port } = started.starttls;
  const row = (name: string, text: string): void => screen.line(`   ${dim(name.padEnd(12))} ${text}`);
  screen.heading('Join with any XMPP client on this machine');
  for (const { jid, password } of accounts) row('account', `${bold(jid.toString())}  password ${bold(password)}`);
  row('server', `${address}, port ${port} (STARTTLS) or ${started.directTls.port} (direct TLS)`);
  row('domain', `${domain}; where the client asks for a host of its own, that is ${address}`);
  row('certificate', 'new, and nobody vouches for it. Let the client trust the authority in');
  row('', bold(caFile));
  row('', 'or, when it asks, compare the fingerprint (SHA-256):');
  row('', fingerprint.slice(0, 47));
  row('', fingerprint.slice(48));
  const { web } = started;
  if (web !== undefined) row('a browser', `${bold(`http://localhost:${web.port}/`)} in two tabs, one for each account`);
  const [first] = accounts;
  const account = first?.jid.toString() ?? '';
  row('profanity', `/connect ${account} server ${address} port ${port} tls trust`);
  row('on Node', `NODE_EXTRA_CA_CERTS=${caFile} node your-client.js`);
  row('a look', `openssl s_client -connect ${address}:${port} -starttls xmpp -xmpphost ${domain} -CAfile ${caFile}`);
}
