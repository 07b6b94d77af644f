// Runs our client against real servers and real clients against our server, everything on the loopback interface.
import process from 'node:process';
import { parseArgs } from 'node:util';
import { killAll, stopAll } from './lib/child.mjs';
import { runSuites } from './lib/runner.mjs';
import { closeTerminals } from './lib/terminal.mjs';
import { createWorld } from './lib/world.mjs';
import { selectSuites } from './suites/all.mjs';

const USAGE = `usage: npm run interop -- [options]
  --only <pattern>  only cases whose line matches this regular expression
  --list            name the cases and run none
  --json            print the results as JSON; the lines go to standard error
  --write-docs      write docs/interop.md from this run
  --reference       try the client programs against Prosody instead of our server
  --no-install      install nothing; what is not there is not run
  --keep            leave the folder of the run, with every configuration and log`;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    list: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    'write-docs': { type: 'boolean', default: false },
    reference: { type: 'boolean', default: false },
    'no-install': { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(USAGE);
} else {
  process.exitCode = await main();
}

async function main() {
  if (values['write-docs'] && (values.only !== undefined || values.reference)) {
    console.error('--write-docs is for a whole run against our own client and server');
    return 1;
  }
  const suites = selectSuites({ reference: values.reference, only: values.only });
  if (values.list) {
    for (const suite of suites) for (const { title } of suite.cases) console.log(`${suite.name}: ${title}`);
    return 0;
  }
  if (suites.length === 0) {
    console.error(`no case matches ${values.only}`);
    return 1;
  }
  const print = values.json ? console.error : console.log;
  const world = await createWorld();
  const stopNow = () => {
    killAll();
    closeTerminals();
    if (!values.keep) world.remove();
  };
  process.once('exit', stopNow);
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
    process.once(signal, () => process.exit(130));
  const results = await runSuites(world, suites, { install: !values['no-install'], print });
  await stopAll();
  if (values.keep) print(`# kept ${world.folder}`);
  if (values['write-docs']) {
    const { writeDocs } = await import('./lib/docs.mjs');
    print(`# wrote ${writeDocs(suites, results)}`);
  }
  /** @param {string} outcome */
  const count = (outcome) => results.filter((result) => result.outcome === outcome).length;
  if (values.json) console.log(JSON.stringify(results, undefined, 2));
  print(`${count('ok')} passed, ${count('FAIL')} failed, ${count('skip')} skipped`);
  return count('FAIL') > 0 ? 1 : 0;
}
