// The client programs, each behind the same interface.
import path from 'node:path';
import process from 'node:process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { runToEnd } from '../lib/child.mjs';
import { packageVersion } from '../lib/install.mjs';
import { runProbe, STEPS } from '../lib/steps.mjs';
import { goSendxmpp } from './go-sendxmpp.mjs';
import { mcabber } from './mcabber.mjs';
import { profanity } from './profanity.mjs';

/** @typedef {import('../lib/steps.mjs').ClientProgram} ClientProgram */

const PROBES = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', 'probes');
const PYTHON = '/usr/bin/python3';

/** @param {string} name @param {string} debian @param {Pick<ClientProgram, 'mechanisms' | 'notes' | 'refusal'>} what @returns {ClientProgram} */
const python = (name, debian, what) => ({
  name,
  packages: [debian],
  steps: STEPS,
  directTls: true,
  ...what,
  version: () => packageVersion(debian),
  run: (settings) => runProbe(name, PYTHON, ['-B', path.join(PROBES, `${name}-probe.py`)], settings),
});

/**
 * A probe that is compiled once per run, in the folder of its first use.
 * @param {string} name
 * @param {{ debian: string, compiler: string, source: string, library: string }} how
 * @param {Pick<ClientProgram, 'mechanisms' | 'notes' | 'directTls' | 'refusal'>} what
 * @returns {ClientProgram}
 */
function compiled(name, { debian, compiler, source, library }, what) {
  /** @type {string | undefined} */
  let binary;
  return {
    name,
    packages: [debian, 'g++'],
    steps: STEPS,
    ...what,
    version: () => packageVersion(debian),
    run: async (settings) => {
      if (binary === undefined) {
        const made = path.join(settings.folder, `${name}-probe`);
        runToEnd(compiler, ['-O1', '-o', made, path.join(PROBES, source), `-l${library}`]);
        binary = made;
      }
      return runProbe(name, binary, [], settings);
    },
  };
}

/** @type {readonly ClientProgram[]} */
export const PROGRAMS = [
  python('slixmpp', 'python3-slixmpp', {
    mechanisms: ['PLAIN', 'SCRAM-SHA-1', 'SCRAM-SHA-256', 'SCRAM-SHA-512'],
    // Over direct TLS slixmpp hands OpenSSL's words on.
    refusal: /bad-certificate|certificate verify failed/,
    notes: [
      'Given an address of digits to connect to, it checks the certificate for no name at all; the probe gives it the domain.',
      'Takes the -PLUS mechanisms first, and binds by tls-unique even over TLS 1.3; where they are not offered it sends the flag `y`.',
    ],
  }),
  python('aioxmpp', 'python3-aioxmpp', {
    // aiosasl knows no other hash.
    mechanisms: ['PLAIN', 'SCRAM-SHA-1', 'SCRAM-SHA-256'],
    refusal: /bad-certificate/,
    notes: ['Enables stream management where it is offered.'],
  }),
  // libstrophe takes the strongest it finds; it cannot be told.
  compiled(
    'libstrophe',
    { debian: 'libstrophe-dev', compiler: 'gcc', source: 'libstrophe-probe.c', library: 'strophe' },
    // 103 is ECONNABORTED, with which it reports every failed TLS handshake.
    {
      mechanisms: [],
      directTls: true,
      refusal: /error 103, no SASL failure/,
      notes: [
        'Takes the strongest SCRAM without channel binding and cannot be told otherwise.',
        'Sends the `<required/>` of the feature back inside its bind request.',
      ],
    },
  ),
  compiled(
    'gloox',
    { debian: 'libgloox-dev', compiler: 'g++', source: 'gloox-probe.cpp', library: 'gloox' },
    {
      mechanisms: ['PLAIN', 'SCRAM-SHA-1-PLUS'],
      directTls: false,
      refusal: /certificate [1-9]/,
      notes: [
        'Speaks TLS 1.2, and takes SCRAM-SHA-1-PLUS with tls-unique where it is offered.',
        'Loads an authority only when told so by the TLS object itself; connects to a host of its own by a connection object.',
        'Ends the connection right after its own closing tag.',
      ],
    },
  ),
  {
    name: 'xmpp.js',
    packages: [],
    steps: STEPS,
    mechanisms: ['PLAIN', 'SCRAM-SHA-1'],
    // It would check the certificate for 127.0.0.1, not for the domain.
    directTls: false,
    notes: [
      'Needs a global WebSocket on Node 20, also over TCP.',
      'Checks the certificate of direct TLS for the host it connects to, so direct TLS is not tried.',
    ],
    refusal: /CERT_HAS_EXPIRED|ERR_TLS_CERT_ALTNAME_INVALID/,
    version: () => createRequire(import.meta.url)('@xmpp/client/package.json').version,
    run: (settings) =>
      runProbe('xmpp.js', process.execPath, [path.join(PROBES, 'xmpp-js-probe.mjs')], settings, {
        NODE_EXTRA_CA_CERTS: settings.caFile,
      }),
  },
  goSendxmpp,
  profanity,
  mcabber,
];
