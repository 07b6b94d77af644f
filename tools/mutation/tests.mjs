// Starts vitest on the tests of core with instrumented sources; nothing is written to the sources themselves.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { BaseSequencer, createVitest } from 'vitest/node';
import { countTurns } from './instrument.mjs';
import { root, sources } from './mutants.mjs';
import { readOutcome, write } from './plan.mjs';

/** @import { Outcome, Plan } from './plan.mjs' */

const conditions = ['@xmpp-wire/source', 'module', 'node', 'development|production'];

const tests = path.join(root, 'packages', 'core', 'test');

const LOGIN = /test.engine.login\.test\.ts$/;

/** Files run in the order in which they are given. */
class InOrder extends BaseSequencer {
  /** @override @param {import('vitest/node').TestSpecification[]} files */
  async sort(files) {
    return files;
  }
}

/** One vitest for any number of runs, one after the other. */
export class MutationTests {
  #folder = mkdtempSync(path.join(tmpdir(), 'mutation-'));
  #planFile = path.join(this.#folder, 'plan.json');
  #outcomeFile = path.join(this.#folder, 'outcome.json');
  /** @type {import('vitest/node').Vitest | undefined} */
  #vitest;
  #codes;

  /** @param {ReadonlyMap<string, string>} codes instrumented texts by path */
  constructor(codes) {
    this.#codes = codes;
  }

  /**
   * @param {Omit<Plan, 'files'>} plan
   * @param {RegExp} wanted which test files
   * @returns {Promise<{ outcome: Outcome, failed: readonly string[] }>}
   */
  async run(plan, wanted = /./) {
    this.#vitest ??= await this.#make();
    const all = await this.#vitest.globTestSpecifications();
    const specifications = all.filter(({ moduleId }) =>
      wanted.test(path.relative(root, moduleId).replaceAll('\\', '/')),
    );
    // What every mutant has to pass unnoticed is tried before anything else.
    specifications.sort((one, other) => Number(LOGIN.test(other.moduleId)) - Number(LOGIN.test(one.moduleId)));
    if (specifications.length === 0) throw new Error(`no test files match ${wanted}`);
    write(this.#planFile, { ...plan, files: specifications.length });
    const { testModules } = await this.#vitest.runTestSpecifications(specifications);
    const failed = [
      ...this.#vitest.state.getUnhandledErrors().map(String),
      ...testModules.flatMap((module) => [
        ...module.errors().map(({ message }) => `${module.moduleId}: ${message}`),
        ...[...module.children.allTests('failed')].map(({ fullName }) => fullName),
      ]),
    ];
    this.#vitest.state.clearErrors();
    return { outcome: readOutcome(this.#outcomeFile), failed };
  }

  async close() {
    await this.#vitest?.close();
    rmSync(this.#folder, { recursive: true });
  }

  #make() {
    const codes = this.#codes;
    return createVitest(
      'test',
      {
        root: path.join(root, 'packages', 'core'),
        config: false,
        watch: false,
        include: ['test/**/*.test.ts'],
        // Layers below those that are looked at have tests that come by none of it.
        exclude: ['test/types/**', 'test/exports.test.ts', 'test/xml/**', 'test/bytes/**'],
        setupFiles: [path.join(root, 'vitest.setup.ts'), fileURLToPath(new URL('setup.mjs', import.meta.url))],
        runner: fileURLToPath(new URL('runner.mjs', import.meta.url)),
        pool: 'forks',
        isolate: false,
        fileParallelism: false,
        sequence: { sequencer: InOrder },
        maxWorkers: 1,
        bail: 1,
        testTimeout: 20_000,
        reporters: [{}],
        env: {
          XW_RUNS: process.env['XW_RUNS'] ?? '10',
          XW_MUTATION_PLAN: this.#planFile,
          XW_MUTATION_OUTCOME: this.#outcomeFile,
        },
        update: false,
      },
      {
        resolve: { conditions },
        ssr: { resolve: { conditions, externalConditions: ['@xmpp-wire/source', 'node', 'module-sync'] } },
        plugins: [
          {
            name: 'mutants',
            enforce: 'pre',
            transform(code, id) {
              const file = id.split('?')[0] ?? id;
              const instrumented = codes.get(file);
              if (instrumented !== undefined) return instrumented;
              // A test may ask for as long as it gets what a mutant keeps giving it.
              const isCounted = [sources, tests].some((folder) => file.startsWith(folder)) && file.endsWith('.ts');
              return isCounted ? countTurns(path.relative(sources, file), code) : undefined;
            },
          },
        ],
      },
    );
  }
}
