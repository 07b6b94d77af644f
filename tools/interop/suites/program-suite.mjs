// A client program against a server: every step of an ordinary session is a case, then each way to log in, then what
// must not work.
import { CaseFailure } from '../lib/runner.mjs';
import { PASSWORD, WRONG_PASSWORD } from '../lib/world.mjs';

/**
 * @typedef {import('../lib/steps.mjs').ClientProgram} ClientProgram
 * @typedef {import('../lib/steps.mjs').Settings} Settings
 * @typedef {import('../lib/runner.mjs').Suite} Suite
 *
 * @typedef {object} Target a server that client programs are tried against
 * @property {string} name
 * @property {readonly string[]} packages
 * @property {readonly string[]} mechanisms those it offers over TLS
 * @property {(world: import('../lib/world.mjs').World) => Promise<RunningTarget>} start
 *
 * @typedef {object} RunningTarget
 * @property {Endpoint} good with the accounts `alice`, `bob` and `carol`
 * @property {Endpoint} anotherName its certificate is for another name
 * @property {Endpoint} expired
 * @property {string} peer an address that answers every chat message with `echo: ` before the body
 * @property {() => string} log
 * @property {() => Promise<void>} stop
 *
 * @typedef {{ domain: string, port: number, directPort: number }} Endpoint
 */

/** @type {Record<string, string>} */
const TITLES = {
  login: 'logs in over STARTTLS and binds a resource',
  roster: 'gets its roster',
  presence: 'sends presence and sees it come back',
  'self-bare': 'gets a message to its own bare JID',
  'self-full': 'gets a message to its own full JID',
  peer: 'sends a message to a peer and gets the answer',
  'another-account': 'sends a message to another account, where another one of it gets it',
  ping: 'pings the server',
  'unknown-iq-get': 'gets service-unavailable for an unknown iq get',
  'unknown-iq-set': 'gets service-unavailable for an unknown iq set',
  'every-iq': 'gets an answer to every iq it sends by itself',
  close: 'closes the stream cleanly',
};

/** @param {ClientProgram} program @param {Target} target @returns {Suite} */
export function programSuite(program, target) {
  /** @type {RunningTarget | undefined} */
  let server;
  /** @type {import('../lib/world.mjs').World | undefined} */
  let world;
  /** @type {Promise<import('../lib/steps.mjs').Outcome> | undefined} */
  let session;
  let runs = 0;

  /** @param {Partial<Settings> & { endpoint?: 'good' | 'anotherName' | 'expired' }} more */
  async function run({ endpoint = 'good', ...more }) {
    if (server === undefined || world === undefined) throw new Error('the server is not running');
    const { domain, port, directPort } = server[endpoint];
    runs += 1;
    return program.run({
      folder: world.makeFolder(`${program.name}-${runs}`),
      port: more.direct === true ? directPort : port,
      direct: false,
      jid: `alice@${domain}/probe`,
      password: PASSWORD,
      caFile: world.authority.caFile,
      loginOnly: true,
      ...more,
    });
  }

  /** @param {string} step */
  async function stepOfSession(step) {
    session ??= run({ loginOnly: false, ...(server === undefined ? {} : { peer: server.peer }) });
    const { steps, log } = await session;
    const at = steps.findIndex((each) => each.step === step);
    const found = steps[at];
    if (found === undefined) throw new CaseFailure(`it ended without getting there; ${describe(steps)}`, log);
    if (!found.ok) throw new CaseFailure(found.detail, log);
    return { detail: found.detail, ms: found.ms - (steps[at - 1]?.ms ?? 0) };
  }

  /** @param {Parameters<typeof run>[0]} more */
  async function logsIn(more) {
    const { steps, log } = await run(more);
    const bad = steps.find((each) => !each.ok);
    if (bad !== undefined) throw new CaseFailure(`${bad.step}: ${bad.detail}`, log);
    const login = steps.find((each) => each.step === 'login');
    if (login === undefined) throw new CaseFailure('it ended without logging in', log);
    if (more.mechanism !== undefined && !login.detail.startsWith(`${more.mechanism} `)) {
      throw new CaseFailure(`it did not use ${more.mechanism}: ${login.detail}`, log);
    }
    return { detail: login.detail, ms: login.ms };
  }

  /** @param {Parameters<typeof run>[0]} more @param {RegExp} reason */
  async function isRefused(more, reason) {
    const { steps, log } = await run(more);
    const login = steps.find((each) => each.step === 'login');
    if (login === undefined) throw new CaseFailure('it ended without a word', log);
    if (login.ok) throw new CaseFailure(`it logged in: ${login.detail}`, log);
    if (!reason.test(login.detail)) throw new CaseFailure(`refused for another reason: ${login.detail}`, log);
    return { detail: login.detail, ms: login.ms };
  }

  const mechanisms = program.mechanisms.filter((name) => target.mechanisms.includes(name));
  return {
    name: program.name,
    about: `${program.name} against ${target.name}`,
    notes: program.notes,
    packages: [...target.packages, ...program.packages],
    version: program.version,
    cases: [
      ...program.steps.map((step) => ({ title: TITLES[step] ?? step, run: () => stepOfSession(step) })),
      ...(program.directTls ? [{ title: 'logs in over direct TLS', run: () => logsIn({ direct: true }) }] : []),
      ...mechanisms.map((mechanism) => ({ title: `logs in by ${mechanism}`, run: () => logsIn({ mechanism }) })),
      {
        title: 'is told not-authorized for a wrong password',
        run: () => isRefused({ password: WRONG_PASSWORD }, /not-authorized/),
      },
      ...(program.refusal === undefined
        ? []
        : [
            {
              title: 'refuses the certificate of another domain',
              run: () => isRefused({ endpoint: 'anotherName' }, refusal(program)),
            },
            {
              title: 'refuses an expired certificate',
              run: () => isRefused({ endpoint: 'expired' }, refusal(program)),
            },
          ]),
    ],
    start: async (given) => {
      world = given;
      server = await target.start(given);
    },
    stop: async () => server?.stop(),
    log: () => server?.log() ?? '',
  };
}

/** @param {ClientProgram} program */
const refusal = (program) => program.refusal ?? /./;

/** @param {readonly import('../lib/steps.mjs').Step[]} steps */
const describe = (steps) =>
  steps.map((each) => `${each.step} ${each.ok ? 'ok' : `failed: ${each.detail}`}`).join(', ') || 'no step was reported';
