// The servers our client is tried against: where on each of them what can be found.
import { packageVersion } from '../lib/install.mjs';
import { HOSTS as EJABBERD, packages as ejabberdPackages, startEjabberd } from '../peers/ejabberd.mjs';
import { HOSTS as PROSODY, packages as prosodyPackages, startProsody } from '../peers/prosody.mjs';

const ACCOUNTS = ['alice', 'bob'];

/** @type {readonly import('./client-suite.mjs').ServerUnderTest[]} */
export const SERVERS = [
  {
    name: 'prosody',
    notes: [
      'Stores one kind of key for each account: a host offers SCRAM-SHA-1 and SCRAM-SHA-256 together only when it stores passwords.',
      'Its channel binding is tls-unique, so the -PLUS mechanisms are there over TLS 1.2 only.',
      'A host without TLS ends the stream with unsupported-stanza-type when STARTTLS is tried all the same.',
      'With its own event loop it now and then shuts down before it has written its stream error, so it runs on libevent here.',
      'Has no redirection of its own; the run brings a module of 15 lines for it.',
    ],
    packages: prosodyPackages,
    mechanisms: ['PLAIN', 'SCRAM-SHA-1', 'SCRAM-SHA-256'],
    plusMechanisms: ['SCRAM-SHA-1-PLUS', 'SCRAM-SHA-256-PLUS'],
    has: ['anotherName', 'external', 'hashed', 'moved'],
    version: () => packageVersion('prosody'),
    start: async (world) => {
      const prosody = await startProsody(world, { accounts: ACCOUNTS });
      const { port, otherPort, directPort, webSocket, certificateOfAlice, log, stop } = prosody;
      return {
        good: { domain: PROSODY.good, port },
        goodDirect: { domain: PROSODY.good, port: directPort, direct: true },
        tls12: { domain: PROSODY.tls12, port },
        hashed: { domain: PROSODY.hashed, port },
        anonymous: { domain: PROSODY.anonymous, port },
        external: { domain: PROSODY.external, port, certificate: certificateOfAlice },
        expired: { domain: PROSODY.expired, port },
        anotherName: { domain: PROSODY.anotherName, port },
        untrusted: { domain: PROSODY.untrusted, port },
        directAnotherName: { domain: PROSODY.hashed, port: directPort, direct: true },
        clear: { domain: PROSODY.clear, port },
        strict: { domain: PROSODY.strict, port },
        moved: { domain: PROSODY.moved, port, otherPort },
        webSocket,
        shutDown: stop,
        log,
        stop,
      };
    },
  },
  {
    name: 'ejabberd',
    notes: [
      'Offers the -PLUS mechanisms over TLS 1.3 too and announces no channel-binding types (XEP-0440); what it expects there is tls-unique, which TLS 1.3 does not have.',
      'Runs as one Erlang machine without distribution: no name service, no port for Erlang.',
    ],
    packages: ejabberdPackages,
    mechanisms: ['PLAIN', 'SCRAM-SHA-1', 'SCRAM-SHA-256', 'SCRAM-SHA-512'],
    plusMechanisms: ['SCRAM-SHA-1-PLUS', 'SCRAM-SHA-256-PLUS', 'SCRAM-SHA-512-PLUS'],
    has: [],
    version: () => packageVersion('ejabberd'),
    start: async (world) => {
      const ejabberd = await startEjabberd(world, { accounts: ACCOUNTS });
      const { port, directPort, tls12Port, clearPort, webSocket, log, shutDown, stop } = ejabberd;
      return {
        good: { domain: EJABBERD.good, port },
        goodDirect: { domain: EJABBERD.good, port: directPort, direct: true },
        tls12: { domain: EJABBERD.good, port: tls12Port },
        anonymous: { domain: EJABBERD.anonymous, port },
        expired: { domain: EJABBERD.expired, port },
        untrusted: { domain: EJABBERD.untrusted, port },
        directAnotherName: { domain: 'nowhere.localhost', port: directPort, direct: true },
        clear: { domain: EJABBERD.good, port: clearPort },
        strict: { domain: EJABBERD.strict, port },
        webSocket,
        shutDown,
        log,
        stop,
      };
    },
  },
];
