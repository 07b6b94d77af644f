// Our client for the cases: what it sent and received is kept, what arrives can be waited for in any order.
import { connect } from '@xmpp-wire/node-tcp';
import { within } from './wait.mjs';
import { PASSWORD } from './world.mjs';

/**
 * @typedef {import('@xmpp-wire/node-tcp').ConnectOptions} ConnectOptions
 * @typedef {import('@xmpp-wire/core').Stanza} Stanza
 */

const ARRIVAL_MS = 8000;

/** What crossed the wire, as one text to look things up in and to show when a case fails. */
export class Wire {
  /** @type {string[]} */
  #entries = [];

  /** @type {import('@xmpp-wire/core').TraceHook} */
  onTrace = ({ direction, phase, xml }) => {
    this.#entries.push(`${direction === 'in' ? '<-' : '->'} [${phase}] ${xml}`);
  };

  /** @param {RegExp} pattern @returns {string | undefined} its first group, or all that it matched */
  find(pattern) {
    const match = pattern.exec(this.toString());
    return match?.[1] ?? match?.[0];
  }

  toString() {
    return this.#entries.join('\n');
  }
}

/** A logged-in client. */
export class Client {
  /**
   * @param {Omit<ConnectOptions, 'onTrace' | 'timeouts'>} options the password is filled in where one is wanted
   * @param {Wire} [wire]
   */
  static async logIn(options, wire = new Wire()) {
    const connection = await connect({
      ...(options.jid === undefined || options.authenticateBy !== undefined ? {} : { password: PASSWORD }),
      timeouts: { tcp: 5000, tls: 8000, negotiation: 15_000, closing: 5000, request: 8000 },
      host: '127.0.0.1',
      ...options,
      onTrace: wire.onTrace,
    });
    return new Client(connection, wire);
  }

  /** @type {Stanza[]} */
  #arrived = [];
  /** @type {Set<() => void>} */
  #waiting = new Set();

  /** @param {import('@xmpp-wire/node-tcp').XmppConnection} connection @param {Wire} wire */
  constructor(connection, wire) {
    this.connection = connection;
    this.wire = wire;
    /** @type {((stanza: Stanza) => void) | undefined} sees every stanza that arrives */
    this.onStanza = undefined;
    void this.#read();
  }

  get jid() {
    return this.connection.jid;
  }

  /** The mechanism that was used last. */
  get mechanism() {
    return this.wire.find(/.*-> [^\n]*<auth[^>]* mechanism=['"]([^'"]+)/s) ?? 'none';
  }

  /**
   * The first stanza, arrived or to come, for which `wanted` holds; it is taken away.
   * @param {string} what @param {(stanza: Stanza) => boolean} wanted @returns {Promise<Stanza>}
   */
  async arrives(what, wanted) {
    /** @type {() => void} */
    let look = () => {};
    const found = new Promise((resolve) => {
      look = () => {
        const at = this.#arrived.findIndex(wanted);
        if (at < 0) return;
        this.#waiting.delete(look);
        resolve(this.#arrived.splice(at, 1)[0]);
      };
      this.#waiting.add(look);
      look();
    });
    try {
      return await within(what, ARRIVAL_MS, found);
    } finally {
      this.#waiting.delete(look);
    }
  }

  /** Waits for a message with that body. @param {string} body */
  async message(body) {
    return this.arrives(
      `a message saying ${JSON.stringify(body.slice(0, 40))}`,
      (stanza) => stanza.kind === 'message' && stanza.element.childText('body') === body,
    );
  }

  async close() {
    return within('the end of the connection', ARRIVAL_MS, this.connection.close());
  }

  async #read() {
    for await (const event of this.connection) {
      if (event.type !== 'stanza') continue;
      this.#arrived.push(event.stanza);
      this.onStanza?.(event.stanza);
      for (const look of this.#waiting) look();
    }
  }
}

/** Logs in as the peer that answers every chat message with `echo: ` before the body. @param {ConnectOptions} options */
export async function startEcho(options) {
  const { message, presence } = await import('@xmpp-wire/core');
  const echo = await Client.logIn(options);
  echo.onStanza = (stanza) => {
    const body = stanza.kind === 'message' && stanza.type === 'chat' ? stanza.element.childText('body') : undefined;
    if (body === undefined || stanza.from === undefined) return;
    void echo.connection.send(message({ to: stanza.from, type: 'chat', body: `echo: ${body}` }));
  };
  await echo.connection.send(presence());
  await echo.arrives(
    'the own presence',
    (stanza) => stanza.kind === 'presence' && stanza.from?.toString() === echo.jid.toString(),
  );
  return echo;
}
