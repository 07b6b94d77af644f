import { jid, LocalProtocolError } from '@xmpp-wire/core';
import { utf8Encode } from '@xmpp-wire/core/adapter';
import { xml } from '@xmpp-wire/core/xml';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  Accounts,
  chunk,
  counter,
  cutAt,
  cuts,
  describeValue,
  everyTwoWayCut,
  fromJson,
  Prng,
  seededCuts,
  TestClock,
  toJson,
} from '../src/index.ts';

describe('counter', () => {
  it('counts up from where it starts and turns over at 256', () => {
    const random = counter(254);
    expect([...random(3)]).toEqual([254, 255, 0]);
    expect([...random(2)]).toEqual([1, 2]);
    expect([...counter()(1)]).toEqual([0]);
  });
});

describe('Prng', () => {
  it('gives the same numbers for the same seed and others for another', () => {
    const numbers = (seed: number): number[] => {
      const prng = new Prng(seed);
      return Array.from({ length: 20 }, () => prng.next());
    };
    expect(numbers(7)).toEqual(numbers(7));
    expect(numbers(7)).not.toEqual(numbers(8));
    expect(new Set(numbers(0)).size).toBe(20);
  });

  it('stays within its bounds and reaches both ends of a range', () => {
    const prng = new Prng(1);
    const drawn = Array.from({ length: 200 }, () => prng.between(3, 6));
    expect(new Set(drawn)).toEqual(new Set([3, 4, 5, 6]));
    expect(prng.below(0)).toBe(0);
    expect(prng.below(1)).toBe(0);
  });
});

describe('TestClock', () => {
  it('lets things happen in the order of time, then in the order they were arranged', () => {
    const clock = new TestClock();
    const happened: string[] = [];
    clock.after(20, () => happened.push(`c${clock.now}`));
    clock.after(10, () => happened.push(`a${clock.now}`));
    clock.after(10, () => happened.push(`b${clock.now}`));
    clock.advanceTo(9);
    expect(happened).toEqual([]);
    clock.advanceBy(100);
    expect(happened).toEqual(['a10', 'b10', 'c20']);
    expect(clock.now).toBe(109);
  });

  it('does what is arranged on the way, a time that has passed meaning: next', () => {
    const clock = new TestClock();
    const happened: number[] = [];
    clock.after(10, () => {
      clock.at(5, () => happened.push(clock.now));
      clock.after(1, () => happened.push(clock.now));
    });
    clock.advanceTo(20);
    expect(happened).toEqual([10, 11]);
  });

  it('forgets what is cancelled, once', () => {
    const clock = new TestClock();
    const happened: string[] = [];
    const appointment = clock.after(5, () => happened.push('no'));
    clock.after(6, () => happened.push('yes'));
    appointment.cancel();
    appointment.cancel();
    clock.runUntilIdle();
    expect(happened).toEqual(['yes']);
    expect(clock.isBusy).toBe(false);
  });

  it('is idle when only background appointments are left', () => {
    const clock = new TestClock();
    const happened: string[] = [];
    clock.after(5, () => happened.push('on the way'), { background: true });
    clock.after(7, () => happened.push('last'));
    const late = clock.after(1000, () => happened.push('never'), { background: true });
    clock.runUntilIdle();
    late.cancel();
    clock.advanceTo(2000);
    expect(happened).toEqual(['on the way', 'last']);
  });

  it('notices that something goes round in circles', () => {
    const clock = new TestClock();
    const again = (): void => void clock.after(1, again);
    again();
    expect(() => clock.runUntilIdle(100)).toThrow('100 things happened by 100 ms');
  });
});

describe('cuts', { timeout: 600_000 }, () => {
  const joined = (pieces: readonly Uint8Array[]): number[] => pieces.flatMap((piece) => [...piece]);
  const bytes = Uint8Array.from({ length: 10 }, (_, at) => at);

  it('are whole, byte by byte and every two-way cut of a short input', () => {
    const all = [...cuts(bytes)];
    expect(all).toHaveLength(11);
    expect(all.map((pieces) => pieces.length)).toEqual([1, 10, 2, 2, 2, 2, 2, 2, 2, 2, 2]);
    for (const pieces of all) expect(joined(pieces)).toEqual([...bytes]);
  });

  it('are seeded for a long input, the same for the same seed', () => {
    const long = new Uint8Array(4097);
    expect([...cuts(long)]).toHaveLength(66);
    const lengths = (seed: number): number[][] =>
      [...seededCuts(long, 3, seed)].map((pieces) => pieces.map((piece) => piece.length));
    expect(lengths(1)).toEqual(lengths(1));
    expect(lengths(1)).not.toEqual(lengths(2));
  });

  it('lose and add nothing, and leave no piece empty', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.array(fc.nat({ max: 30 })), fc.nat(), (input, places, seed) => {
        for (const pieces of [
          cutAt(input, places),
          chunk(input, 'random', new Prng(seed)),
          chunk(input, 'whole'),
          chunk(input, 'bytes'),
        ]) {
          expect(joined(pieces)).toEqual([...input]);
          expect(pieces.every((piece) => piece.length > 0)).toBe(true);
        }
      }),
    );
    expect([...everyTwoWayCut(new Uint8Array(1))]).toEqual([]);
    expect(chunk(new Uint8Array(), 'random')).toEqual([]);
  });
});

describe('values as JSON', () => {
  it('come back as they were', () => {
    const value = {
      text: 'a',
      number: 1,
      yes: true,
      list: [1, 'b', undefined],
      bytes: utf8Encode('é'),
      none: new Uint8Array(),
      address: jid('juliet@im.example.com/balcony'),
      element: xml('body', { xmlns: 'urn:example' }, 'x'),
      map: new Map([['tls-exporter', Uint8Array.of(1)]]),
    };
    const json: unknown = JSON.parse(describeValue(value));
    expect(describeValue(fromJson(toJson(json)))).toBe(describeValue(value));
    expect(fromJson(toJson(value))).toMatchObject({
      bytes: value.bytes,
      none: value.none,
      map: value.map,
      list: [1, 'b', undefined],
    });
    expect(String(Object(fromJson(toJson(value))).address)).toBe('juliet@im.example.com/balcony');
    expect(value.element.equals(Object(fromJson(toJson(value))).element)).toBe(true);
  });

  it('leave out what is undefined, and name errors by their code', () => {
    expect(describeValue({ a: undefined, b: () => 1, c: Symbol('x') })).toBe('{"c":null}');
    expect(describeValue(undefined)).toBe('null');
    expect(describeValue(null)).toBe('null');
    expect(describeValue(new LocalProtocolError('jid-invalid', 'x'))).toBe('{"$error":"jid-invalid"}');
    expect(describeValue(new TypeError('x'))).toBe('{"$error":"TypeError"}');
  });

  it.each([{ $bytes: '%' }, { $jid: '@' }, { $xml: '<a>' }, { $map: 1 }, { $other: 'x' }, { $bytes: 5 }])(
    'refuse a tag with a value that does not fit: %j',
    (json) => {
      expect(() => fromJson(json)).toThrow('is none of $bytes, $jid, $xml and $map');
    },
  );
});

describe('Accounts', () => {
  const accounts = new Accounts({ juliet: 'R0m30' });

  it('know the credentials of those who have one, and remember them', () => {
    const credentials = accounts.credentials({ authcid: 'juliet', hash: 'SHA-256' });
    expect(credentials).toMatchObject({ iterations: 4096 });
    expect(accounts.credentials({ authcid: 'juliet', hash: 'SHA-256' })).toBe(credentials);
    expect(accounts.credentials({ authcid: 'juliet', hash: 'SHA-1' })).not.toEqual(credentials);
    expect(accounts.credentials({ authcid: 'mercutio', hash: 'SHA-1' })).toBe('unknown-account');
  });

  it('check passwords', () => {
    expect(accounts.check('juliet', 'R0m30')).toBe('accepted');
    expect(accounts.check('juliet', 'x')).toBe('not-authorized');
    expect(accounts.check('mercutio', 'R0m30')).toBe('not-authorized');
  });
});
