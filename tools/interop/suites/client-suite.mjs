// Our client against a real server. Each case logs in anew, and fails with everything that crossed the wire.
import { iq, jid, message, presence, readStanzaError } from '@xmpp-wire/core';
import { xml } from '@xmpp-wire/core/xml';
import { XmppConnectError } from '@xmpp-wire/node-tcp';
import { Client, Wire } from '../lib/client.mjs';
import { CaseFailure } from '../lib/runner.mjs';
import { until, within } from '../lib/wait.mjs';
import { DOMAIN, PASSWORD, WRONG_PASSWORD } from '../lib/world.mjs';
import { sessionCases as keptCases } from './session-cases.mjs';
import { webSocketCases } from './web-socket-cases.mjs';

/**
 * @typedef {import('../lib/runner.mjs').Suite} Suite
 * @typedef {import('../lib/client.mjs').ConnectOptions} ConnectOptions
 * @typedef {import('./web-socket-cases.mjs').WebSocketPlace} WebSocketPlace
 *
 * @typedef {object} RunningServer
 * @property {Place} good with the accounts `alice` and `bob`; TLS required
 * @property {Place} goodDirect the same by direct TLS
 * @property {Place} [tls12] TLS 1.2 only
 * @property {Place} [hashed] keeps SCRAM-SHA-256 keys only
 * @property {Place} anonymous offers ANONYMOUS only
 * @property {(Place & { certificate: { cert: string, key: string } })} [external] knows `alice` by that certificate
 * @property {Place} expired
 * @property {Place} [anotherName] the certificate is for the host, not for the domain
 * @property {Place} untrusted
 * @property {Place} directAnotherName direct TLS that presents the certificate of another domain
 * @property {Place} clear has no TLS
 * @property {Place} strict refuses a resource that is taken
 * @property {(Place & { otherPort: number })} [moved] sends everybody to the other port, once encrypted
 * @property {WebSocketPlace} webSocket the same accounts as `good`
 * @property {() => Promise<void>} shutDown in order, as its operator would
 * @property {() => string} log
 * @property {() => Promise<void>} stop
 *
 * @typedef {{ domain: string, port: number, direct?: boolean, maxVersion?: 'TLSv1.2' }} Place
 *
 * @typedef {object} ServerUnderTest
 * @property {string} name
 * @property {readonly string[]} notes
 * @property {readonly string[]} packages
 * @property {readonly string[]} mechanisms by password, over TLS, without -PLUS
 * @property {readonly string[]} plusMechanisms over TLS 1.2
 * @property {readonly ('anotherName' | 'external' | 'hashed' | 'moved')[]} has
 * @property {() => string} version
 * @property {(world: import('../lib/world.mjs').World) => Promise<RunningServer>} start
 */

/** @param {ServerUnderTest} server @returns {Suite} */
export function clientSuite(server) {
  /** @type {RunningServer | undefined} */
  let running;
  /** @type {string | undefined} */
  let ca;
  const places = () => {
    if (running === undefined) throw new Error('the server is not running');
    return running;
  };

  /** @param {Place | undefined} place @param {Partial<ConnectOptions>} more @returns {ConnectOptions} */
  function options(place, more = {}) {
    if (place === undefined || ca === undefined) throw new Error('the server is not running');
    const { domain, port, direct = false, maxVersion } = place;
    return {
      ...(more.domain === undefined ? { jid: `alice@${domain}` } : {}),
      port,
      directTls: direct ? 'only' : 'never',
      tls: { ca, ...(maxVersion === undefined ? {} : { maxVersion }) },
      ...more,
    };
  }

  /**
   * A case with any number of clients, which are closed when it is over.
   * @param {string} title
   * @param {(open: (place: Place | undefined, more?: Partial<ConnectOptions>) => Promise<Client>, all: RunningServer) => Promise<string>} work
   */
  const using = (title, work) => ({
    title,
    run: async () => {
      /** @type {Wire[]} */
      const wires = [];
      /** @type {Client[]} */
      const clients = [];
      try {
        return await work(async (place, more) => {
          const wire = new Wire();
          wires.push(wire);
          const client = await Client.logIn(options(place, more), wire);
          clients.push(client);
          return client;
        }, places());
      } catch (error) {
        const said = error instanceof Error ? `${codeOf(error)}${error.message}` : String(error);
        throw new CaseFailure(said, wires.map((wire, at) => `--- client ${at + 1}\n${wire.toString()}`).join('\n'));
      } finally {
        for (const { connection } of clients) connection.abort();
      }
    },
  });

  /**
   * A case in which logging in has to fail.
   * @param {string} title @param {(all: RunningServer) => Place | undefined} place
   * @param {Partial<ConnectOptions>} more
   * @param {string} code @param {(error: XmppConnectError, wire: Wire) => string | undefined} [objection]
   */
  const refusing = (title, place, more, code, objection = () => undefined) => ({
    title,
    run: async () => {
      const wire = new Wire();
      try {
        const client = await Client.logIn(options(place(places()), more), wire);
        client.connection.abort();
      } catch (error) {
        const right = error instanceof XmppConnectError && error.code === code;
        const wrong = right
          ? objection(error, wire)
          : `expected ${code}, came ${error instanceof Error ? `${codeOf(error)}${error.message}` : String(error)}`;
        if (wrong === undefined) return `${code}: ${/** @type {Error} */ (error).message}`;
        throw new CaseFailure(wrong, wire.toString());
      }
      throw new CaseFailure(`expected ${code}, but it logged in`, wire.toString());
    },
  });

  return {
    name: server.name,
    about: `our client against ${server.name}`,
    notes: server.notes,
    packages: server.packages,
    version: server.version,
    cases: [
      ...loginCases(),
      ...sessionCases(),
      ...refusalCases(),
      ...webSocketCases(() => places().webSocket),
      ...keptCases(() => ({
        ...options(places().good),
        password: PASSWORD,
        host: '127.0.0.1',
        port: places().good.port,
      })),
      ...endCases(),
    ],
    start: async (world) => {
      ({ ca } = world.authority);
      running = await server.start(world);
    },
    stop: async () => running?.stop(),
    log: () => running?.log() ?? '',
  };

  /** @returns {Suite['cases']} */
  function loginCases() {
    return [
      using('client logs in over STARTTLS by the mechanism it prefers', async (open, { good }) => {
        const client = await open(good);
        return `${client.mechanism}, ${client.connection.tls?.version}, ${client.jid.toString()}`;
      }),
      using('client logs in over direct TLS by the mechanism it prefers', async (open, { goodDirect }) => {
        const client = await open(goodDirect);
        if (client.wire.find(/starttls/) !== undefined) throw new Error('STARTTLS was spoken over direct TLS');
        return `${client.mechanism}, ${client.connection.tls?.version}, ${client.jid.toString()}`;
      }),
      ...server.mechanisms.map((mechanism) =>
        using(`client logs in by ${mechanism} over STARTTLS`, async (open, { good }) =>
          used(await open(good, { mechanisms: [mechanism] }), mechanism),
        ),
      ),
      using('client logs in by PLAIN over direct TLS', async (open, { goodDirect }) =>
        used(await open(goodDirect, { mechanisms: ['PLAIN'] }), 'PLAIN'),
      ),
      ...server.plusMechanisms.map((mechanism) =>
        using(`client logs in by ${mechanism} over TLS 1.2`, async (open, { tls12 }) =>
          used(await open(tls12, { mechanisms: [mechanism] }), mechanism),
        ),
      ),
      using('client prefers a mechanism with channel binding where there is one', async (open, { tls12 }) => {
        const client = await open(tls12);
        if (!client.mechanism.endsWith('-PLUS')) throw new Error(`it used ${client.mechanism}`);
        return client.mechanism;
      }),
      ...(server.has.includes('hashed')
        ? [
            using('client logs in by SCRAM-SHA-256 where only its keys are stored', async (open, { hashed }) =>
              used(await open(hashed), 'SCRAM-SHA-256'),
            ),
          ]
        : []),
      using('client logs in by ANONYMOUS', async (open, { anonymous }) =>
        used(await open(anonymous, { domain: anonymous.domain, authenticateBy: 'none' }), 'ANONYMOUS'),
      ),
      ...(server.has.includes('external')
        ? [
            using('client logs in by EXTERNAL with its own certificate', async (open, { external }) => {
              if (external === undefined || ca === undefined) throw new Error('there is no such place');
              const { certificate } = external;
              const client = await open(external, { authenticateBy: 'certificate', tls: { ca, certificate } });
              if (client.jid.localpart !== 'alice') throw new Error(`it is ${client.jid.toString()}`);
              return used(client, 'EXTERNAL');
            }),
          ]
        : []),
      using(
        'client gets the resource it asks for, and one of the server where it asks for none',
        async (open, { good }) => {
          const [named, unnamed] = [await open(good, { jid: `alice@${good.domain}/balcony` }), await open(good)];
          if (named.jid.resourcepart !== 'balcony') throw new Error(`it got ${named.jid.toString()}`);
          if (!unnamed.jid.resourcepart || unnamed.jid.resourcepart === 'balcony')
            throw new Error(`it got ${unnamed.jid.toString()}`);
          return `${named.jid.toString()} and ${unnamed.jid.toString()}`;
        },
      ),
    ];
  }

  /** @returns {Suite['cases']} */
  function sessionCases() {
    return [
      using('client gets its roster', async (open, { good }) => {
        const client = await open(good);
        const answer = await client.connection.request({
          type: 'get',
          payload: xml('query', { xmlns: 'jabber:iq:roster' }),
        });
        if (answer.type !== 'result') throw new Error(conditionOf(answer));
        return `result with ${answer.payload?.name}`;
      }),
      using('client sends presence and sees it come back', async (open, { good }) => {
        const client = await open(good);
        await client.connection.send(presence({ status: 'probing', priority: 3 }));
        const came = await client.arrives(
          'the own presence',
          (stanza) => stanza.kind === 'presence' && stanza.from?.toString() === client.jid.toString(),
        );
        if (came.element.childText('status') !== 'probing')
          throw new Error(`it came back as ${came.element.toString()}`);
        return came.element.childText('status') ?? '';
      }),
      using('client gets messages to its own bare and full JID', async (open, { good }) => {
        const client = await open(good);
        await client.connection.send(presence());
        for (const [to, body] of /** @type {const} */ ([
          [client.jid.bare, `to my bare <&> 'JID' "]]>`],
          [client.jid, 'to my full JID ☃ 🦀 \t\n end'],
        ])) {
          await client.connection.send(message({ to, type: 'chat', body }));
          const came = await client.message(body);
          if (came.from?.toString() !== client.jid.toString())
            throw new Error(`from ${came.from?.toString() ?? 'nobody'}`);
        }
        return 'both came back unchanged';
      }),
      using('two clients exchange a thousand messages in order', async (open, { good }) => {
        const [alice, bob] = await Promise.all([open(good), open(good, { jid: `bob@${good.domain}` })]);
        await exchange(alice, bob);
        await exchange(bob, alice);
        return '500 each way';
      }),
      using('client sends and gets a message of 150 000 bytes', async (open, { good }) => {
        const client = await open(good);
        await client.connection.send(presence());
        const body = 'x<&>é☃🦀 '.repeat(6000).trim();
        await client.connection.send(message({ to: client.jid, type: 'chat', body }));
        await client.message(body);
        return `${body.length} characters`;
      }),
      using('client pings the server', async (open, { good }) => {
        const client = await open(good);
        const answer = await client.connection.request({
          type: 'get',
          to: jid(good.domain),
          payload: xml('ping', { xmlns: 'urn:xmpp:ping' }),
        });
        if (answer.type !== 'result') throw new Error(conditionOf(answer));
        return 'result';
      }),
      using('client gets service-unavailable for an unknown iq, get and set', async (open, { good }) => {
        const client = await open(good);
        for (const type of /** @type {const} */ (['get', 'set'])) {
          const answer = await client.connection.request({
            type,
            to: jid(good.domain),
            payload: xml('query', { xmlns: 'urn:example:unknown' }),
          });
          const condition = answer.type === 'error' ? conditionOf(answer) : 'a result';
          if (condition !== 'service-unavailable') throw new Error(`${type} was answered with ${condition}`);
        }
        return 'service-unavailable';
      }),
      using('client answers the iq of another client', async (open, { good }) => {
        const [alice, bob] = await Promise.all([open(good), open(good, { jid: `bob@${good.domain}` })]);
        // Servers let an iq through to those who may see that the other is there (RFC 6121 §8.5.3.1).
        await alice.connection.send(presence({ to: bob.jid }));
        await bob.arrives('directed presence', (stanza) => stanza.kind === 'presence');
        const asked = bob.connection.request({
          type: 'get',
          to: alice.jid,
          payload: xml('time', { xmlns: 'urn:xmpp:time' }),
        });
        const question = await alice.arrives('the question', (stanza) => stanza.kind === 'iq' && stanza.type === 'get');
        if (question.kind !== 'iq' || question.from === undefined) throw new Error('the question names nobody');
        await alice.connection.send(
          iq(
            { type: 'result', id: question.id, to: question.from },
            xml('time', { xmlns: 'urn:xmpp:time' }, xml('tzo', {}, '+00:00')),
          ),
        );
        const answer = await asked;
        return `${answer.type} with ${answer.payload?.childText('tzo')}`;
      }),
    ];
  }

  /** @returns {Suite['cases']} */
  function refusalCases() {
    const notAuthorized = (/** @type {XmppConnectError} */ error) =>
      error.message.includes('not-authorized') ? undefined : `not-authorized was expected: ${error.message}`;
    const nothingSecret = (/** @type {unknown} */ _error, /** @type {Wire} */ wire) =>
      wire.find(/<auth/) === undefined ? undefined : 'it began to authenticate';
    return [
      ...server.mechanisms.map((mechanism) =>
        refusing(
          `client is told not-authorized for a wrong password by ${mechanism}`,
          ({ good }) => good,
          { password: WRONG_PASSWORD, mechanisms: [mechanism] },
          'sasl-refused',
          notAuthorized,
        ),
      ),
      refusing(
        'client is told not-authorized for an unknown user',
        ({ good }) => good,
        { jid: `nobody@${DOMAIN}` },
        'sasl-refused',
        notAuthorized,
      ),
      refusing(
        'client refuses an expired certificate',
        ({ expired }) => expired,
        {},
        'tls-certificate-expired',
        nothingSecret,
      ),
      ...(server.has.includes('anotherName')
        ? [
            refusing(
              'client refuses a certificate that is for the host and not for the domain',
              ({ anotherName }) => anotherName,
              {},
              'tls-certificate-name',
              nothingSecret,
            ),
          ]
        : []),
      refusing(
        'client refuses the certificate of an authority it does not know',
        ({ untrusted }) => untrusted,
        {},
        'tls-certificate-untrusted',
        nothingSecret,
      ),
      refusing(
        'client refuses the certificate of another domain over direct TLS',
        ({ directAnotherName }) => directAnotherName,
        {},
        'tls-certificate-name',
        nothingSecret,
      ),
      refusing(
        'client refuses a server without TLS and sends nothing secret',
        ({ clear }) => clear,
        {},
        'tls-not-offered',
        nothingSecret,
      ),
      refusing(
        'client finds no mechanism in common with a server that offers ANONYMOUS only',
        ({ anonymous }) => anonymous,
        {},
        'sasl-no-mechanism',
        nothingSecret,
      ),
      refusing(
        'client is told that a domain is unknown',
        ({ good }) => ({ ...good, domain: 'nowhere.localhost' }),
        {},
        'stream-error',
        (error) => (error.message.includes('host-unknown') ? undefined : error.message),
      ),
      using('client is told conflict for a resource that is taken', async (open, { strict }) => {
        const address = `alice@${strict.domain}/balcony`;
        const first = await open(strict, { jid: address });
        try {
          const second = await open(strict, { jid: address });
          throw new Error(`the second one got ${second.jid.toString()}`);
        } catch (error) {
          if (
            !(error instanceof XmppConnectError) ||
            error.code !== 'bind-refused' ||
            !error.message.includes('conflict')
          )
            throw error;
        }
        await first.connection.send(presence());
        return 'bind-refused: conflict';
      }),
    ];
  }

  /** @returns {Suite['cases']} */
  function endCases() {
    return [
      using('client sees the stream error when another one takes its resource', async (open, { good }) => {
        const address = `alice@${good.domain}/balcony`;
        const first = await open(good, { jid: address });
        await open(good, { jid: address });
        const { cause } = await within('the end of the first', 8000, first.connection.closed);
        if (cause.code !== 'stream-error-received' || cause.error.condition !== 'conflict')
          throw new Error(JSON.stringify(cause));
        return 'conflict';
      }),
      using('client closes the stream cleanly', async (open, { good }) => {
        const client = await open(good);
        const { cause, error } = await client.close();
        if (cause.code !== 'closed-locally' || error !== undefined)
          throw new Error(`${cause.code} ${error?.message ?? ''}`);
        if (client.wire.find(/<- [^\n]*<\/stream:stream>/) === undefined) throw new Error('no closing tag came');
        return cause.code;
      }),
      ...(server.has.includes('moved')
        ? [
            using(
              'client follows a redirect and still checks the certificate for the domain',
              async (open, { moved }) => {
                const client = await open(moved);
                if (client.wire.find(/see-other-host/) === undefined) throw new Error('nobody redirected it');
                if (client.connection.remote.port !== moved?.otherPort)
                  throw new Error(`it is at ${client.connection.remote.port}`);
                return `at port ${client.connection.remote.port}`;
              },
            ),
          ]
        : []),
      using('client sees why the stream ends when the server shuts down', async (open, all) => {
        const client = await open(all.good);
        await client.connection.send(presence());
        await client.arrives('the own presence', (stanza) => stanza.kind === 'presence');
        await all.shutDown();
        const { cause } = await within('the end of the stream', 8000, client.connection.closed);
        if (cause.code !== 'stream-error-received' || cause.error.condition !== 'system-shutdown')
          throw new Error(JSON.stringify(cause));
        return 'system-shutdown';
      }),
    ];
  }
}

/** @param {Client} client @param {string} mechanism */
function used(client, mechanism) {
  if (client.mechanism !== mechanism) throw new Error(`it used ${client.mechanism}`);
  return `${mechanism}, ${client.connection.tls?.version}`;
}

/** @param {import('@xmpp-wire/core').Stanza} answer */
const conditionOf = (answer) => readStanzaError(answer)?.condition ?? 'no error';

const MESSAGES = 500;

/** @param {Client} from @param {Client} to */
async function exchange(from, to) {
  /** @type {string[]} */
  const got = [];
  to.onStanza = (stanza) => {
    const body = stanza.kind === 'message' ? stanza.element.childText('body') : undefined;
    if (body !== undefined) got.push(body);
  };
  for (let at = 0; at < MESSAGES; at++) {
    if (!(await from.connection.send(message({ to: to.jid, type: 'chat', body: `message ${at}` }))))
      throw new Error('the stream has ended');
  }
  await until('the messages', 15_000, () => got.length >= MESSAGES);
  to.onStanza = undefined;
  const wrong = got.findIndex((body, at) => body !== `message ${at}`);
  if (wrong >= 0) throw new Error(`message ${wrong} is ${got[wrong]}`);
}

/** @param {Error} error */
const codeOf = (error) => ('code' in error ? `[${String(error.code)}] ` : '');
