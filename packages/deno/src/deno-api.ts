/** A connection of Deno: `Deno.TcpConn` or `Deno.TlsConn`. */
export interface DenoConn {
  readonly localAddr: object;
  readonly remoteAddr: object;
  read(into: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  closeWrite(): Promise<void>;
  setNoDelay?(noDelay: boolean): void;
  close(): void;
}

/** A connection of Deno with TLS. */
export interface DenoTlsConn extends DenoConn {
  handshake(): Promise<{ readonly alpnProtocol: string | null }>;
}

/** A listener of Deno with TLS. */
export interface DenoTlsListener {
  readonly addr: object;
  accept(): Promise<DenoTlsConn>;
  close(): void;
}

/** What is used of the global `Deno`. */
export interface DenoApi {
  connect(options: { hostname: string; port: number }): Promise<DenoConn>;
  startTls(
    conn: DenoConn,
    options: { hostname: string; caCerts?: string[]; alpnProtocols?: string[] },
  ): Promise<DenoTlsConn>;
  listenTls(options: {
    port: number;
    hostname?: string;
    cert: string;
    key: string;
    alpnProtocols: string[];
  }): DenoTlsListener;
  resolveDns(
    name: string,
    type: 'SRV',
    options?: { signal?: AbortSignal },
  ): Promise<readonly { priority: number; weight: number; port: number; target: string }[]>;
}

/**
 * Deno.
 *
 * @throws TypeError on another runtime.
 */
export function deno(): DenoApi {
  // The global of the one runtime that this is for; elsewhere it is not there.
  const { Deno } = globalThis as { Deno?: DenoApi };
  if (Deno !== undefined) return Deno;
  throw new TypeError("@xmpp-wire/deno needs Deno's sockets: on Node and Bun take @xmpp-wire/node-tcp");
}

/** Closes a connection that may be closed already, or that TLS has taken over. */
export function closeQuietly(conn: DenoConn): void {
  try {
    conn.close();
  } catch {
    // There is nothing left to close.
  }
}

/** The name of an error of Deno, such as `NotFound`. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : '';
}
