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

/** @param {string} name @param {string} debian @param {Pick<ClientProgram, 'mechanisms' | 'refusal'>} what @returns {ClientProgram} */
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
 * @param {Pick<ClientProgram, 'mechanisms' | 'directTls' | 'refusal'>} what
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
  }),
  python('aioxmpp', 'python3-aioxmpp', {
    mechanisms: ['PLAIN', 'SCRAM-SHA-1', 'SCRAM-SHA-256', 'SCRAM-SHA-512'],
    refusal: /bad-certificate/,
  }),
  // libstrophe takes the strongest it finds; it cannot be told.
  compiled(
    'libstrophe',
    { debian: 'libstrophe-dev', compiler: 'gcc', source: 'libstrophe-probe.c', library: 'strophe' },
    // 103 is ECONNABORTED, with which it reports every failed TLS handshake.
    { mechanisms: [], directTls: true, refusal: /error 103, no SASL failure/ },
  ),
  compiled(
    'gloox',
    { debian: 'libgloox-dev', compiler: 'g++', source: 'gloox-probe.cpp', library: 'gloox' },
    { mechanisms: ['PLAIN', 'SCRAM-SHA-1-PLUS'], directTls: false, refusal: /certificate [1-9]/ },
  ),
  {
    name: 'xmpp.js',
    packages: [],
    steps: STEPS,
    mechanisms: ['PLAIN', 'SCRAM-SHA-1'],
    // It would check the certificate for 127.0.0.1, not for the domain.
    directTls: false,
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
