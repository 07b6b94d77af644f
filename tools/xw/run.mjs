// Child processes: one that shows what it prints, and a list of steps that print one line each unless they fail.
import { spawn } from 'node:child_process';
import process from 'node:process';
import { at, env, fail, root } from './environment.mjs';

/** @typedef {{ cwd?: string, env?: NodeJS.ProcessEnv, shell?: boolean }} Options */
/** @typedef {{ code: number, output: string }} Outcome */
/** @typedef {{ name: string, run: () => Promise<Outcome> }} Step */

/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();

/**
 * Runs a command to its end with our own input and output. A command that fails ends this run with its exit code.
 * @param {string} command
 * @param {string[]} args
 * @param {Options} [options]
 */
export async function run(command, args, options = {}) {
  const { code } = await start(command, args, options, 'inherit');
  if (code !== 0) process.exit(code);
}

/** Runs a JavaScript file with this very Node. @param {string[]} args */
export const node = (...args) => run(process.execPath, args);

/** Runs a tool of node_modules by the path of its script. @param {string} script @param {string[]} args */
export const tool = (script, ...args) => node(at('node_modules', ...script.split('/')), ...args);

/**
 * A step that keeps its output to itself until it fails.
 * @param {string} name
 * @param {string[]} args arguments of Node: a script and what it takes
 * @param {Options} [options]
 * @returns {Step}
 */
export const step = (name, args, options = {}) => ({ name, run: () => start(process.execPath, args, options, 'pipe') });

/** The same for a tool of node_modules. @param {string} name @param {string} script @param {string[]} args @returns {Step} */
export const toolStep = (name, script, ...args) => step(name, [at('node_modules', ...script.split('/')), ...args]);

/**
 * Runs the steps, at most `width` at a time, all of them even when one fails. Prints a line for each, and in front
 * of the line of a failed one what it printed. Ends this run with exit code 1 if any failed.
 * @param {Step[]} steps
 * @param {{ width?: number, verbose?: boolean }} [options] `verbose`: print what a step prints also when it succeeds
 */
export async function runSteps(steps, { width = 1, verbose = false } = {}) {
  const waiting = [...steps];
  /** @type {string[]} */
  const failed = [];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const begun = Date.now();
      const { code, output } = await next.run();
      if ((verbose || code !== 0) && output.trim() !== '') console.log(output.trimEnd());
      console.log(`xw: ${next.name} ${code === 0 ? 'ok' : 'FAILED'} (${((Date.now() - begun) / 1000).toFixed(1)} s)`);
      if (code !== 0) failed.push(next.name);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  if (failed.length > 0) fail(`failed: ${failed.join(', ')}`);
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {Options} options
 * @param {'inherit' | 'pipe'} output
 * @returns {Promise<Outcome>}
 */
function start(command, args, options, output) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env, ...options, stdio: ['inherit', output, output] });
    children.add(child);
    /** @type {Buffer[]} */
    const printed = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => printed.push(chunk));
    child.once('error', (error) => fail(`${command}: ${error.message}`));
    child.once('close', (code, signal) => {
      children.delete(child);
      resolve({ code: code ?? signalCode(signal), output: Buffer.concat(printed).toString('utf8') });
    });
  });
}

/** @param {NodeJS.Signals | null} signal */
const signalCode = (signal) => (signal === 'SIGINT' ? 130 : signal === 'SIGTERM' ? 143 : 1);

// A signal goes on to the children, and this run ends when they have ended. Without a child it ends at once, unless a
// program that runs in this process (the job `start`) listens too and ends in its own way. From a terminal one Ctrl-C
// arrives twice, from the terminal and from npm: the echo must not cut that ending short.
const ECHO_MS = 1000;
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  let last = -Infinity;
  process.on(signal, () => {
    const isEcho = performance.now() - last < ECHO_MS;
    last = performance.now();
    for (const child of children) child.kill(signal);
    if (children.size === 0 && process.listenerCount(signal) === 1 && !isEcho) process.exit(signalCode(signal));
  });
}
