// The texts of the pages of XmppRequestError, LocalProtocolError and of close causes: see error-pages.mjs.

/** @import { Text } from './page.mjs' */

/** @type {Record<string, Text>} */
export const REQUEST = {
  'request-timed-out': {
    what: 'The request was sent and nobody answered within its time: 60 seconds, `timeouts.request`, or the `timeout` of this one request.',
    who: 'An entity that is there but does not answer, or a network that lost the request or the answer. Between servers nothing tells the two apart.',
    todo: [
      'Ask again, if asking twice does no harm.',
      'Wait longer: `{ timeout: … }` as the second argument.',
      'If you read the connection yourself, go on reading: answers come through the same queue.',
    ],
  },
  'request-closed': {
    what: 'The stream was closed before the answer came, or there was no stream to send the request on.',
    who: 'The connection ended. Whether the other side did what you asked for is not known.',
    todo: [
      'Connect again, or let a session do it, and look what the state is before you ask again.',
      'In a session, `await session.untilConnected()` first.',
    ],
  },
  'request-answer-malformed': {
    what: 'An answer came from the right entity with the right id, and breaks a rule of RFC 6120 §8.2.3: a result with two payloads, or an error without a condition. The stanza is in `cause`.',
    who: 'The entity that was asked.',
    todo: ['Report it to whoever makes it. Asking again gives the same.'],
  },
};

/** @type {Record<string, Text>} */
export const LOCAL = {
  'already-closed': {
    what: '`open()` was called on an entity whose stream was closed.',
    todo: ['An entity is for one connection: make a new one.'],
  },
  'already-opened': {
    what: '`open()` was called a second time.',
    todo: ['Once is enough; restarts of the stream (after TLS and SASL) go by themselves.'],
  },
  'answer-invalid': {
    what: 'The answer to an ask has the wrong shape, or a value that cannot be. The ask is still open.',
    todo: ['Look at what the message expected, and answer again. TypeScript finds most of these before they happen.'],
  },
  'ask-already-answered': {
    what: 'The same ask was answered twice.',
    todo: [
      'Answer each ask once. One that has lapsed, because the stream ended, may be answered without harm: `answer()` returns false.',
    ],
  },
  'ask-foreign': {
    what: 'The ask did not come from this entity.',
    todo: ['Answer the very object that `nextEvent()` returned, on the entity that returned it.'],
  },
  'clock-went-backwards': {
    what: 'The `now` of a call is before that of an earlier one, or is no number.',
    todo: [
      'Use a clock that never goes back, such as `performance.now()`. `Date.now()` does when the system sets its clock.',
    ],
  },
  'configuration-invalid': {
    what: 'Parts of the configuration contradict each other, or a stream error is put together in a way that RFC 6120 §4.9 does not allow. A value of the wrong type is a zod error instead, and an option that an adapter or the server does not have a `TypeError`.',
    todo: ['The message names the part and what is expected of it.'],
  },
  'element-not-allowed': {
    what: '`sendElement()` was called with an element of a namespace that is not registered.',
    todo: [
      'For message, presence and iq, use `send()`.',
      'Else put its namespace into `extensions` of the configuration.',
    ],
  },
  'jid-invalid': {
    what: 'A text is no address by RFC 7622: a part is empty, too long, or has a character that it must not have.',
    todo: [
      'For addresses that users type, use `parseJid`, which returns the error in place of throwing it.',
      'For letters beyond ASCII, pass `unicodePreparation` of `@xmpp-wire/core/jid/unicode`: see [Addresses beyond ASCII](../building-a-client.md#addresses-beyond-ascii).',
    ],
  },
  'lang-invalid': {
    what: 'A `lang` is no language tag.',
    todo: ['Write `en`, `de-CH` or the like (RFC 5646); an underscore is a mistake that is often made.'],
  },
  'mechanism-unusable': {
    what: 'A SASL mechanism was named that is not spoken here, or that cannot work with what it was given.',
    todo: [
      'Compare the name with `SASL_MECHANISMS` of `@xmpp-wire/core/sasl`.',
      'A -PLUS mechanism needs channel bindings, so TLS; EXTERNAL needs a certificate.',
    ],
  },
  'not-established': {
    what: 'A stanza was to be sent before the stream was established (RFC 6120 §4.3.5).',
    todo: ['Wait for the `established` event. `connect()` and a session of node-tcp do it for you.'],
  },
  'random-too-short': {
    what: 'The `random` of the configuration returned fewer bytes than asked for.',
    todo: ['Return exactly as many as asked, from a cryptographic generator.'],
  },
  'request-id-taken': {
    what: 'The random bytes for the id of a request were the same as those of a request that is open.',
    todo: [
      'The `random` of the configuration repeats itself: that is a hole in security, too. Use a cryptographic generator.',
    ],
  },
  'stanza-invalid': {
    what: 'A stanza, or a request, breaks a rule of RFC 6120 §8: the wrong type, an iq without a payload, a payload without a namespace of its own, no `to` where one is needed.',
    todo: ['The message names the rule and what came.'],
  },
  'wrong-transport': {
    what: '`receive` and `takeOutput` were used with transport `messages`, or `receiveMessage` and `takeMessage` with transport `bytes`. Or `receive` was given anything but bytes, such as a string or an `ArrayBuffer`.',
    todo: [
      'Use the members of the transport that the configuration names.',
      'Read the transport as bytes: no `setEncoding` on a socket of Node, no `TextDecoder` before.',
    ],
  },
  'xml-attribute-duplicate': {
    what: 'An attribute was given twice, once with its namespace and once by another prefix of it.',
    todo: ['Leave one out.'],
  },
  'xml-character-forbidden': {
    what: 'A text has a character that XML 1.0 does not know: a control character, half of a surrogate pair, U+FFFE or U+FFFF.',
    todo: [
      'Take such characters out of what users or other systems give you, before you send it. They cannot be escaped.',
    ],
  },
  'xml-name-invalid': {
    what: 'The name of an element or of an attribute is no XML name.',
    todo: ['Names come from the program, not from users: put what users say into attributes and text.'],
  },
  'xml-namespace-invalid': {
    what: 'A prefix is not declared, or a namespace is declared in a way that XML does not allow.',
    todo: ['Give an element its namespace by `xmlns`; prefixes are rarely needed.'],
  },
};

/** @type {Record<string, Text>} */
export const CLOSE = {
  'peer-misbehaved': {
    what: 'The peer broke a rule. `violation` names it, `detail` says what was expected and what came; [the table](violations.md) has the section of the RFC and the stream error that the peer was told.',
    who: 'The peer. `stanza-too-large` and the other limits may also mean that your `limits` are too small for what your contacts send.',
    todo: [
      'Look at the exchange with `onTrace`.',
      'Raise `limits` if the stanza was legitimate.',
      'Report it to whoever makes the other side.',
    ],
  },
  'peer-incompatible': {
    what: 'The peer does not offer what this side insists on, or insists on what this side does not have. `missing` says what.',
    who: 'Both are right, and do not fit. On a connection of node-tcp it ends the attempt: see [`stream-incompatible`](stream-incompatible.md), [`sasl-no-mechanism`](sasl-no-mechanism.md), [`tls-not-offered`](tls-not-offered.md) and [`bind-failed`](bind-failed.md).',
    todo: ['Change the configuration of one side.'],
  },
  'negotiation-failed': {
    what: 'TLS, SASL or the binding of a resource took place and failed: `at` says which, `condition` why. It comes before the stream is established.',
    who: 'On a connection of node-tcp it is an error of `connect`: see [`sasl-refused`](sasl-refused.md), [`sasl-failed`](sasl-failed.md), [`bind-refused`](bind-refused.md) and the `tls-` codes.',
    todo: ['See there.'],
  },
  'stream-error-received': {
    what: 'The peer ended the stream with an error. `error.condition` is one of the 25 of RFC 6120 §4.9.3, each with [a page of its own](README.md#stream-errors-of-the-peer); `error.text` is for your log, and `error.application` is what the peer added in a namespace of its own.',
    who: 'The peer says who: see the condition.',
    todo: ['See the condition.'],
  },
  'timed-out': {
    what: 'A deadline passed: `timer` is `negotiation`, `closing` or `idle`. From a session, `idle` also means that the server did not answer a ping.',
    who: 'The network, mostly; or a peer with too much to do.',
    todo: ['Connect again.', 'Deadlines are in `timeouts`, those of the ping in `liveness`.'],
  },
  'unexpected-eof': {
    what: 'The connection ended without a closing tag. What the system said about it, if anything, is `error` beside the cause.',
    who: 'The network, or a peer that crashed. Also your own `abort()`.',
    todo: ['Connect again. What was sent last may not have arrived (RFC 6120 §3.4).'],
  },
  'closed-by-peer': {
    what: 'The peer closed the stream in order and gave no reason. On a WebSocket it may have said where to go instead: `seeOtherUri`.',
    who: 'The peer.',
    todo: ['Connect again, after a while.'],
  },
  'closed-locally': {
    what: 'This side closed the stream; `reason` is what it told the peer. With the condition `reset` it was this library: the certificate of the server expired while the connection was up (RFC 6120 §13.7.2.3).',
    who: 'You; or the certificate.',
    todo: ['Nothing, unless it was `reset`: then connect again.'],
  },
};
