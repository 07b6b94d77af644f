// What an adapter brings to the suite: two functions, and what its transport is able to do.
/** @import { ClientOptions, ReconnectPolicy, ServeOptions, XmppConnection, XmppSession } from '@xmpp-wire/driver' */

/**
 * How a connection is protected: TLS after the stream began, TLS before it, or nothing that the transport knows of.
 * @typedef {'starttls' | 'direct' | 'clear'} Way
 */

/**
 * @typedef {object} ServerCertificate
 * @property {string} cert PEM, for the suite's domain and for 127.0.0.1
 * @property {string} key
 */

/** @typedef {Pick<ServeOptions, 'asks' | 'onConnection' | 'onFailure' | 'onError' | 'timeouts' | 'limits' | 'maxBufferedOutput' | 'lingering'>} Serving */

/**
 * @typedef {object} ListenRequest
 * @property {Way} way
 * @property {ServerCertificate} certificate
 * @property {Serving} serving what the adapter's own `listen` takes under the same names
 */

/**
 * @typedef {object} SuiteListener
 * @property {number} port on 127.0.0.1
 * @property {number} size connections, those being negotiated included
 * @property {(timeout?: number) => Promise<void>} close
 */

/** @typedef {Pick<ClientOptions, 'jid' | 'domain' | 'password' | 'authenticateBy' | 'mechanisms' | 'timeouts' | 'signal' | 'maxBufferedOutput' | 'onTrace'>} Client */

/**
 * @typedef {object} ConnectRequest
 * @property {Way} way
 * @property {number} port on 127.0.0.1
 * @property {string} ca the authority of the server's certificate, in PEM
 * @property {Client} client what the adapter's own `connect` takes under the same names
 */

/** @typedef {Omit<ConnectRequest, 'client'> & { client: Omit<Client, 'signal'> & { reconnect: Partial<ReconnectPolicy> } }} KeepRequest */

/**
 * @typedef {object} Adapter
 * @property {string} name
 * @property {readonly Way[]} ways
 * @property {'bytes' | 'messages'} carries
 * @property {(way: Way) => readonly string[]} mechanisms the mechanisms by password that work
 * @property {boolean} pausesReading whether a server of it can make its clients wait by not reading
 * @property {(request: ListenRequest) => Promise<SuiteListener>} listen
 * @property {(request: ConnectRequest) => Promise<XmppConnection>} connect
 * @property {(request: KeepRequest) => XmppSession} keepConnected
 */

/**
 * One thing that an adapter has to be able to do.
 * @typedef {object} Case
 * @property {Way} way
 * @property {string} feature a short name, the same for all adapters
 * @property {string} name
 * @property {() => Promise<void>} run rejects when it is not so
 */

export const SCRAM = ['SCRAM-SHA-512', 'SCRAM-SHA-256', 'SCRAM-SHA-1'];
export const SCRAM_PLUS = SCRAM.map((name) => `${name}-PLUS`);
