import {
  completeClientOptions,
  OPTION_KINDS,
  TCP_OPTIONS,
  type ClientSettings,
  type OptionKinds,
  type TcpClientOptions,
  type TcpTimeouts,
} from '@xmpp-wire/driver';
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

/** What the options have to be. */
export const CONNECT_OPTIONS: OptionKinds<ConnectOptions> = {
  ...TCP_OPTIONS,
  tls: OPTION_KINDS.object,
  resolver: OPTION_KINDS.object,
};

/**
 * Fills in the defaults.
 *
 * @throws TypeError when `jid` and `domain` do not say where to connect or nothing says as whom, or a certificate is no PEM;
 * LocalProtocolError `jid-invalid`.
 */
export function completeConnectOptions(options: ConnectOptions): ClientSettings {
  checkTlsOptions(options.tls);
  if (options.authenticateBy === 'certificate' && options.tls?.certificate === undefined) {
    throw new TypeError("authenticateBy 'certificate' needs the certificate, in 'tls.certificate'");
  }
  return completeClientOptions(options, nodePlatform);
}
