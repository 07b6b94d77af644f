// Programs this run starts. Each is the leader of its own process group and is ended with that group, whatever happens.
import { spawn, spawnSync } from 'node:child_process';
import process from 'node:process';
import { until, within } from './wait.mjs';

/** @type {Set<Child>} */
const running = new Set();
const LOG_LIMIT = 200_000;

/** Ends everything that still runs, at once. For the end of the process, where nothing can be awaited. */
export function killAll() {
  for (const child of running) child.kill('SIGKILL');
}

/** Ends everything that still runs, politely first. */
export async function stopAll() {
  await Promise.all([...running].map((child) => child.stop()));
}

/** One program with its output. */
export class Child {
  /**
   * @param {string} name
   * @param {string} command
   * @param {readonly string[]} args
   * @param {{ cwd: string, env?: Record<string, string> }} options
   */
  constructor(name, command, args, { cwd, env = {} }) {
    this.name = name;
    /** Everything written to either output so far; the beginning and the newest part when it is long. */
    this.log = '';
    /** @type {string[]} complete lines of the standard output */
    this.lines = [];
    /** @type {string | undefined} how it ended */
    this.ended = undefined;
    let rest = '';
    this.process = spawn(command, args, {
      cwd,
      env: { ...process.env, LC_ALL: 'C.UTF-8', ...env },
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    running.add(this);
    this.process.stdin.on('error', () => {});
    this.process.stdout.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      this.#keep(text);
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      this.lines.push(...lines);
    });
    this.process.stderr.setEncoding('utf8').on('data', (/** @type {string} */ text) => this.#keep(text));
    /** @type {Promise<void>} */
    this.exited = new Promise((resolve) => {
      /** @param {string} how */
      const end = (how) => {
        this.ended ??= how;
        running.delete(this);
        resolve();
      };
      this.process.once('error', (error) => end(error.message));
      this.process.once('close', (code, signal) => {
        // Descendants may have closed their output and live on.
        this.kill('SIGKILL');
        end(signal === null ? `exit code ${code}` : `signal ${signal}`);
      });
    });
  }

  /** @param {string} text */
  write(text) {
    this.process.stdin.write(text);
  }

  /** @param {NodeJS.Signals} signal */
  kill(signal) {
    if (this.process.pid === undefined) return;
    try {
      process.kill(-this.process.pid, signal);
    } catch {
      // The group is gone already.
    }
  }

  /** Ends it: asks first, and insists after `ms`. */
  async stop(ms = 3000) {
    if (this.ended !== undefined) return;
    this.kill('SIGTERM');
    try {
      await within(`${this.name} to end`, ms, this.exited);
    } catch {
      this.kill('SIGKILL');
      await within(`${this.name} to end after SIGKILL`, 2000, this.exited);
    }
  }

  /**
   * Waits until `look` finds something, or the program ends.
   * @template T
   * @param {string} what
   * @param {number} ms
   * @param {() => T | undefined | false | Promise<T | undefined | false>} look
   * @returns {Promise<T>}
   */
  async until(what, ms, look) {
    return until(what, ms, look, () =>
      this.ended === undefined ? undefined : `${this.name} ended: ${this.ended}: ${this.log.slice(-600).trim()}`,
    );
  }

  /** @param {string} text */
  #keep(text) {
    this.log += text;
    if (this.log.length > LOG_LIMIT) {
      this.log = `${this.log.slice(0, LOG_LIMIT / 4)}\n[…]\n${this.log.slice(-LOG_LIMIT / 2)}`;
    }
  }
}

/**
 * Runs a short program to its end.
 * @param {string} command @param {readonly string[]} args @param {{ cwd?: string, ms?: number }} [options]
 * @returns {string} what it wrote to its standard output
 */
export function runToEnd(command, args, { cwd, ms = 60_000 } = {}) {
  const result = spawnSync(command, args, {
    cwd,
    timeout: ms,
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  });
  if (result.error !== undefined) throw new Error(`${command}: ${result.error.message}`);
  if (result.status !== 0)
    throw new Error(`${command} ended with ${result.status}: ${result.stderr.trim() || result.stdout.trim()}`);
  return result.stdout;
}
