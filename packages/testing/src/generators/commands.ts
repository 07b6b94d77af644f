import type { Stanza, StreamErrorFields } from '@xmpp-wire/core';
import type { XmlElement } from '@xmpp-wire/core/xml';
import { jid } from '@xmpp-wire/core/jid';
import * as fc from 'fast-check';
import { hostileBytes } from './bytes.ts';
import { stanzas } from './stanzas.ts';
import { xmlElements } from './xml.ts';

/** Something that a program can do with an entity, wise or not. */
export type EntityCommand =
  | { readonly do: 'open' }
  | { readonly do: 'receive'; readonly bytes: Uint8Array }
  | { readonly do: 'eof' }
  | { readonly do: 'wait'; readonly milliseconds: number }
  | { readonly do: 'send'; readonly stanza: Stanza }
  | { readonly do: 'send-element'; readonly element: XmlElement }
  | { readonly do: 'close'; readonly reason: StreamErrorFields | undefined }
  /** Answers the ask that was put last, be it open or not, with what a pair would say or with this. */
  | { readonly do: 'answer'; readonly with: 'default' }
  | { readonly do: 'answer'; readonly with: 'this'; readonly value: unknown }
  | { readonly do: 'events'; readonly most: number }
  | { readonly do: 'output' };

/** Lists of commands for either role, in no sensible order; bytes are hostile, or `bytes` when given. */
export function commandLists(bytes: fc.Arbitrary<Uint8Array> = hostileBytes()): fc.Arbitrary<readonly EntityCommand[]> {
  return fc.array(commands(bytes), { maxLength: 30 });
}

/** Answers that fit one ask and no other, or none. */
const WRONG_ANSWERS: readonly unknown[] = [
  undefined,
  null,
  'failed',
  'unknown-account',
  'not-authorized',
  'nonsense',
  42,
  {},
  [],
  new Uint8Array(3),
  new Uint8Array(32),
  { refuse: null },
  { refuse: 'conflict' },
  { refuse: { condition: 'host-unknown' } },
  { refuse: { condition: 'see-other-host' } },
  { refuse: { condition: 'no-such-condition' } },
  { domain: 'im.example.com', mechanisms: [], decoySecret: new Uint8Array(16) },
  { domain: 5, mechanisms: 5, decoySecret: 5 },
  { version: 'TLSv1.1', channelBindings: new Map() },
  { version: 'TLSv1.3' },
  { authcid: '' },
  { authcid: 'romeo', authzid: '@' },
  { salt: new Uint8Array(1), iterations: 0, storedKey: new Uint8Array(1), serverKey: new Uint8Array(1) },
  jid('romeo@example.net/orchard'),
];

/** One command. */
export function commands(bytes: fc.Arbitrary<Uint8Array> = hostileBytes()): fc.Arbitrary<EntityCommand> {
  const reason: fc.Arbitrary<StreamErrorFields | undefined> = fc.constantFrom(
    undefined,
    { condition: 'system-shutdown' },
    { condition: 'policy-violation', text: 'Enough <&> said.', lang: 'en' },
    { condition: 'see-other-host', host: '[::1]:5269' },
    { condition: 'see-other-host' },
  );
  return fc.oneof(
    fc.constant({ do: 'open' } as const),
    { weight: 8, arbitrary: fc.record({ do: fc.constant('receive' as const), bytes }) },
    fc.constant({ do: 'eof' } as const),
    { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), milliseconds: fc.nat({ max: 40_000 }) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('send' as const), stanza: stanzas() }) },
    fc.record({ do: fc.constant('send-element' as const), element: xmlElements() }),
    fc.record({ do: fc.constant('close' as const), reason }),
    { weight: 7, arbitrary: fc.constant({ do: 'answer', with: 'default' } as const) },
    fc.record({
      do: fc.constant('answer' as const),
      with: fc.constant('this' as const),
      value: fc.constantFrom(...WRONG_ANSWERS),
    }),
    { weight: 8, arbitrary: fc.record({ do: fc.constant('events' as const), most: fc.integer({ min: 1, max: 20 }) }) },
    { weight: 4, arbitrary: fc.constant({ do: 'output' } as const) },
  );
}
