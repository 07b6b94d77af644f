import { describe, expect, it } from 'vitest';
import { InitiatingEntity, ReceivingEntity, type InitiatingConfig, type ReceivingConfig } from '@xmpp-wire/core';

const random = (length: number): Uint8Array => new Uint8Array(length).fill(1);
const CREDENTIALS = { authcid: 'juliet', password: 'r0m30' };

/** What is wrong with a configuration, as zod's error tells it: where, and in which words. */
function issuesOf(make: () => unknown): readonly { readonly path: readonly PropertyKey[]; readonly message: string }[] {
  try {
    make();
  } catch (error) {
    if (error instanceof Error && 'issues' in error) {
      // A zod error's issues are these.
      return error.issues as readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
    }
    throw error;
  }
  return [];
}

function initiating(parts: object): () => InitiatingEntity {
  return () => new InitiatingEntity({ random, to: 'im.example.com', credentials: CREDENTIALS, ...parts });
}

function receiving(parts: object): () => ReceivingEntity {
  return () => new ReceivingEntity({ random, ...parts });
}

describe('the shape of a configuration', () => {
  it.each<[Partial<InitiatingConfig>]>([
    [{}],
    [{ lang: 'de-CH', transport: 'messages', security: { kind: 'trusted' } }],
    [{ security: { kind: 'tls', tls: { version: 'TLSv1.3', channelBindings: new Map() } } }],
    [{ security: { kind: 'clear' }, extensions: ['urn:xmpp:sm:3'], maxBufferedInput: 1 }],
    [{ limits: { stanzaBytes: 10_000, depth: 1 }, unauthenticatedLimits: { stanzaBytes: 1 } }],
    [{ timeouts: { negotiation: undefined, closing: 0.5 } }],
    [{ mechanisms: ['PLAIN'], pinnedMechanism: 'PLAIN', resource: 'balcony', authzid: 'juliet@im.example.com' }],
    [{ from: 'im.example.org', contentNamespace: 'jabber:server' }],
  ])('%o is taken', (parts) => {
    expect(initiating(parts)).not.toThrow();
  });

  it.each<[object, string, RegExp]>([
    [{ random: undefined }, 'random', /^expected a function, came undefined$/],
    [{ transport: 'udp' }, 'transport', /^expected 'bytes' or 'messages', came "udp"$/],
    [{ lang: 'not a tag' }, 'lang', /^expected a language tag such as "en" or "de-CH", came "not a tag"$/],
    [{ security: { kind: 'tls' } }, 'security', /channelBindings/],
    [{ security: { kind: 'tls', tls: { version: 'TLSv1.1', channelBindings: new Map() } } }, 'security', /TLSv1\.2/],
    [{ limits: { stanzaBytes: 9999 } }, 'limits.stanzaBytes', /^expected a whole number of at least 10000, came 9999$/],
    [{ limits: { depth: 0 } }, 'limits.depth', /^expected a whole number above 0, came 0$/],
    [{ limits: { depth: 1.5 } }, 'limits.depth', /came 1\.5$/],
    [{ limits: 'none' }, 'limits', /^expected an object, came "none"$/],
    [{ limits: { width: 1 } }, 'limits.width', /^expected one of depth, elements, .*, stanzaBytes$/],
    [{ unauthenticatedLimits: null }, 'unauthenticatedLimits', /^expected an object, came object$/],
    [{ maxBufferedInput: Infinity }, 'maxBufferedInput', /whole number/],
    [{ timeouts: { idle: -1 } }, 'timeouts.idle', /^expected a number above 0, came -1$/],
    [{ timeouts: { idle: Infinity } }, 'timeouts.idle', /number above 0/],
    [{ timeouts: { idle: Number.NaN } }, 'timeouts.idle', /number above 0/],
    [{ extensions: ['jabber:client'] }, 'extensions', /namespace of an extension/],
    [{ extensions: [''] }, 'extensions', /namespace of an extension/],
    [{ extensions: 'urn:xmpp:sm:3' }, 'extensions', /array/],
    [{ textCodec: {} }, 'textCodec', /^expected a TextCodec, came object$/],
    [{ jidPreparation: 'ascii' }, 'jidPreparation', /^expected a JidPreparation, came "ascii"$/],
    [{ onTrace: true }, 'onTrace', /^expected a function, came boolean$/],
    [{ to: 5 }, 'to', /^expected a text, came 5$/],
    [
      { credentials: { authcid: 'juliet' } },
      'credentials.password',
      /^expected a text that is not empty, came undefined$/,
    ],
    [
      { credentials: { ...CREDENTIALS, token: 'x' } },
      'credentials.token',
      /^expected one of authcid, password, authzid$/,
    ],
    [{ authenticateBy: 'smile' }, 'authenticateBy', /^expected 'password' or 'certificate' or 'none', came "smile"$/],
    [{ mechanisms: [] }, 'mechanisms', /^expected an array of names, one or more, came object$/],
    [{ resource: '' }, 'resource', /^expected a text that is not empty, came ""$/],
    [{ nonsense: 1 }, 'nonsense', /^expected one of random, /],
  ])('%o is refused by name', (parts, path, message) => {
    const issues = issuesOf(initiating(parts));
    expect(issues.map((issue) => issue.path.join('.'))).toEqual([path]);
    expect(issues[0]?.message).toMatch(message);
  });

  it.each<[object, string]>([
    [{ contentNamespaces: [] }, 'contentNamespaces'],
    [{ contentNamespaces: ['jabber:client', 'jabber:component:accept'] }, 'contentNamespaces'],
    [{ domain: 5 }, 'domain'],
    [{ whitespaceBehindStarttls: 'yes' }, 'whitespaceBehindStarttls'],
    [{ to: 'im.example.com' }, 'to'],
  ])('a receiving entity refuses %o', (parts, path) => {
    expect(issuesOf(receiving(parts)).map((issue) => issue.path.join('.'))).toEqual([path]);
  });

  it('[R4.9.1.3-1] the domain of a receiving entity is a domain', () => {
    expect(receiving({ domain: 'juliet@im.example.com' })).toThrow(
      expect.objectContaining({ code: 'configuration-invalid' }),
    );
  });

  it('a receiving entity takes what is right', () => {
    const config: ReceivingConfig = {
      random,
      contentNamespaces: ['jabber:server', 'jabber:client'],
      domain: 'im.example.com',
      whitespaceBehindStarttls: true,
    };
    expect(new ReceivingEntity(config).phase).toBe('awaiting-header');
  });

  it('everything that is wrong is told at once, and no configuration is told from none', () => {
    expect(issuesOf(initiating({ lang: 5, timeouts: { idle: 0, closing: 0 } })).map((issue) => issue.path)).toEqual([
      ['lang'],
      ['timeouts', 'closing'],
      ['timeouts', 'idle'],
    ]);
    expect(issuesOf(() => new ReceivingEntity(undefined as never))).toMatchObject([
      { path: [], message: 'expected an object, came undefined' },
    ]);
  });

  it('the message is a sentence for each member that does not fit', () => {
    expect(initiating({ lang: 5, limits: { depth: 0 } })).toThrow(
      'config.lang: expected a language tag such as "en" or "de-CH", came 5; config.limits.depth: expected a whole number above 0, came 0',
    );
    expect(() => new ReceivingEntity(undefined as never)).toThrow('config: expected an object, came undefined');
    expect(receiving({ domain: 5 })).toThrow(
      expect.objectContaining({ stack: expect.not.stringContaining('"path"') as string }) as Error,
    );
  });

  it.each([
    { authcid: 'juliet', password: 31_337 },
    { authcid: 31_337, password: '31337' },
    { authcid: 'juliet', password: '31337', token: '31337' },
    '31337',
  ])('what was given as credentials is in no error: %o', (credentials) => {
    const [issue] = issuesOf(initiating({ credentials }));
    expect(issue?.path[0]).toBe('credentials');
    expect(JSON.stringify(issue)).not.toContain('31337');
    expect(initiating({ credentials })).toThrow(/^(?!.*31337)/s);
  });
});
