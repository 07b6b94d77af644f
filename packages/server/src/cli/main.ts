#!/usr/bin/env node
// What `xmpp-wire-server` runs.
import process from 'node:process';
import { Log } from '../log/log.ts';
import { printable } from '../log/printable.ts';
import { usesColour } from '../log/uses-colour.ts';
import { ServerError } from '../server-error.ts';
import { changeAccount, listAccounts } from './account-commands.ts';
import { askPassword } from './ask-password.ts';
import { EXIT, exitCodeOf } from './exit-code.ts';
import { runProgram, type Output } from './program.ts';
import { serve } from './serve.ts';

/** Milliseconds after which the process ends although something keeps it alive. */
const PATIENCE = 1000;
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

const output: Output = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
};

async function main(): Promise<number> {
  // Nobody reads any more, as behind `| head`.
  process.stdout.on('error', () => process.exit(EXIT.done));
  try {
    return await runProgram(
      process.argv.slice(2),
      {
        async serve(options) {
          const stop = new AbortController();
          for (const signal of SIGNALS) {
            process.on(signal, () => (stop.signal.aborted ? process.exit(EXIT.interrupted) : stop.abort()));
          }
          const write = output.out;
          const colour = options.color && usesColour();
          await serve(options, ({ json }) => new Log({ write, json, colour, now: () => new Date() }), {
            stop: stop.signal,
            onReload(reload) {
              process.on('SIGHUP', reload);
              return () => process.off('SIGHUP', reload);
            },
          });
          return EXIT.done;
        },
        async change(action, address, options) {
          await changeAccount(action, address, options, output, async (account) =>
            askPassword({ input: process.stdin, show: output.err }, account),
          );
          return EXIT.done;
        },
        async list(options) {
          await listAccounts(options, output);
          return EXIT.done;
        },
      },
      output,
    );
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    output.err(`${error.message.split('\n').map(printable).join('\n')} (${error.code})\n`);
    return exitCodeOf(error);
  }
}

process.exitCode = await main();
setTimeout(() => process.exit(), PATIENCE).unref();
