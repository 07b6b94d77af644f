// Every suite there is, narrowed to what was asked for.
import { ourServer } from '../peers/our-server.mjs';
import { PROGRAMS } from '../peers/programs.mjs';
import { LIBRARIES } from '../peers/web-socket-libraries.mjs';
import { reference } from '../peers/reference-target.mjs';
import { PROBE_SUITES } from './probe-suite.mjs';
import { clientSuite } from './client-suite.mjs';
import { programSuite } from './program-suite.mjs';
import { librarySuite } from './library-suite.mjs';
import { SERVERS } from './servers.mjs';

/**
 * @param {{ reference: boolean, only: string | undefined }} wanted
 * @returns {import('../lib/runner.mjs').Suite[]}
 */
export function selectSuites({ reference: againstReference, only }) {
  const suites = againstReference
    ? PROGRAMS.map((program) => programSuite(program, reference))
    : [
        ...PROBE_SUITES,
        ...SERVERS.map(clientSuite),
        ...PROGRAMS.map((program) => programSuite(program, ourServer)),
        ...LIBRARIES.map(librarySuite),
      ];
  if (only === undefined) return suites;
  const pattern = new RegExp(only, 'i');
  return suites
    .map((suite) => ({ ...suite, cases: suite.cases.filter(({ title }) => pattern.test(`${suite.name}: ${title}`)) }))
    .filter((suite) => suite.cases.length > 0);
}
