import type { BoundEndpoint } from '@xmpp-wire/node-tcp';
import { ServerError } from '../server-error.ts';
import { createServer, type Server, type ServerOptions } from '../create-server.ts';
import type { WebSocketEndpoint } from '../web-socket.ts';
import type { WebPage } from './web-page.ts';

/** A server that listens. */
export interface StartedServer {
  readonly server: Server;
  readonly starttls: BoundEndpoint;
  readonly directTls: BoundEndpoint;
  /** Where the page and its WebSocket are, if there is one. */
  readonly web: WebSocketEndpoint | undefined;
}

/** On which ports a demo listens. */
export interface DemoPorts {
  readonly starttls: number;
  readonly directTls: number;
  readonly web: number;
}

/**
 * Starts a server on its ports. One that is taken is replaced by any free one, and `onTaken` told.
 *
 * @throws ServerError when a port cannot be had for another reason.
 */
export async function startServer(
  options: Omit<ServerOptions, 'ports' | 'webSocket'>,
  ports: DemoPorts,
  page: WebPage | undefined,
  onTaken: (port: number) => void,
): Promise<StartedServer> {
  let { starttls, directTls, web } = ports;
  for (;;) {
    const server = createServer({
      ...options,
      ports: { starttls, directTls },
      // Web pages of this machine are not the open web: nobody is in between.
      ...(page === undefined ? {} : { webSocket: { port: web, protection: 'none', onRequest: page } as const }),
    });
    try {
      await server.start();
    } catch (error) {
      const taken = takenPort(error);
      // A free one was asked for: there is no other to pick.
      if (taken === undefined || taken === 0) throw error;
      onTaken(taken);
      if (taken === starttls) starttls = 0;
      if (taken === directTls) directTls = 0;
      if (taken === web) web = 0;
      continue;
    }
    const [first, second] = server.addresses;
    if (first === undefined || second === undefined) throw new Error('the server listens on fewer than two ports');
    return { server, starttls: first, directTls: second, web: server.webSocket };
  }
}

// EACCES: a low port, which is some other program's as far as we are concerned.
function takenPort(error: unknown): number | undefined {
  if (!(error instanceof ServerError) || (error.code !== 'port-taken' && error.code !== 'port-forbidden'))
    return undefined;
  const { cause } = error;
  return cause instanceof Error && 'port' in cause && typeof cause.port === 'number' ? cause.port : undefined;
}
