import {
  checkOptions,
  oneOf,
  OPTION_KINDS,
  PORT,
  SERVE_OPTIONS,
  type OptionKinds,
  type ServeOptions,
} from '@xmpp-wire/driver';
import { refusePaths, TLS_VERSION } from './tls/client-tls.ts';
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

const { text, flag, number } = OPTION_KINDS;
const [, isObject] = OPTION_KINDS.object;
const [, isFunction] = OPTION_KINDS.function;

const LISTEN_OPTIONS: OptionKinds<ListenOptions> = {
  endpoints: ['an array with what to listen on', Array.isArray],
  tls: OPTION_KINDS.object,
  handshakeTimeout: number,
  ...SERVE_OPTIONS,
};

const ENDPOINT: OptionKinds<ListenEndpoint> = { port: PORT, host: text, tls: oneOf('starttls', 'direct') };

const TLS: OptionKinds<ServerTlsOptions> = {
  certificates: [
    'an object with a certificate for each domain, or a function',
    (value: unknown) => isObject(value) || isFunction(value),
  ],
  requestCertificate: flag,
  ca: undefined,
  minVersion: TLS_VERSION,
  maxVersion: TLS_VERSION,
  ciphers: text,
};

/** @throws TypeError that names the option which is missing, that there is not, or that is of another kind. */
export function checkListenOptions(options: ListenOptions): void {
  checkOptions('listen()', options, LISTEN_OPTIONS);
  // Programs in JavaScript come this far with anything.
  const { endpoints, tls }: { readonly [Name in keyof ListenOptions]?: ListenOptions[Name] } = options;
  if (endpoints === undefined)
    throw new TypeError("listen() needs 'endpoints', such as [{ port: 5222, tls: 'starttls' }]");
  for (const endpoint of endpoints) {
    checkOptions('an endpoint', endpoint, ENDPOINT);
  }
  if (tls === undefined) throw new TypeError("listen() needs 'tls': { certificates }");
  checkOptions("'tls'", tls, TLS);
  refusePaths({ ca: tls.ca });
  const { certificates }: Partial<ServerTlsOptions> = tls;
  if (certificates === undefined)
    throw new TypeError("'tls' needs 'certificates', one { cert, key } for each domain by its name");
}
