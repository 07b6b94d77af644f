// A program that wants a terminal, in a tmux server of its own.
import { randomBytes } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { until } from './wait.mjs';

/** @type {Set<Terminal>} */
const open = new Set();

export function closeTerminals() {
  for (const terminal of open) terminal.close();
}

export class Terminal {
  /**
   * @param {string} command for a shell
   * @param {{ cwd: string, env: Record<string, string> }} options
   */
  constructor(command, { cwd, env }) {
    this.#socket = `xw-interop-${randomBytes(6).toString('hex')}`;
    open.add(this);
    const { TMUX: _, ...outer } = process.env;
    this.#tmux(['new-session', '-d', '-x', '180', '-y', '60', command], {
      cwd,
      env: { ...outer, LC_ALL: 'C.UTF-8', TERM: 'screen', ...env },
    });
  }

  #socket;

  /** Types a line and ends it. @param {string} line */
  type(line) {
    this.#tmux(['send-keys', '-l', line]);
    this.#tmux(['send-keys', 'Enter']);
  }

  /** @returns {string} what is to be seen now; empty when the program has ended */
  screen() {
    return this.#tmux(['capture-pane', '-p', '-J']);
  }

  /** Waits until the screen shows `wanted`. @param {string} what @param {number} ms @param {RegExp} wanted */
  async shows(what, ms, wanted) {
    return until(`${what} on the screen`, ms, () => wanted.exec(this.screen()) ?? undefined);
  }

  close() {
    open.delete(this);
    this.#tmux(['kill-server']);
  }

  /** @param {string[]} args @param {{ cwd?: string, env?: Record<string, string | undefined> }} [options] */
  #tmux(args, options = {}) {
    const result = spawnSync('tmux', ['-L', this.#socket, '-f', '/dev/null', ...args], {
      encoding: 'utf8',
      timeout: 5000,
      ...options,
    });
    return result.status === 0 ? result.stdout : '';
  }
}
