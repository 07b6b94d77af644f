import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { ServerHooks, ServerOptions } from '../src/index.ts';

const page = await readFile(new URL('../../../docs/building-a-server.md', import.meta.url), 'utf8');

/** What stands in the first column of the table under a heading. */
function firstColumn(heading: string): readonly string[] {
  const section = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  return [...section.matchAll(/^\| `(\w+)` /gm)].map(([, name = '']) => name).toSorted();
}

// The compiler sees to it that these have all members and no other.
const OPTIONS: Record<keyof ServerOptions, true> = {
  accounts: true,
  authenticationRetries: true,
  certificate: true,
  clientCertificates: true,
  domains: true,
  goneDomains: true,
  hooks: true,
  host: true,
  hosts: true,
  jidPreparation: true,
  legacySession: true,
  limits: true,
  mechanisms: true,
  now: true,
  offerChannelBinding: true,
  onError: true,
  onFailure: true,
  onTrace: true,
  ports: true,
  random: true,
  resourceConflict: true,
  timeouts: true,
  webSocket: true,
  whitespaceBehindStarttls: true,
};
const HOOKS: Record<keyof ServerHooks, true> = {
  acceptStream: true,
  admit: true,
  authorize: true,
  beforeRouting: true,
  forward: true,
  loginFailed: true,
  sessionEnded: true,
  sessionStarted: true,
  sharesPresence: true,
  shutOut: true,
  storeMessage: true,
  unknownIq: true,
};

describe('docs/building-a-server.md', () => {
  it('has every option and no other', () => {
    expect(firstColumn('Options')).toEqual(Object.keys(OPTIONS));
  });

  it('has every hook and no other', () => {
    expect(firstColumn('Hooks')).toEqual(Object.keys(HOOKS));
  });
});
