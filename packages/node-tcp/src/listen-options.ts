import type { ServeOptions } from '@xmpp-wire/driver';
import type { ServerTlsOptions } from './tls/server-tls.ts';

/** Where to listen. */
export interface ListenEndpoint {
  /** 0: any free one. Usual are 5222 for STARTTLS and 5223 for direct TLS. */
  readonly port: number;
  /** An address of this machine; default: all of them. */
  readonly host?: string;
  /** `starttls`: clear text first, then RFC 6120 §5. `direct`: TLS at once, with ALPN (XEP-0368). Never both on one port. */
  readonly tls: 'starttls' | 'direct';
}

/** What to listen on and how to serve. */
export interface ListenOptions extends ServeOptions {
  readonly endpoints: readonly ListenEndpoint[];
  readonly tls: ServerTlsOptions;
  /** For the log: a handler threw, or the system refused to accept connections for a while. Default: a process warning. */
  readonly onError?: (error: unknown) => void;
  /** Milliseconds for the handshake of direct TLS; that of STARTTLS is part of `timeouts.negotiation`. Default 15 000. */
  readonly handshakeTimeout?: number;
}
