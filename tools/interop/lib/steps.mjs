// What a client program did against a server, step by step. Every program reports the same steps in the same words.
import { Child } from './child.mjs';
import { within } from './wait.mjs';

/**
 * @typedef {object} Settings what a client program is told
 * @property {string} folder a folder of its own
 * @property {number} port on 127.0.0.1
 * @property {boolean} direct TLS from the first byte instead of STARTTLS
 * @property {string} jid full or bare
 * @property {string} password
 * @property {string} caFile the only authority it is to trust
 * @property {string} [peer] answers every chat message with `echo: ` before the body
 * @property {string} [mechanism] the only SASL mechanism to use
 * @property {boolean} loginOnly log in and close, nothing between
 *
 * @typedef {{ step: string, ok: boolean, detail: string, ms: number }} Step
 * @typedef {{ steps: Step[], log: string }} Outcome
 *
 * @typedef {object} ClientProgram
 * @property {string} name
 * @property {readonly string[]} notes what to know of it, for the docs
 * @property {readonly string[]} packages Debian packages; the first one gives the version
 * @property {readonly string[]} steps what it does between login and end, in order
 * @property {readonly string[]} mechanisms those it can be told to use
 * @property {boolean} directTls
 * @property {RegExp} [refusal] how it says that it does not accept a certificate; absent when it takes any
 * @property {() => string} version
 * @property {(settings: Settings) => Promise<Outcome>} run
 */

export const STEPS = /** @type {const} */ ([
  'login',
  'roster',
  'presence',
  'self-bare',
  'self-full',
  'peer',
  'ping',
  'unknown-iq-get',
  'unknown-iq-set',
  'close',
]);

const PROBE_MS = 60_000;

/**
 * Runs a probe that reports its steps as JSON lines until it says `end`.
 * @param {string} name
 * @param {string} command @param {readonly string[]} args
 * @param {Settings} settings @param {Record<string, string>} [env]
 * @returns {Promise<Outcome>}
 */
export async function runProbe(name, command, args, settings, env = {}) {
  const child = new Child(name, command, args, { cwd: settings.folder, env: { ...environment(settings), ...env } });
  try {
    await within(`${name} to end`, PROBE_MS, child.exited);
  } catch {
    // The steps that are missing say enough.
  } finally {
    await child.stop();
  }
  /** @type {Step[]} */
  const steps = child.lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  return { steps, log: `${child.log}\n(${name}: ${child.ended})` };
}

/** @param {Settings} settings @returns {Record<string, string>} */
function environment(settings) {
  return {
    HOME: settings.folder,
    XW_HOST: '127.0.0.1',
    XW_PORT: String(settings.port),
    XW_TLS: settings.direct ? 'direct' : 'starttls',
    XW_JID: settings.jid,
    XW_PASSWORD: settings.password,
    XW_CA: settings.caFile,
    ...(settings.peer === undefined ? {} : { XW_PEER: settings.peer }),
    ...(settings.mechanism === undefined ? {} : { XW_MECHANISM: settings.mechanism }),
    ...(settings.loginOnly ? { XW_MODE: 'login' } : {}),
  };
}

/** Collects the steps of a program that is driven from here. */
export class StepRecorder {
  constructor() {
    /** @type {Step[]} */
    this.steps = [];
    this.#started = performance.now();
  }

  #started;

  /** @param {string} step @param {() => Promise<string> | string} work @returns {Promise<boolean>} */
  async attempt(step, work) {
    try {
      this.#add(step, true, await work());
      return true;
    } catch (error) {
      this.#add(step, false, error instanceof Error ? error.message : String(error));
      return false;
    }
  }

  /** @param {string} step @param {boolean} ok @param {string} detail */
  #add(step, ok, detail) {
    this.steps.push({ step, ok, detail, ms: Math.round(performance.now() - this.#started) });
  }
}
