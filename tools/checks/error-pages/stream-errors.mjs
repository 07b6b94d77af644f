// The texts of the pages of stream error conditions: see error-pages.mjs.

/** @import { Text } from './page.mjs' */

const OURS = 'This side, as the server sees it: something that your program sent, or a bug here.';
const LOOK = 'Look with `onTrace` at what was sent last.';
const REPORT = 'If your program did not build it by hand, report it.';

/** @type {Record<string, Text>} */
export const STREAM_ERRORS = {
  'bad-format': { what: 'The server could not make sense of XML that was sent.', who: OURS, todo: [LOOK, REPORT] },
  'bad-namespace-prefix': {
    what: 'An element has a prefix where the server wants none, or none where it wants one.',
    who: OURS,
    todo: [LOOK, REPORT],
  },
  conflict: {
    what: 'Another connection took the place of this one: the same account with the same resource (RFC 6120 §4.9.3.3).',
    who: 'A second copy of the program; or your own new connection, where the server had not yet noticed that the old one was dead.',
    todo: [
      'Do not come back automatically: two programs that do would drive each other out for ever.',
      'Let each program have a resource of its own, or none: leave it out of `jid`, and the server makes one.',
      "To come back all the same, set `rules: { 'stream-error/conflict': 'soon' }`. The session then asks for no resource, as the RFC demands.",
    ],
  },
  'connection-timeout': {
    what: 'The server heard nothing for so long that it takes the connection for dead.',
    who: 'The network; or a program that was asleep.',
    todo: ['Connect again.', 'Send white space more often: `timeouts.keepalive`.'],
  },
  'host-gone': {
    what: 'The server used to serve the domain and no longer does.',
    who: 'The operator.',
    todo: ['Check the domain, and `host` if you gave one.', 'Ask the operator where the domain has gone.'],
  },
  'host-unknown': {
    what: 'The server does not serve the domain that was asked for.',
    who: 'A slip in the domain, a `host` of another server, or DNS that points to the wrong one.',
    todo: [
      'Check the domain of `jid`, and `host` if you gave one.',
      'Have DNS point to the server that serves the domain.',
    ],
  },
  'improper-addressing': {
    what: 'A stanza had no `to` or `from` where one is needed, or one that is no address.',
    who: OURS,
    todo: [LOOK, REPORT],
  },
  'internal-server-error': {
    what: 'The server has a bug, is configured wrongly, or waited in vain for a part of its own.',
    who: 'The server.',
    todo: ['Try again later.', 'Tell the operator.'],
  },
  'invalid-from': {
    what: 'The `from` of a stanza or of the stream is not what this connection may act for.',
    who: 'Your program, if it sets `from`.',
    todo: ['Leave `from` out: the server sets it.'],
  },
  'invalid-namespace': {
    what: 'The namespace of the stream or of its content is not what the server expects.',
    who: 'The port is one for another kind of stream, such as servers or components; or a bug here.',
    todo: ['Check the port: clients connect to 5222 or 5223.', REPORT],
  },
  'invalid-xml': {
    what: 'The server validates what it gets, and something did not pass.',
    who: OURS,
    todo: [LOOK, REPORT],
  },
  'not-authorized': {
    what: 'Something was sent that is for those who have authenticated; or the server no longer takes the account for authenticated.',
    who: 'Often the operator: the account was deleted, locked, or got a new password while you were connected.',
    todo: [
      'Check the account.',
      'Do not come back automatically: the same credentials may be refused again and again, and lock it.',
    ],
  },
  'not-well-formed': {
    what: 'The server takes what was sent for no well-formed XML.',
    who: OURS,
    todo: [LOOK, 'Every element here is checked when it is built, so report this one.'],
  },
  'policy-violation': {
    what: 'Something was against a rule of this server: mostly a stanza too large, or too much in too short a time.',
    who: 'Your program, mostly. The text of the error, if any, says which rule.',
    todo: [
      'Send less, or in smaller pieces: many servers take 256 KiB, some 64 KiB.',
      'Spread what you send over time; `await` each `send`.',
    ],
  },
  'remote-connection-failed': {
    what: 'The server needs another machine for you, such as a directory, and cannot reach it.',
    who: 'The server.',
    todo: ['Try again later.'],
  },
  reset: {
    what: 'The server wants a new stream, because something changed that is only negotiated at the begin: new features, new keys, an expired certificate (RFC 6120 §4.9.3.16).',
    who: 'The server; nothing is wrong.',
    todo: ['Connect again, which a session does by itself.'],
  },
  'resource-constraint': {
    what: 'The server has too much to do, or you have too many connections.',
    who: 'The server, or your account.',
    todo: ['Try again later, with growing delays.', 'Close connections that you do not need.'],
  },
  'restricted-xml': {
    what: 'The server found a comment, a processing instruction, a document type or an entity in what was sent.',
    who: 'Nothing here can write one of those, so the server is mistaken, or somebody in between wrote it.',
    todo: [LOOK, REPORT],
  },
  'see-other-host': {
    what: 'The server wants you to connect to another host, which `error.host` names.',
    who: 'The operator spreads or moves the load.',
    todo: [
      '`connect` follows it during the negotiation, and a session follows it at any time: at most five times in a row, with the same options. The certificate still has to be for the domain of the address.',
      'Without a session, do not put the new host into `jid`; give it as `host`.',
    ],
  },
  'system-shutdown': {
    what: 'The server is being stopped or restarted.',
    who: 'The operator.',
    todo: ['Connect again, after a random time, so that not everybody comes at once: a session does.'],
  },
  'undefined-condition': {
    what: 'The reason is none of the defined ones. `error.application` is what the server says in a namespace of its own.',
    who: 'Ask the server.',
    todo: ['Look at `error.application` and `error.text`.'],
  },
  'unsupported-encoding': {
    what: 'The server takes what was sent for something else than UTF-8.',
    who: OURS,
    todo: [LOOK, REPORT],
  },
  'unsupported-feature': {
    what: 'The server insists on a feature that this side did not negotiate.',
    who: 'Both are right, and do not fit.',
    todo: [
      'Look at the features that the server offers with `onTrace`.',
      'Ask the operator whether it has to be mandatory.',
    ],
  },
  'unsupported-stanza-type': {
    what: 'A first-level element was sent that the server does not know.',
    who: 'Your program, if it uses `sendElement`.',
    todo: ['Send an extension only after it was offered in the features of the stream.'],
  },
  'unsupported-version': {
    what: 'The server does not speak version 1.0 of XMPP.',
    who: 'A server from before 2004, or something that is none.',
    todo: ['Check host and port.'],
  },
};
