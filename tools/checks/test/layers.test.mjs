import { describe, expect, it } from 'vitest';
import { layers, publicEntries } from '../layers.mjs';

const manifest = {
  path: 'packages/core/package.json',
  text: JSON.stringify({ name: '@xmpp-wire/core', exports: { '.': {}, './xml': {} } }),
};

const check = (/** @type {string} */ path, /** @type {string} */ specifier) =>
  layers([manifest, { path, text: `\nimport type { Thing } from '${specifier}';` }]).map(
    ({ line, message }) => `${line}: ${message}`,
  );

describe('layers', () => {
  it.each([
    ['packages/core/src/bytes/utf8.ts', '../xml/index.ts'],
    ['packages/core/src/xml/element.ts', '../jid/jid.ts'],
    ['packages/core/src/jid/jid.ts', '../xml/index.ts'],
    ['packages/core/src/sasl/plain.ts', '../xml/index.ts'],
    ['packages/core/src/stanza/iq.ts', '../stream/stream-header.ts'],
    ['packages/core/src/stream/violations.ts', '../negotiation/asks.ts'],
    ['packages/core/src/negotiation/bind.ts', '../engine/engine.ts'],
    ['packages/core/src/routing/route.ts', '../negotiation/asks.ts'],
    ['packages/core/src/xml/element.ts', '../events.ts'],
    ['packages/core/src/engine/engine.ts', '../initiating-entity.ts'],
    ['packages/core/src/xml/element.ts', '../index.ts'],
    ['packages/core/src/errors.ts', './xml/index.ts'],
    ['packages/core/src/limits.ts', './config.ts'],
    ['packages/node-tcp/src/connect.ts', '../../core/src/xml/index.ts'],
    ['packages/node-tcp/src/connect.ts', '@xmpp-wire/core/dist/index.js'],
    ['packages/node-tcp/test/connect.test.ts', '@xmpp-wire/core/engine'],
    ['tools/bench/run.mjs', '../../packages/core/src/index.ts'],
  ])('refuses that %s imports %s', (path, specifier) => {
    expect(check(path, specifier)).toEqual([expect.stringMatching(/^2: /)]);
  });

  it.each([
    ['packages/core/src/xml/element.ts', '../bytes/utf8.ts'],
    ['packages/core/src/xml/element.ts', './chars.ts'],
    ['packages/core/src/xml/element.ts', '../errors.ts'],
    ['packages/core/src/negotiation/bind.ts', '../stanza/iq.ts'],
    ['packages/core/src/engine/engine.ts', '../events.ts'],
    ['packages/core/src/engine/engine.ts', '../negotiation/negotiator.ts'],
    ['packages/core/src/initiating-entity.ts', './engine/engine.ts'],
    ['packages/core/src/events.ts', './stanza/index.ts'],
    ['packages/core/test/xml/element.test.ts', '../../src/xml/element.ts'],
    ['packages/node-tcp/src/connect.ts', '@xmpp-wire/core'],
    ['packages/node-tcp/src/connect.ts', '@xmpp-wire/core/xml'],
    ['packages/node-tcp/src/connect.ts', 'node:net'],
  ])('lets %s import %s', (path, specifier) => {
    expect(check(path, specifier)).toEqual([]);
  });

  it('sees re-exports, dynamic imports and import types', () => {
    const text = `export * from '../engine/engine.ts';
      export type Engine = import('../engine/engine.ts').Engine;
      export const load = () => import('../engine/engine.ts');`;
    expect(layers([{ path: 'packages/core/src/xml/element.ts', text }])).toHaveLength(3);
  });

  it('reads the public entries from the manifests', () => {
    expect(publicEntries([manifest])).toEqual(
      new Map([['@xmpp-wire/core', ['@xmpp-wire/core', '@xmpp-wire/core/xml']]]),
    );
  });
});
