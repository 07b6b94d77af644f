import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Tests run straight from the sources: the condition `@xmpp-wire/source` comes first in every `exports` map.
const conditions: string[] = ['@xmpp-wire/source', 'module', 'node', 'development|production'];
const setup = fileURLToPath(new URL('vitest.setup.ts', import.meta.url));

/** Milliseconds. No test asserts a time, so this is only for one that hangs; a loaded machine is slow. */
const PATIENCE = 180_000;

/** Nothing in core and in what tests it without a network has a state of its own, so its modules are loaded once for all test files. */
const PURE: ReadonlySet<string> = new Set(['core', 'testing']);

const project = (name: string, root: string) => ({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['@xmpp-wire/source', 'node', 'module-sync'] } },
  test: {
    name,
    root,
    isolate: !PURE.has(name),
    include: ['test/**/*.test.ts', 'test/**/*.test.mjs'],
    setupFiles: [setup],
    testTimeout: PATIENCE,
    hookTimeout: PATIENCE,
  },
});

export default defineConfig({
  test: {
    // Vitest would leave a core to its main thread, which sits idle.
    maxWorkers: '100%',
    projects: [
      project('core', 'packages/core'),
      project('deno', 'packages/deno'),
      project('driver', 'packages/driver'),
      project('node-tcp', 'packages/node-tcp'),
      project('websocket', 'packages/websocket'),
      project('testing', 'packages/testing'),
      project('server', 'packages/server'),
      project('adapter-suite', 'tools/adapter-suite'),
      project('checks', 'tools/checks'),
      project('conformance', 'tools/conformance'),
      project('mutation', 'tools/mutation'),
      project('fuzz', 'tools/fuzz'),
    ],
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts'],
      exclude: ['**/*.d.ts'],
      reporter: ['text'],
      thresholds: { 'packages/core/src/**/*.ts': { lines: 98 } },
    },
  },
});
