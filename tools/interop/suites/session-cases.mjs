// Sessions that stay connected, against a real server: a relay in between loses the connection.
import { createServer, connect } from 'node:net';
import { once } from 'node:events';
import { message, presence } from '@xmpp-wire/core';
import { keepConnected } from '@xmpp-wire/node-tcp';
import { Wire } from '../lib/client.mjs';
import { CaseFailure } from '../lib/runner.mjs';
import { within } from '../lib/wait.mjs';

/** @import { ConnectOptions } from '../lib/client.mjs' */
/** @import { XmppSession, SessionEvent } from '@xmpp-wire/node-tcp' */

const PATIENCE = 10_000;
const AT_ONCE = { first: { min: 0, max: 50 }, longest: 200 };

/** @param {() => ConnectOptions & { port: number }} options of `alice`, with her password @returns {import('../lib/runner.mjs').Suite['cases']} */
export function sessionCases(options) {
  return [
    {
      title: 'session comes back by itself when the network loses the connection',
      run: () =>
        inSession(options(), async ({ session, sees, relay }) => {
          for (let loss = 0; loss < 3; loss++) {
            await sees('connected');
            await session.send(presence());
            const body = `after ${loss} losses`;
            const { jid } = connected(session);
            await session.send(message({ to: jid, type: 'chat', body }));
            await sees('stanza', (event) => event.type === 'stanza' && event.stanza.element.childText('body') === body);
            relay.cut();
            await sees('disconnected');
          }
          await sees('connected');
          return 'came back three times';
        }),
    },
    {
      title: 'session does not come back when another one takes its resource',
      run: () =>
        inSession({ ...options(), jid: `${options().jid}/balcony` }, async ({ session, sees }) => {
          await sees('connected');
          const other = keepConnected({ ...options(), jid: `${options().jid}/balcony`, reconnect: AT_ONCE });
          try {
            await within('the other session', PATIENCE, other.untilConnected());
            const end = await within('the end of the session', PATIENCE, session.ended);
            if (end.by !== 'gave-up') throw new Error(`it ended by ${end.by}`);
            return end.advice.because;
          } finally {
            await other.stop();
          }
        }),
    },
  ];
}

/**
 * @param {ConnectOptions & { port: number }} options
 * @param {(parts: { session: XmppSession, relay: Awaited<ReturnType<typeof startRelay>>, sees: (type: SessionEvent['type'], wanted?: (event: SessionEvent) => boolean) => Promise<void> }) => Promise<string>} work
 */
async function inSession(options, work) {
  const wire = new Wire();
  const relay = await startRelay(options.port);
  const session = keepConnected({ ...options, port: relay.port, reconnect: AT_ONCE, onTrace: wire.onTrace });
  const events = session[Symbol.asyncIterator]();
  /** @param {SessionEvent['type']} type @param {(event: SessionEvent) => boolean} [wanted] */
  const sees = (type, wanted = () => true) =>
    within(
      type,
      PATIENCE,
      (async () => {
        for (;;) {
          const { value, done } = await events.next();
          if (done) throw new Error(`the session ended before ${type}`);
          if (value.type === type && wanted(value)) return;
        }
      })(),
    );
  try {
    return await work({ session, relay, sees });
  } catch (error) {
    throw new CaseFailure(error instanceof Error ? error.message : String(error), wire.toString());
  } finally {
    await session.stop();
    relay.close();
  }
}

/** @param {XmppSession} session */
function connected(session) {
  if (session.state.name !== 'connected') throw new Error(`the session is ${session.state.name}`);
  return session.state;
}

/** Hands on what comes, until it is told to lose it. @param {number} port */
async function startRelay(port) {
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const [from, to] of /** @type {const} */ ([
      [near, far],
      [far, near],
    ])) {
      sockets.add(from);
      from.on('error', () => {});
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the relay has no port');
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: address.port,
    cut,
    close: () => {
      cut();
      server.close();
    },
  };
}
