// What `npm start` runs. It may be imported into a process that does something else beside, so it ends that process only
// when a signal says so for the second time.
import process from 'node:process';
import { usesColour } from '../log/uses-colour.ts';
import { runDemo } from './demo.ts';
import { readCommandLine } from './options.ts';
import { Screen } from './screen.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Milliseconds after which the process ends although something keeps it alive. */
const PATIENCE = 3000;

async function main(): Promise<number> {
  const commandLine = readCommandLine(process.argv.slice(2));
  if ('exitCode' in commandLine) {
    process.stdout.write(commandLine.output);
    process.stderr.write(commandLine.error);
    return commandLine.exitCode;
  }
  const { run } = commandLine;
  const stop = new AbortController();
  const onSignal = (): void => {
    if (stop.signal.aborted) process.exit(130);
    stop.abort();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  // Nobody reads any more, as behind `| head`.
  process.stdout.on('error', () => process.exit(0));
  const screen = new Screen({
    write: (text) => void process.stdout.write(text),
    colour: run.color && usesColour(),
    columns: () => (process.stdout.isTTY ? process.stdout.columns : undefined),
  });
  try {
    await runDemo(run, screen, stop.signal);
    screen.line();
    screen.line(stop.signal.aborted ? 'Ended.' : 'The conversation is over.');
    return 0;
  } catch (error) {
    process.stderr.write(`The demo failed: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}

process.exitCode = await main();
setTimeout(() => process.exit(), PATIENCE).unref();
