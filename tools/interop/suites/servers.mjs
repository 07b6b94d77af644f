// The servers our client is tried against: where on each of them what can be found.
import { packageVersion } from '../lib/install.mjs';
import { HOSTS as EJABBERD, packages as ejabberdPackages, startEjabberd } from '../peers/ejabberd.mjs';
import { HOSTS as PROSODY, packages as prosodyPackages, startProsody } from '../peers/prosody.mjs';

const ACCOUNTS = ['alice', 'bob'];

/** @type {readonly import('./client-suite.mjs').ServerUnderTest[]} */
export const SERVERS = [
  {
    name: 'prosody',
    packages: prosodyPackages,
    mechanisms: ['PLAIN', 'SCRAM-SHA-1', 'SCRAM-SHA-256'],
    plusMechanisms: ['SCRAM-SHA-1-PLUS', 'SCRAM-SHA-256-PLUS'],
    has: ['anotherName', 'external', 'hashed', 'moved'],
    version: () => packageVersion('prosody'),
    start: async (world) => {
      const { port, otherPort, directPort, certificateOfAlice, log, stop } = await startProsody(world, {
        accounts: ACCOUNTS,
      });
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
        shutDown: stop,
        log,
        stop,
      };
    },
  },
  {
    name: 'ejabberd',
    packages: ejabberdPackages,
    mechanisms: ['PLAIN', 'SCRAM-SHA-1', 'SCRAM-SHA-256', 'SCRAM-SHA-512'],
    plusMechanisms: ['SCRAM-SHA-1-PLUS', 'SCRAM-SHA-256-PLUS', 'SCRAM-SHA-512-PLUS'],
    has: [],
    version: () => packageVersion('ejabberd'),
    start: async (world) => {
      const { port, directPort, tls12Port, clearPort, log, stop } = await startEjabberd(world, { accounts: ACCOUNTS });
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
        shutDown: stop,
        log,
        stop,
      };
    },
  },
];
