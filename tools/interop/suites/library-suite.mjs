// A client library that lives in browsers, against the WebSocket of our server.
import { message } from '@xmpp-wire/core';
import { connect } from '@xmpp-wire/websocket';
import { WebSocket } from 'ws';
import { CaseFailure } from '../lib/runner.mjs';
import { startOurServer } from '../peers/our-server.mjs';
import { within } from '../lib/wait.mjs';
import { PASSWORD, WRONG_PASSWORD } from '../lib/world.mjs';

/**
 * @typedef {object} Library
 * @property {string} name
 * @property {readonly string[]} notes
 * @property {() => string} version
 * @property {(settings: Settings) => Promise<Session>} logIn rejects with what the library says of a refusal
 *
 * @typedef {{ url: string, domain: string, username: string, password: string }} Settings
 *
 * @typedef {object} Session
 * @property {(to: string, body: string) => Promise<void> | void} send a chat message
 * @property {(body: string) => Promise<unknown>} message fulfils when one with that body comes
 * @property {() => Promise<unknown>} close
 */

const PATIENCE = 8000;
const LINES = ['Art thou not Romeo, and a Montague?', 'ünïcode & <markup> "]]>": ä€😀'];

/** @param {Library} library @returns {import('../lib/runner.mjs').Suite} */
export function librarySuite(library) {
  /** @type {Awaited<ReturnType<typeof startOurServer>> | undefined} */
  let server;
  /** @type {string} */
  let friend = '';

  /** @param {string} title @param {(logIn: (password?: string) => Promise<Session>) => Promise<string>} work */
  const using = (title, work) => ({
    title,
    run: async () => {
      const before = server?.log().length ?? 0;
      /** @type {Session[]} */
      const open = [];
      try {
        return await work(async (password = PASSWORD) => {
          if (server === undefined) throw new Error('the server is not running');
          const { url, domain } = server.webSocket;
          const settings = { url, domain, username: 'alice', password };
          const session = await within('the login', PATIENCE, library.logIn(settings));
          open.push(session);
          return session;
        });
      } catch (error) {
        const said = error instanceof Error ? error.message : String(error);
        throw new CaseFailure(said, server?.log().slice(before) ?? '');
      } finally {
        for (const session of open) await session.close();
      }
    },
  });

  return {
    name: `${library.name} over WebSocket`,
    about: `${library.name} against the WebSocket of our server`,
    notes: library.notes,
    packages: [],
    version: library.version,
    cases: [
      using('logs in', async (logIn) => {
        await logIn();
        return 'logged in';
      }),
      using('sends messages to a peer and gets the answers', async (logIn) => {
        const session = await logIn();
        for (const line of LINES) {
          const answered = session.message(`echo: ${line}`);
          await session.send(friend, line);
          await within(`the answer to ${line}`, PATIENCE, answered);
        }
        return `${LINES.length} answers`;
      }),
      using('is refused with a wrong password', async (logIn) => {
        const refusal = await logIn(WRONG_PASSWORD).then(
          () => undefined,
          (/** @type {Error} */ error) => error.message,
        );
        if (refusal === undefined) throw new Error('it logged in');
        if (!(server?.log() ?? '').includes('<not-authorized'))
          throw new Error(`refused for another reason: ${refusal}`);
        return refusal;
      }),
      using('closes the stream cleanly', async (logIn) => {
        const session = await logIn();
        const before = server?.log().length;
        await within('the end', PATIENCE, session.close());
        const log = server?.log().slice(before) ?? '';
        if (!/-> \[established\] <close /.test(log)) throw new Error('it did not send <close/>');
        if (!/<- \[closing\] <close /.test(log)) throw new Error('it was not answered with <close/>');
        return '<close/> both ways';
      }),
    ],
    start: async (world) => {
      server = await startOurServer(world, { accounts: ['alice', 'bob'] });
      friend = await startFriend(server.webSocket);
    },
    stop: async () => server?.stop(),
    log: () => server?.log() ?? '',
  };
}

/** Logs in by our own WebSocket client as somebody who answers. @param {{ url: string, domain: string }} place @returns {Promise<string>} */
async function startFriend({ url, domain }) {
  const bob = await connect({ jid: `bob@${domain}`, password: PASSWORD, url, WebSocket, allowPlaintext: true });
  void (async () => {
    for await (const stanza of bob.stanzas()) {
      const body = stanza.kind === 'message' ? stanza.element.childText('body') : undefined;
      if (body === undefined || stanza.from === undefined) continue;
      await bob.send(message({ to: stanza.from, type: 'chat', body: `echo: ${body}` }));
    }
  })();
  return bob.jid.toString();
}
