import { completeClientOptions, type ClientSettings, type TcpClientOptions, type TcpTimeouts } from '@xmpp-wire/driver';
import type { DnsResolver } from './dns/resolver.ts';
import { nodePlatform } from './platform.ts';
import { checkTlsOptions, type ClientTlsOptions } from './tls/client-tls.ts';

/** Deadlines of a client's connection, in milliseconds. */
export interface ConnectTimeouts extends TcpTimeouts {}

/** What to connect to, as whom, and how. Give `jid`, or `domain` for ANONYMOUS and EXTERNAL. */
export interface ConnectOptions extends TcpClientOptions {
  /** The domain, where there is no account to name. The certificate is checked for it, or for the domain of `jid`, and for nothing else. */
  readonly domain?: string;
  /** `certificate`: EXTERNAL by `tls.certificate`. `none`: ANONYMOUS. Default: by password. */
  readonly authenticateBy?: 'password' | 'certificate' | 'none';
  readonly tls?: ClientTlsOptions;
  readonly resolver?: DnsResolver;
  readonly timeouts?: ConnectTimeouts;
}

/**
 * Fills in the defaults.
 *
 * @throws TypeError when `jid` and `domain` do not say where to connect or nothing says as whom, or a certificate is no PEM;
 * LocalProtocolError `jid-invalid`.
 */
export function completeConnectOptions(options: ConnectOptions): ClientSettings {
  checkTlsOptions(options.tls);
  return completeClientOptions(options, nodePlatform);
}
