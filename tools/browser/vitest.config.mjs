import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { findChromium } from './chromium.mjs';

// Core's tests in Chromium, from the sources. Files that read other files need Node: need-node.json says which.
// The check for unused code reads this file too, where there is no Chromium: whether there is one is for those to say who run it.
const executablePath = findChromium();
const { needNode } = JSON.parse(readFileSync(new URL('need-node.json', import.meta.url), 'utf8'));

export default defineConfig({
  resolve: { conditions: ['@xmpp-wire/source', 'module', 'browser', 'development|production'] },
  optimizeDeps: { include: ['fast-check', 'zod/mini'] },
  test: {
    name: 'core in Chromium',
    root: fileURLToPath(new URL('../../packages/core', import.meta.url)),
    include: ['test/**/*.test.ts'],
    exclude: needNode,
    testTimeout: 180_000,
    setupFiles: [
      fileURLToPath(new URL('globals.mjs', import.meta.url)),
      fileURLToPath(new URL('../../vitest.setup.ts', import.meta.url)),
    ],
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions: { ...(executablePath && { executablePath }), args: ['--no-sandbox'] } }),
      instances: [{ browser: 'chromium' }],
    },
  },
});
