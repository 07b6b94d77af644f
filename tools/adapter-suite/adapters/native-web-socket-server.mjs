// The WebSockets that Deno and Bun accept themselves.
import { createAcceptor } from '@xmpp-wire/websocket';
import { bunHandlers } from '@xmpp-wire/websocket/bun';
import { denoHandler } from '@xmpp-wire/websocket/deno';

/** @import { Acceptor } from '@xmpp-wire/websocket' */
/** @import { Serving, SuiteListener } from '../adapter.mjs' */

/** @param {Serving} serving @returns {Promise<SuiteListener>} */
export async function webSocketServerOfDeno(serving) {
  const { Deno } =
    /** @type {{ Deno: { serve(options: object, handler: unknown): { addr: { port: number }, shutdown(): Promise<void> } } }} */ (
      /** @type {unknown} */ (globalThis)
    );
  const acceptor = createAcceptor(serving);
  const options = { port: 0, hostname: '127.0.0.1', onListen() {} };
  const server = Deno.serve(options, denoHandler(acceptor, { origins: 'any' }));
  return listenerOf(acceptor, server.addr.port, () => void server.shutdown());
}

/** @param {Serving} serving @returns {Promise<SuiteListener>} */
export async function webSocketServerOfBun(serving) {
  const { Bun } = /** @type {{ Bun: { serve(options: object): { port: number, stop(now: boolean): void } } }} */ (
    /** @type {unknown} */ (globalThis)
  );
  const acceptor = createAcceptor(serving);
  const server = Bun.serve({ port: 0, hostname: '127.0.0.1', ...bunHandlers(acceptor, { origins: 'any' }) });
  return listenerOf(acceptor, server.port, () => server.stop(true));
}

/** @param {Acceptor} acceptor @param {number} port @param {() => void} stop @returns {SuiteListener} */
const listenerOf = (acceptor, port, stop) => ({
  port,
  get size() {
    return acceptor.size;
  },
  async close(timeout) {
    const closed = acceptor.close(timeout);
    await closed;
    stop();
  },
});
