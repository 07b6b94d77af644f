import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { createSecureContext, createServer, type SecureContext, type Server, type TLSSocket } from 'node:tls';

/** A certificate to present, with its chain, and its private key; both in PEM. */
export interface ServerCertificate {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
  readonly passphrase?: string;
}

/** Finds the certificate of a domain; of no domain in particular when a client named none. Undefined: there is none. */
export type CertificateLookup = (domain: string | undefined) => ServerCertificate | undefined;

/** What a server wants of TLS beyond what is always so: TLS 1.2 or newer, no renegotiation. */
export interface ServerTlsOptions {
  /**
   * The certificates by domain, or a function that finds them: it is asked for each connection, so certificates can be
   * replaced while the server runs. Answer the same object as long as it is the same certificate.
   */
  readonly certificates: CertificateLookup | Readonly<Record<string, ServerCertificate>>;
  /** Ask clients for a certificate, for SASL EXTERNAL (RFC 6120 §6.3.4). None, or one that is not trusted, does not end the handshake. */
  readonly requestCertificate?: boolean;
  /** Authorities that clients' certificates are checked against, in PEM; default: those that Node brings. */
  readonly ca?: string | Buffer | (string | Buffer)[];
  /** Default `TLSv1.2` (RFC 7590 §3.1). */
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
  /** Default: the newest there is. */
  readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3';
  /** In OpenSSL's notation; default: Node's. */
  readonly ciphers?: string;
}

/** Idle handshakers kept for a certificate; more are made while more handshakes go on at once. */
const KEPT = 16;

/**
 * The server's half of TLS for all connections of a listener.
 *
 * Each handshake runs through a `tls.Server` that does nothing else meanwhile: only such a server checks a client's
 * certificate (a bare `TLSSocket` does not), and one handshake at a time says whose it is. They are used again, because
 * reading a key costs as much as half a handshake, and share the keys of session tickets (RFC 6120 §3.3).
 */
export class ServerTls {
  readonly #options: ServerTlsOptions;
  readonly #lookup: CertificateLookup;
  readonly #alpn: string;
  readonly #ticketKeys = randomBytes(48);
  readonly #idle = new WeakMap<ServerCertificate, Server[]>();
  readonly #contexts = new WeakMap<ServerCertificate, SecureContext>();

  constructor(options: ServerTlsOptions, service: 'client' | 'server') {
    this.#options = options;
    this.#lookup = toLookup(options.certificates);
    this.#alpn = `xmpp-${service}`;
  }

  /**
   * Does the server's half of a handshake. Nothing may read from the socket any more. When it rejects the socket is destroyed.
   *
   * @param domain whose certificate to present when the client names none by SNI.
   */
  async secure(socket: Socket, domain: string | undefined): Promise<TLSSocket> {
    try {
      return await this.#secure(socket, domain);
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }

  async #secure(socket: Socket, domain: string | undefined): Promise<TLSSocket> {
    const certificate = this.#lookup(domain?.toLowerCase()) ?? this.#lookup(undefined);
    if (certificate === undefined) {
      throw new Error(
        `there is no certificate for ${domain ?? 'clients that name no domain'}: add one to tls.certificates`,
      );
    }
    if (socket.destroyed) throw new Error('the connection ended before the TLS handshake');
    const idle = this.#idle.get(certificate) ?? [];
    this.#idle.set(certificate, idle);
    const server = idle.pop() ?? this.#makeServer(certificate);
    try {
      return await handshake(server, socket);
    } finally {
      server.removeAllListeners('secureConnection').removeAllListeners('tlsClientError');
      if (idle.length < KEPT) idle.push(server);
    }
  }

  #makeServer(certificate: ServerCertificate): Server {
    const { requestCertificate = false, ca } = this.#options;
    return createServer({
      ...this.#contextOptions(certificate),
      ticketKeys: this.#ticketKeys,
      requestCert: requestCertificate,
      rejectUnauthorized: false,
      ...(ca === undefined ? {} : { ca }),
      // XEP-0368 §3. A client that does not say by ALPN what it speaks is served too; one that speaks another protocol is not.
      ALPNProtocols: [this.#alpn],
      SNICallback: (name, done) => {
        try {
          const named = this.#lookup(name.toLowerCase());
          done(null, named === undefined || named === certificate ? undefined : this.#contextOf(named));
        } catch (error) {
          done(error instanceof Error ? error : new Error(String(error)));
        }
      },
    });
  }

  #contextOf(certificate: ServerCertificate): SecureContext {
    const known = this.#contexts.get(certificate);
    if (known !== undefined) return known;
    const { ca } = this.#options;
    const made = createSecureContext({ ...this.#contextOptions(certificate), ...(ca === undefined ? {} : { ca }) });
    this.#contexts.set(certificate, made);
    return made;
  }

  #contextOptions({ cert, key, passphrase }: ServerCertificate): ContextOptions {
    const { minVersion = 'TLSv1.2', maxVersion, ciphers } = this.#options;
    return {
      cert,
      key,
      minVersion,
      ...(passphrase === undefined ? {} : { passphrase }),
      ...(maxVersion === undefined ? {} : { maxVersion }),
      ...(ciphers === undefined ? {} : { ciphers }),
    };
  }
}

type ContextOptions = ServerCertificate & Pick<ServerTlsOptions, 'minVersion' | 'maxVersion' | 'ciphers'>;

async function handshake(server: Server, socket: Socket): Promise<TLSSocket> {
  // A client that ends its half during the handshake has given up; half open, the connection would just stay.
  socket.allowHalfOpen = false;
  return new Promise((resolve, reject) => {
    // The server itself says nothing about a connection that ends by an error of the socket.
    const cut = (): void => reject(new Error('the connection ended during the TLS handshake'));
    socket.once('close', cut);
    server.once('secureConnection', (secured: TLSSocket) => {
      socket.off('close', cut);
      secured.on('error', () => {});
      secured.allowHalfOpen = true;
      // Rule S15. TLS 1.3 has no renegotiation; here it is for TLS 1.2.
      secured.disableRenegotiation();
      secured.pause();
      resolve(secured);
    });
    server.once('tlsClientError', reject);
    server.emit('connection', socket);
  });
}

function toLookup(certificates: ServerTlsOptions['certificates']): CertificateLookup {
  if (typeof certificates === 'function') return certificates;
  const byDomain = new Map(Object.entries(certificates).map(([domain, one]) => [domain.toLowerCase(), one]));
  const [first] = byDomain.values();
  return (domain) => (domain === undefined ? first : byDomain.get(domain));
}
