import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LocalProtocolError } from '../../src/errors.ts';
import {
  asciiPreparation,
  Jid,
  jid,
  jidFromParts,
  parseJid,
  parseJidParts,
  type JidPreparation,
} from '../../src/jid/index.ts';
import { isValid, JID_VECTORS } from './vectors.ts';

const isPlainAscii = (text: string) => /^[\0-\x7f]*$/.test(text) && !/(?:^|[@.])xn--/i.test(text);

function errorOfParsing(text: string, preparation?: JidPreparation) {
  const result = parseJid(text, preparation);
  if (result.ok) throw new Error(`${text} is a JID`);
  return result.error;
}

describe('parseJid', () => {
  const inAscii = JID_VECTORS.filter(({ input }) => isPlainAscii(input));

  it.each(inAscii.filter(isValid))('reads $id $input', ({ input, expected }) => {
    const { text, ...parts } = expected;
    expect(parseJid(input)).toMatchObject({ ok: true, jid: parts });
    expect(jid(input).toString()).toBe(text);
  });

  it.each(inAscii.filter((vector) => !isValid(vector)))('refuses $id $input', ({ input, badParts }) => {
    expect(badParts).toContain(errorOfParsing(input).part);
  });

  it.each(JID_VECTORS.filter(({ input }) => !isPlainAscii(input)))(
    'never accepts what is not ASCII: $id',
    ({ input }) => {
      expect(parseJid(input).ok).toBe(false);
    },
  );

  it.each([
    ['fußball@example.com', 'localpart', 0xdf],
    ['b\u{1f37a}@example.com', 'localpart', 0x1f37a],
    ['example.测试', 'domainpart', 0x6d4b],
    ['king@example.com/♚', 'resourcepart', 0x265a],
  ])('says how to get what %s needs', (text, part, codePoint) => {
    const error = errorOfParsing(text);
    expect(error).toMatchObject({ part, rule: 'needs-preparation', codePoint });
    expect(error.message).toContain('@xmpp-wire/core/jid/unicode');
  });

  it.each(['xn--bcher-kva.ch', 'a.XN--p1ai', 'xn--a'])(
    'leaves the A-label in %s to a preparation that can read it',
    (text) => {
      expect(errorOfParsing(text)).toMatchObject({ part: 'domainpart', rule: 'needs-preparation' });
    },
  );

  it.each([
    ['', 'domainpart', 'empty', undefined],
    ['@example.com', 'localpart', 'empty', undefined],
    ['example.com/', 'resourcepart', 'empty', undefined],
    ['.', 'domainpart', 'empty', undefined],
    ['a..', 'domainpart', 'label-empty', undefined],
    ['.a', 'domainpart', 'label-empty', undefined],
    ['a..b', 'domainpart', 'label-empty', undefined],
    ['-a.b', 'domainpart', 'label-hyphen', undefined],
    ['a.b-', 'domainpart', 'label-hyphen', undefined],
    ['ab--c', 'domainpart', 'label-hyphen', undefined],
    ['a_b', 'domainpart', 'character', 0x5f],
    ['u@a@b', 'domainpart', 'character', 0x40],
    ['[::1]x', 'domainpart', 'ip-literal', undefined],
    ['a b@c', 'localpart', 'character', 0x20],
    ['a/\x7f', 'resourcepart', 'character', 0x7f],
  ])('%j breaks, in its %s, the rule %s', (text, part, rule, codePoint) => {
    expect(errorOfParsing(text)).toMatchObject({ part, rule, ...(codePoint === undefined ? {} : { codePoint }) });
  });

  it('allows 1023 bytes a part and not one more', () => {
    const longest = 'a'.repeat(1023);
    const domain = `${'abc.'.repeat(255)}abc`;
    expect(domain).toHaveLength(1023);
    expect(jid(`${longest}@${domain}/${longest}`).toString()).toHaveLength(3071);
    expect(errorOfParsing(`${longest}a@b`)).toMatchObject({ part: 'localpart', rule: 'too-long' });
    expect(errorOfParsing(`b/${longest}a`)).toMatchObject({ part: 'resourcepart', rule: 'too-long' });
    expect(errorOfParsing(`a@${domain}a`)).toMatchObject({ part: 'domainpart', rule: 'too-long' });
  });

  it('counts bytes of what a preparation answers, not characters', () => {
    const anything: JidPreparation = { ...asciiPreparation, resourcepart: (text) => text };
    expect(parseJid(`a/${'é'.repeat(511)}`, anything).ok).toBe(true);
    expect(errorOfParsing(`a/${'é'.repeat(512)}`, anything)).toMatchObject({ rule: 'too-long' });
    const nothing: JidPreparation = { ...asciiPreparation, resourcepart: () => '' };
    expect(errorOfParsing('a/b', nothing)).toMatchObject({ part: 'resourcepart', rule: 'empty' });
  });

  it('allows labels of 63 bytes and not one more', () => {
    expect(parseJid(`${'a'.repeat(63)}.example`).ok).toBe(true);
    expect(errorOfParsing(`${'a'.repeat(64)}.example`)).toMatchObject({ rule: 'label-too-long' });
    expect(errorOfParsing(`example.${'a'.repeat(64)}`)).toMatchObject({ rule: 'label-too-long' });
  });

  it('removes one final dot of the domainpart, before all else', () => {
    expect(jid('a@Example.COM./r').toString()).toBe('a@example.com/r');
    expect(jid('[::1].').domainpart).toBe('[::1]');
  });

  it.each([
    '[::]',
    '[::1]',
    '[1::]',
    '[2001:db8::1]',
    '[1:2:3:4:5:6:7:8]',
    '[1:2:3:4:5:6:7::]',
    '[::2:3:4:5:6:7:8]',
    '[::ffff:192.0.2.1]',
    '[1:2:3:4:5:6:192.0.2.1]',
  ])('reads the IPv6 address %s', (text) => {
    expect(jid(text).domainpart).toBe(text);
  });

  it.each([
    '[',
    '[]',
    '[:]',
    '[:::]',
    '[1::2::3]',
    '[1:2:3:4:5:6:7]',
    '[1:2:3:4:5:6:7:8:9]',
    '[1:2:3:4:5:6:7:8::]',
    '[::12345]',
    '[::g]',
    '[192.0.2.1]',
    '[::192.0.2.256]',
    '[::192.0.2.01]',
    '[::192.0.2]',
    '[192.0.2.1::]',
    '[1:2:3:4:5:6:7:192.0.2.1]',
    '[fe80::1%25eth0]',
    '[v1.a]',
  ])('refuses the IP literal %s', (text) => {
    expect(errorOfParsing(text)).toMatchObject({ part: 'domainpart', rule: 'ip-literal' });
  });

  it('compares IPv6 addresses without regard to case', () => {
    expect(jid('[2001:DB8::A]').equals(jid('[2001:db8::a]'))).toBe(true);
  });

  it('never throws and always answers, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom(...'aB@/.-[:]1 ') })),
        (text) => {
          const result = parseJid(text);
          expect(result.ok ? result.jid : result.error).toBeTruthy();
        },
      ),
    );
  });

  it('reads back what it wrote', () => {
    const part = fc.string({ unit: fc.constantFrom(...'abcXYZ09-.@/: ') });
    const candidate = fc.oneof(
      fc.tuple(part, part, part).map(([a, b, c]) => `${a}@${b}/${c}`),
      part,
    );
    fc.assert(
      fc.property(candidate, (text) => {
        const result = parseJid(text);
        if (!result.ok) return;
        const again = jid(result.jid.toString());
        expect(again.equals(result.jid)).toBe(true);
        expect(again.toString()).toBe(result.jid.toString());
      }),
      { numRuns: 2000 },
    );
  });
});

describe('parseJidParts', () => {
  it('takes each part as it is, separators and all', () => {
    expect(parseJidParts({ localpart: 'a@b', domainpart: 'c' })).toMatchObject({
      ok: false,
      error: { part: 'localpart', rule: 'character', codePoint: 0x40 },
    });
    const result = parseJidParts({ localpart: 'A', domainpart: 'c', resourcepart: '/@' });
    expect(result).toMatchObject({ ok: true, jid: { localpart: 'a', domainpart: 'c', resourcepart: '/@' } });
  });

  it('refuses an empty part instead of taking it for absent', () => {
    expect(parseJidParts({ localpart: '', domainpart: 'c' })).toMatchObject({
      ok: false,
      error: { part: 'localpart' },
    });
    expect(parseJidParts({ domainpart: 'c', resourcepart: '' })).toMatchObject({
      ok: false,
      error: { part: 'resourcepart' },
    });
    expect(parseJidParts({ domainpart: '' })).toMatchObject({ ok: false, error: { part: 'domainpart' } });
  });
});

describe('Jid', () => {
  const full = jid('juliet@im.example.com/balcony');

  it('has a bare form, which has none but itself', () => {
    expect(full.bare.toString()).toBe('juliet@im.example.com');
    expect(full.bare).toBe(full.bare);
    expect(full.bare.bare).toBe(full.bare);
  });

  it.each([
    ['a.b', true, true],
    ['a@b', true, false],
    ['a.b/c', false, false],
    ['a@b/c', false, false],
  ])('%s: bare %s, domain %s', (text, isBare, isDomain) => {
    expect(jid(text)).toMatchObject({ isBare, isDomain });
  });

  it('is equal to what has the same parts, and to nothing else', () => {
    expect(full.equals(full)).toBe(true);
    expect(full.equals(jid('Juliet@IM.example.com./balcony'))).toBe(true);
    for (const other of [
      'juliet@im.example.com/Balcony',
      'juliet@im.example.com',
      'romeo@im.example.com/balcony',
      'juliet@example.com/balcony',
    ]) {
      expect(full.equals(jid(other))).toBe(false);
    }
  });

  it('gets another resourcepart', () => {
    expect(full.bare.withResource('chamber').toString()).toBe('juliet@im.example.com/chamber');
    expect(full.withResource('a/b').resourcepart).toBe('a/b');
    expect(() => full.withResource('')).toThrow(expect.objectContaining({ code: 'jid-invalid' }));
    expect(() => full.withResource('♚')).toThrow(/in its resourcepart.*jid\/unicode/);
  });

  it('is a string in JSON and in templates', () => {
    expect(JSON.stringify({ to: full })).toBe('{"to":"juliet@im.example.com/balcony"}');
    expect(`${full}`).toBe('juliet@im.example.com/balcony');
  });

  it('cannot be made without a check', () => {
    expect(Object.getOwnPropertyNames(Jid).filter((name) => !['length', 'name', 'prototype'].includes(name))).toEqual(
      [],
    );
  });
});

describe('jid and jidFromParts', () => {
  it('throw what is wrong with what the caller wrote', () => {
    expect(() => jid('a b@c')).toThrow(LocalProtocolError);
    expect(() => jid('a b@c')).toThrow(expect.objectContaining({ code: 'jid-invalid' }));
    expect(() => jid('a b@c')).toThrow('"a b@c" is no JID: in its localpart, U+0020 may not be in a localpart');
    expect(() => jidFromParts({ localpart: 'a', domainpart: '' })).toThrow(
      expect.objectContaining({ code: 'jid-invalid' }),
    );
  });

  it('say what they are made of to programs without types', () => {
    const juliet = jid('juliet@example.com');
    expect(() => jid(juliet as never)).toThrow('an address is read from a text, not from object');
    expect(() => jid(undefined as never)).toThrow(expect.objectContaining({ code: 'jid-invalid' }));
  });

  it('make the same of a text and of its parts', () => {
    expect(
      jidFromParts({ localpart: 'Juliet', domainpart: 'example.com', resourcepart: 'x' }).equals(
        jid('juliet@example.com/x'),
      ),
    ).toBe(true);
    expect(jidFromParts({ domainpart: 'example.com' }).isDomain).toBe(true);
  });
});
