// The probe by raw bytes against a server. Its cases run side by side, each over connections of its own.
import { CaseFailure } from '../lib/runner.mjs';
import { packageVersion } from '../lib/install.mjs';
import { HOSTS as EJABBERD, packages as ejabberdPackages, startEjabberd } from '../peers/ejabberd.mjs';
import { startOurServer } from '../peers/our-server.mjs';
import { HOSTS as PROSODY, packages as prosodyPackages, startProsody } from '../peers/prosody.mjs';
import { PROBE_CASES } from '../probe/cases.mjs';
import { knownOf } from '../probe/differences.mjs';
import { Entity } from '../probe/entity.mjs';
import { Difference } from '../probe/wire.mjs';

/**
 * @typedef {import('../lib/world.mjs').World} World
 * @typedef {import('../probe/case.mjs').ProbeCase} ProbeCase
 * @typedef {import('../probe/entity.mjs').Subject} Subject
 *
 * @typedef {object} Probed a server that the probe is run against
 * @property {string} name
 * @property {readonly string[]} packages
 * @property {readonly string[]} notes
 * @property {() => string} version
 * @property {(world: World, accounts: readonly string[]) => Promise<{ domain: string, port: number, log: () => string, stop: () => Promise<unknown> }>} start
 */

const AT_ONCE = 12;
const PATIENCE_MS = 8000;
/** For what is known not to come. */
const SHORT_PATIENCE_MS = 2500;
// Cases that run at the same time have different accounts, so that they do not see each other's presence.
const ACCOUNTS = Array.from({ length: 3 * AT_ONCE }, (_, at) => `probe${at}`);

/** @type {readonly Probed[]} */
const PROBED = [
  {
    name: 'our server',
    packages: [],
    notes: [],
    version: () => 'this one',
    start: async (world, accounts) => {
      const { good, log, stop } = await startOurServer(world, {
        accounts,
        limits: { connectionsPerMinute: 100_000, connectionsPerAddress: 1000, failedLoginsPerMinute: 100_000 },
      });
      return { ...good, log, stop };
    },
  },
  {
    name: 'prosody',
    packages: prosodyPackages,
    notes: [],
    version: () => packageVersion('prosody'),
    start: async (world, accounts) => ({
      ...(await startProsody(world, { accounts, folder: 'prosody-probe' })),
      domain: PROSODY.good,
    }),
  },
  {
    name: 'ejabberd',
    packages: ejabberdPackages,
    notes: [],
    version: () => packageVersion('ejabberd'),
    start: async (world, accounts) => ({
      ...(await startEjabberd(world, { accounts, folder: 'ejabberd-probe' })),
      domain: EJABBERD.good,
    }),
  },
];

/** @type {readonly import('../lib/runner.mjs').Suite[]} */
export const PROBE_SUITES = PROBED.map(probeSuite);

/** @param {Probed} probed @returns {import('../lib/runner.mjs').Suite} */
function probeSuite(probed) {
  /** @type {Awaited<ReturnType<Probed['start']>> | undefined} */
  let server;
  /** @type {Map<string, Promise<import('../lib/runner.mjs').CaseResult>>} */
  const results = new Map();

  /** @param {Subject} subject @param {readonly ProbeCase[]} cases */
  function startCases(subject, cases) {
    const lanes = Array.from({ length: AT_ONCE }, () => Promise.resolve());
    for (const [at, each] of cases.entries()) {
      const result = (lanes[at % AT_ONCE] ?? Promise.resolve()).then(() =>
        judged(each, probed.name, subject, ACCOUNTS[at % ACCOUNTS.length] ?? 'alice'),
      );
      // Whoever asks for the result hears of a failure; until then it is no unhandled one.
      lanes[at % AT_ONCE] = settled(result);
      results.set(each.title, result);
    }
  }

  return {
    name: `probe of ${probed.name}`,
    about: `the probe by raw bytes against ${probed.name}`,
    notes: probed.notes,
    packages: probed.packages,
    version: probed.version,
    cases: PROBE_CASES.map(({ clause, title }) => ({
      title: `${place(clause)}: ${title}`,
      run: async () => {
        const result = await results.get(title);
        if (result === undefined) throw new Error('the case was not started');
        return result;
      },
    })),
    start: async (world, titles) => {
      server = await probed.start(world, ['alice', 'bob', ...ACCOUNTS]);
      const { domain, port } = server;
      const wanted = PROBE_CASES.filter(({ clause, title }) => titles.includes(`${place(clause)}: ${title}`));
      startCases({ domain, port, ca: world.authority.ca }, wanted);
    },
    stop: async () => {
      await server?.stop();
    },
    log: () => server?.log() ?? '',
  };
}

/** @param {Promise<unknown>} work */
async function settled(work) {
  await Promise.allSettled([work]);
}

/**
 * @param {ProbeCase} probeCase @param {string} peer @param {Subject} subject @param {string} account
 * @returns {Promise<import('../lib/runner.mjs').CaseResult>}
 */
async function judged(probeCase, peer, subject, account) {
  const known = knownOf(peer, probeCase.title);
  const patience = known?.endsWith('nothing') === true ? SHORT_PATIENCE_MS : PATIENCE_MS;
  const entity = new Entity(subject, account, patience);
  const started = performance.now();
  try {
    await probeCase.run(entity);
  } catch (error) {
    if (error instanceof Difference && error.came === known) {
      return { detail: `a known difference: ${known}`, ms: performance.now() - started };
    }
    throw new CaseFailure(error instanceof Error ? error.message : String(error), entity.log.join('\n'));
  } finally {
    entity.end();
  }
  if (known !== undefined) throw new CaseFailure(`no longer what the table says: ${known}`, entity.log.join('\n'));
  return { detail: '', ms: performance.now() - started };
}

/** @param {string} clause */
function place(clause) {
  return /^\d/.test(clause) ? `§${clause}` : clause;
}
