import {
  iq,
  message,
  presence,
  type IqRequest,
  type IqResult,
  type Message,
  type Presence,
  type Stanza,
  type StanzaFields,
} from '@xmpp-wire/core';
import * as fc from 'fast-check';
import { jids } from './jids.ts';
import { xmlElements, xmlTexts } from './xml.ts';

/** Messages that are no errors, with texts and payloads. */
export function messages(): fc.Arbitrary<Message> {
  const type = fc.option(fc.constantFrom('normal', 'chat', 'groupchat', 'headline'), { nil: undefined });
  const text = fc.option(xmlTexts(), { nil: undefined });
  return fc
    .tuple(fields(), type, text, text, text, fc.array(xmlElements(), { maxLength: 2 }))
    .map(([common, kind, body, subject, thread, payloads]) =>
      message({ ...common, type: kind, body, subject, thread }, ...payloads),
    );
}

/** Presences that are no errors. */
export function presences(): fc.Arbitrary<Presence> {
  const type = fc.option(
    fc.constantFrom('probe', 'subscribe', 'subscribed', 'unavailable', 'unsubscribe', 'unsubscribed'),
    { nil: undefined },
  );
  const show = fc.option(fc.constantFrom('away', 'chat', 'dnd', 'xa'), { nil: undefined });
  const status = fc.option(xmlTexts(), { nil: undefined });
  const priority = fc.option(fc.integer({ min: -128, max: 127 }), { nil: undefined });
  return fc
    .tuple(fields(), type, show, status, priority, fc.array(xmlElements(), { maxLength: 2 }))
    .map(([common, kind, shown, said, height, payloads]) =>
      presence({ ...common, type: kind, show: shown, status: said, priority: height }, ...payloads),
    );
}

/** Requests. */
export function iqRequests(): fc.Arbitrary<IqRequest> {
  return fc
    .tuple(fields(), ids(), fc.constantFrom('get', 'set'), xmlElements())
    .map(([common, id, type, payload]) => iq({ ...common, id, type }, payload));
}

/** Answers to requests that nobody made. */
export function iqResults(): fc.Arbitrary<IqResult> {
  return fc
    .tuple(fields(), ids(), fc.option(xmlElements(), { nil: undefined }))
    .map(([common, id, payload]) => iq({ ...common, id, type: 'result' }, payload));
}

/** Stanzas of all three kinds, without those of type error: they are made of other stanzas. */
export function stanzas(): fc.Arbitrary<Stanza> {
  return fc.oneof(messages(), presences(), iqRequests(), iqResults());
}

function ids(): fc.Arbitrary<string> {
  return xmlTexts({ minLength: 1, maxLength: 8 });
}

function fields(): fc.Arbitrary<StanzaFields> {
  const optional = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
    fc.option(value, { nil: undefined });
  return fc.record({
    to: optional(jids()),
    from: optional(jids()),
    id: optional(ids()),
    lang: optional(fc.constantFrom('en', 'de-CH', 'zh-Hant-TW')),
  });
}
