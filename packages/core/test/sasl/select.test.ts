import { describe, expect, it } from 'vitest';
import {
  checkCredentials,
  offeredMechanisms,
  SASL_MECHANISMS,
  selectMechanism,
  usableChannelBindings,
  type ChannelBindings,
  type ChannelBindingType,
  type OfferOptions,
  type SelectionOptions,
} from '../../src/sasl/index.ts';

const exporter = new Uint8Array(32).fill(1);
const unique = new Uint8Array(12).fill(2);
const endPoint = new Uint8Array(32).fill(3);
const none: ChannelBindings = new Map();
const all = bindings('tls-server-end-point', 'tls-unique', 'tls-exporter');
const scrams = [
  'SCRAM-SHA-1',
  'SCRAM-SHA-1-PLUS',
  'SCRAM-SHA-256',
  'SCRAM-SHA-256-PLUS',
  'SCRAM-SHA-512',
  'SCRAM-SHA-512-PLUS',
];

describe('[R6.3.3-3] selectMechanism goes by our order', () => {
  it('prefers channel binding, then the longer hash, then anything to PLAIN', () => {
    const order: string[] = [];
    let offered = ['PLAIN', 'GSSAPI', ...scrams, 'ANONYMOUS'];
    for (;;) {
      const { selected } = select({
        offered,
        channelBindings: bindings('tls-exporter'),
        channelBindingTypes: ['tls-exporter'],
      });
      if (selected === undefined) break;
      order.push(selected.mechanism);
      offered = offered.filter((name) => name !== selected.mechanism);
    }
    expect(order).toEqual([
      'SCRAM-SHA-512-PLUS',
      'SCRAM-SHA-256-PLUS',
      'SCRAM-SHA-1-PLUS',
      'SCRAM-SHA-512',
      'SCRAM-SHA-256',
      'SCRAM-SHA-1',
      'PLAIN',
    ]);
  });

  it('[R6.3.3-2] [R6.3.3-4] does not go by the order of the peer, and never leaves our list', () => {
    for (const offered of [
      ['PLAIN', 'SCRAM-SHA-1', 'GSSAPI'],
      ['SCRAM-SHA-1', 'GSSAPI', 'PLAIN'],
    ]) {
      expect(select({ offered, mechanisms: ['GSSAPI', 'SCRAM-SHA-1'] }).selected?.mechanism).toBe('SCRAM-SHA-1');
    }
    expect(select({ offered: ['PLAIN'], mechanisms: ['SCRAM-SHA-1'] })).toEqual({
      selected: undefined,
      refused: [{ mechanism: 'PLAIN', reason: 'not-allowed' }],
    });
    expect(select({ offered: scrams, mechanisms: ['SCRAM-SHA-1', 'SCRAM-SHA-512'] }).selected?.mechanism).toBe(
      'SCRAM-SHA-1',
    );
  });

  it('[R6.3.4-3] puts EXTERNAL first where there is a certificate, and only there', () => {
    const offered = ['SCRAM-SHA-256', 'EXTERNAL'];
    const password = { authcid: 'juliet', password: 'r0m30myr0m30' };
    expect(select({ offered, credentials: { password, certificate: true } }).selected?.mechanism).toBe('EXTERNAL');
    const without = select({ offered });
    expect(without.selected?.mechanism).toBe('SCRAM-SHA-256');
    expect(without.refused).toEqual([{ mechanism: 'EXTERNAL', reason: 'no-credentials' }]);
  });

  it('names a reason for each mechanism that does not fit, once', () => {
    const { selected, refused } = select({
      offered: [
        'GSSAPI',
        'EXTERNAL',
        'ANONYMOUS',
        'SCRAM-SHA-512',
        'SCRAM-SHA-256',
        'SCRAM-SHA-1',
        'SCRAM-SHA-1',
        'SCRAM-SHA-1-PLUS',
        'PLAIN',
      ],
      mechanisms: SASL_MECHANISMS.filter((name) => name !== 'SCRAM-SHA-256'),
      floor: 'SCRAM-SHA-256',
      tried: ['SCRAM-SHA-512'],
      transportProtected: false,
    });
    expect(selected).toBeUndefined();
    expect(refused).toEqual([
      { mechanism: 'GSSAPI', reason: 'unknown' },
      { mechanism: 'EXTERNAL', reason: 'no-credentials' },
      { mechanism: 'ANONYMOUS', reason: 'no-credentials' },
      { mechanism: 'SCRAM-SHA-512', reason: 'already-tried' },
      { mechanism: 'SCRAM-SHA-256', reason: 'not-allowed' },
      { mechanism: 'SCRAM-SHA-1', reason: 'below-floor' },
      { mechanism: 'SCRAM-SHA-1-PLUS', reason: 'no-channel-binding' },
      { mechanism: 'PLAIN', reason: 'transport-not-protected' },
    ]);
  });

  it('uses ANONYMOUS where there is leave for it', () => {
    expect(select({ offered: ['ANONYMOUS'], credentials: { anonymous: true } }).selected).toEqual({
      mechanism: 'ANONYMOUS',
      channelBinding: { flag: 'n' },
      requireDowngradeProtection: false,
    });
    expect(select({ offered: ['SCRAM-SHA-1', 'PLAIN'], credentials: { anonymous: true } }).refused).toEqual([
      { mechanism: 'SCRAM-SHA-1', reason: 'no-credentials' },
      { mechanism: 'PLAIN', reason: 'no-credentials' },
    ]);
  });

  it('refuses SCRAM with a password that cannot be prepared, and PLAIN with one that cannot be sent', () => {
    const withPassword = (password: string, offered: string[]) =>
      select({ offered, credentials: { password: { authcid: 'juliet', password } } }).refused.map(
        ({ reason }) => reason,
      );
    expect(withPassword('\u{1f600}', ['SCRAM-SHA-1'])).toEqual(['credentials-not-preparable']);
    expect(withPassword('\u{1f600}', ['PLAIN'])).toEqual([]);
    expect(withPassword('a\0b', ['PLAIN'])).toEqual(['credentials-not-preparable']);
    expect(withPassword('\ud800', ['PLAIN'])).toEqual(['credentials-not-preparable']);
    expect(withPassword('', ['PLAIN'])).toEqual(['credentials-not-preparable']);
    // It does not fall back to showing what it could not prove.
    expect(withPassword('\u{1f600}', ['SCRAM-SHA-1', 'PLAIN'])).toEqual([
      'credentials-not-preparable',
      'stronger-offered',
    ]);
  });
});

describe('[S10] selectMechanism and PLAIN', () => {
  it('[R13.8.3-3] uses it only where the peer offers nothing better, whatever our order and whatever failed', () => {
    expect(select({ offered: ['PLAIN'] }).selected?.mechanism).toBe('PLAIN');
    expect(select({ offered: ['PLAIN', 'DIGEST-MD5'] }).selected?.mechanism).toBe('PLAIN');
    expect(
      select({ offered: ['PLAIN', 'SCRAM-SHA-1'], mechanisms: ['PLAIN', 'SCRAM-SHA-1'] }).selected?.mechanism,
    ).toBe('SCRAM-SHA-1');
    expect(select({ offered: ['PLAIN', 'SCRAM-SHA-1'], tried: ['SCRAM-SHA-1'] }).selected).toBeUndefined();
    expect(select({ offered: ['PLAIN', 'SCRAM-SHA-1'], mechanisms: ['PLAIN'] }).selected?.mechanism).toBe('PLAIN');
  });

  it('[R13.8.3-3] [S6] never uses it unprotected; SCRAM does not show the password', () => {
    expect(select({ offered: ['PLAIN'], transportProtected: false }).refused).toEqual([
      { mechanism: 'PLAIN', reason: 'transport-not-protected' },
    ]);
    const credentials = { certificate: true };
    expect(select({ offered: ['EXTERNAL'], credentials, transportProtected: false }).selected).toBeUndefined();
    expect(select({ offered: ['SCRAM-SHA-1'], transportProtected: false }).selected?.mechanism).toBe('SCRAM-SHA-1');
  });
});

describe('[S10] selectMechanism, floors and pins', () => {
  it.each([
    ['SCRAM-SHA-256', ['SCRAM-SHA-1'], undefined],
    ['SCRAM-SHA-256', ['SCRAM-SHA-256'], 'SCRAM-SHA-256'],
    ['SCRAM-SHA-1', ['PLAIN'], undefined],
    ['SCRAM-SHA-1-PLUS', ['SCRAM-SHA-512'], undefined],
    ['SCRAM-SHA-1-PLUS', ['SCRAM-SHA-512', 'SCRAM-SHA-1-PLUS'], 'SCRAM-SHA-1-PLUS'],
    ['SCRAM-SHA-256', ['SCRAM-SHA-1-PLUS'], 'SCRAM-SHA-1-PLUS'],
    ['PLAIN', ['PLAIN'], 'PLAIN'],
    ['EXTERNAL', ['PLAIN'], undefined],
    ['EXTERNAL', ['SCRAM-SHA-1'], 'SCRAM-SHA-1'],
    ['X-UNHEARD-OF', ['PLAIN', 'SCRAM-SHA-512'], undefined],
  ])('%s as bound, %j on offer: %s', (bound, offered, mechanism) => {
    const channelBindings = bindings('tls-unique');
    expect(select({ offered, channelBindings, floor: bound }).selected?.mechanism).toBe(mechanism);
    expect(select({ offered, channelBindings, pinned: bound }).selected?.mechanism).toBe(mechanism);
  });

  it('tells a floor from a pin', () => {
    expect(select({ offered: ['PLAIN'], floor: 'SCRAM-SHA-1' }).refused[0]?.reason).toBe('below-floor');
    expect(select({ offered: ['PLAIN'], pinned: 'SCRAM-SHA-1' }).refused[0]?.reason).toBe('below-pinned');
  });
});

describe('[S10] selectMechanism and channel binding', () => {
  const plus = ['SCRAM-SHA-256', 'SCRAM-SHA-256-PLUS'];
  const bare = ['SCRAM-SHA-256'];

  it('says y exactly when we could and the peer offers no -PLUS', () => {
    const flag = (options: Partial<SelectionOptions>) => select(options).selected?.channelBinding.flag;
    expect(flag({ offered: bare, channelBindings: all })).toBe('y');
    expect(flag({ offered: bare, channelBindings: all, channelBindingTypes: ['tls-exporter'] })).toBe('y');
    expect(flag({ offered: bare, channelBindings: none })).toBe('n');
    expect(flag({ offered: plus, channelBindings: none })).toBe('n');
    expect(flag({ offered: plus, channelBindings: all })).toBe('p');
    expect(flag({ offered: ['SCRAM-SHA-256', 'GS2-KRB5-PLUS'], channelBindings: all })).toBe('n');
    expect(flag({ offered: bare, channelBindings: all, mechanisms: bare })).toBe('n');
    expect(flag({ offered: plus, channelBindings: all, mechanisms: bare })).toBe('n');
  });

  it.each<[string, ChannelBindingType[], string[] | undefined, ChannelBindingType]>([
    [
      'the strongest type that is announced',
      ['tls-server-end-point', 'tls-unique', 'tls-exporter'],
      ['tls-server-end-point', 'tls-unique', 'tls-exporter'],
      'tls-exporter',
    ],
    [
      'the one common type',
      ['tls-exporter', 'tls-server-end-point'],
      ['tls-unique', 'tls-server-end-point'],
      'tls-server-end-point',
    ],
    [
      'tls-unique before tls-server-end-point',
      ['tls-unique', 'tls-server-end-point'],
      ['tls-server-end-point', 'tls-unique'],
      'tls-unique',
    ],
    [
      'the default type where nothing is announced',
      ['tls-exporter', 'tls-unique', 'tls-server-end-point'],
      undefined,
      'tls-unique',
    ],
  ])('binds to %s', (_, have, announced, type) => {
    const { selected } = select({ offered: plus, channelBindings: bindings(...have), channelBindingTypes: announced });
    expect(selected).toMatchObject({
      mechanism: 'SCRAM-SHA-256-PLUS',
      channelBinding: { flag: 'p', type },
      requireDowngradeProtection: false,
    });
  });

  it('goes without where nothing is announced and tls-unique cannot be had: the peer means nothing else', () => {
    const channelBindings = bindings('tls-exporter', 'tls-server-end-point');
    expect(select({ offered: plus, channelBindings })).toEqual({
      selected: { mechanism: 'SCRAM-SHA-256', channelBinding: { flag: 'n' }, requireDowngradeProtection: false },
      refused: [{ mechanism: 'SCRAM-SHA-256-PLUS', reason: 'no-common-channel-binding' }],
    });
  });

  it('goes without where no type is common, and wants to know the reason where tls-server-end-point is missing', () => {
    const channelBindings = bindings('tls-exporter');
    expect(select({ offered: plus, channelBindings, channelBindingTypes: ['tls-server-end-point'] })).toEqual({
      selected: { mechanism: 'SCRAM-SHA-256', channelBinding: { flag: 'n' }, requireDowngradeProtection: false },
      refused: [{ mechanism: 'SCRAM-SHA-256-PLUS', reason: 'no-common-channel-binding' }],
    });
    for (const channelBindingTypes of [['tls-unique'], ['x-made-up'], []]) {
      expect(select({ offered: plus, channelBindings, channelBindingTypes }).selected).toEqual({
        mechanism: 'SCRAM-SHA-256',
        channelBinding: { flag: 'n' },
        requireDowngradeProtection: true,
      });
    }
  });

  it('does not give channel binding up because it failed', () => {
    expect(select({ offered: plus, channelBindings: all, tried: ['SCRAM-SHA-256-PLUS'] })).toEqual({
      selected: undefined,
      refused: [
        { mechanism: 'SCRAM-SHA-256', reason: 'channel-binding-possible' },
        { mechanism: 'SCRAM-SHA-256-PLUS', reason: 'already-tried' },
      ],
    });
  });
});

describe('[S10] usableChannelBindings', () => {
  it('keeps tls-exporter of TLS 1.3, and of TLS 1.2 only with extended master secret', () => {
    expect(kept('TLSv1.3', false)).toEqual(['tls-server-end-point', 'tls-exporter']);
    expect(kept('TLSv1.2', false)).toEqual(['tls-server-end-point', 'tls-unique']);
    expect(kept('TLSv1.2', true)).toEqual(['tls-server-end-point', 'tls-unique', 'tls-exporter']);
  });

  it.each([
    ['tls-unique of 12 bytes', 'tls-unique', 12, true],
    ['tls-unique of 36 bytes', 'tls-unique', 36, true],
    ['tls-unique of 13 bytes', 'tls-unique', 13, false],
    ['tls-unique of no bytes', 'tls-unique', 0, false],
    ['tls-exporter of 31 bytes', 'tls-exporter', 31, false],
    ['tls-exporter of 33 bytes', 'tls-exporter', 33, false],
    ['tls-server-end-point of 64 bytes', 'tls-server-end-point', 64, true],
    ['tls-server-end-point of no bytes', 'tls-server-end-point', 0, false],
  ] as const)('%s: %s %i %s', (_, type, length, usable) => {
    const data = new Map<ChannelBindingType, Uint8Array>([[type, new Uint8Array(length)]]);
    expect(usableChannelBindings('TLSv1.2', true, data).has(type)).toBe(usable);
  });

  function kept(version: 'TLSv1.2' | 'TLSv1.3', extendedMasterSecret: boolean): string[] {
    return [...usableChannelBindings(version, extendedMasterSecret, all).keys()];
  }
});

describe('offeredMechanisms', () => {
  const everything: OfferOptions = {
    mechanisms: ['PLAIN', 'SCRAM-SHA-1', 'SCRAM-SHA-1-PLUS', 'EXTERNAL'],
    channelBindings: all,
    transportProtected: true,
    certificateAccepted: true,
  };

  it('[R6.3.4-2] [R6.3.4-3] keeps the order, but for EXTERNAL, which comes first', () => {
    expect(offeredMechanisms(everything)).toEqual(['EXTERNAL', 'PLAIN', 'SCRAM-SHA-1', 'SCRAM-SHA-1-PLUS']);
    expect(offeredMechanisms({ ...everything, certificateAccepted: false })).not.toContain('EXTERNAL');
  });

  it('[S10] offers -PLUS only where there is a channel to bind to', () => {
    expect(offeredMechanisms({ ...everything, channelBindings: none })).toEqual(['EXTERNAL', 'PLAIN', 'SCRAM-SHA-1']);
  });

  it('[R13.8.3-4] [S6] offers neither PLAIN nor EXTERNAL on an unprotected connection', () => {
    expect(offeredMechanisms({ ...everything, transportProtected: false })).toEqual([
      'SCRAM-SHA-1',
      'SCRAM-SHA-1-PLUS',
    ]);
  });

  it('offers nothing twice, and throws for what is not spoken here', () => {
    expect(offeredMechanisms({ ...everything, mechanisms: ['PLAIN', 'PLAIN'] })).toEqual(['PLAIN']);
    expect(() => offeredMechanisms({ ...everything, mechanisms: ['CRAM-MD5'] })).toThrow(
      expect.objectContaining({ code: 'mechanism-unusable' }),
    );
  });
});

describe('checkCredentials', () => {
  const password = { authcid: 'juliet', password: 'r0m30myr0m30' };

  it('passes what can be used', () => {
    expect(() => checkCredentials({})).not.toThrow();
    expect(() => checkCredentials({ password, authzid: 'romeo@im.example.com', trace: 'sirhc' })).not.toThrow();
    expect(() =>
      checkCredentials({ password: { authcid: 'juliet', password: '\u{1f600}' } }, (text) => text),
    ).not.toThrow();
  });

  it.each([
    ['a name of which nothing is left', { password: { ...password, authcid: '\u00ad' } }],
    ['a password with a control character', { password: { ...password, password: 'a\u0007' } }],
    ['a password newer than Unicode 3.2', { password: { ...password, password: '\u{1f600}' } }],
    ['an empty authzid', { authzid: '' }],
    ['an authzid with a NUL', { authzid: 'a\0b' }],
    ['an authzid with half a character', { authzid: '\ud83d' }],
    ['a trace that is too long', { trace: 'x'.repeat(256) }],
  ])('throws for %s', (_, credentials) => {
    expect(() => checkCredentials(credentials)).toThrow(expect.objectContaining({ code: 'configuration-invalid' }));
  });
});

function select(options: Partial<SelectionOptions>) {
  return selectMechanism({
    offered: [],
    channelBindingTypes: undefined,
    channelBindings: none,
    credentials: { password: { authcid: 'juliet', password: 'r0m30myr0m30' } },
    transportProtected: true,
    ...options,
  });
}

function bindings(...types: ChannelBindingType[]): ChannelBindings {
  const data = { 'tls-exporter': exporter, 'tls-unique': unique, 'tls-server-end-point': endPoint };
  return new Map(types.map((type) => [type, data[type]]));
}
