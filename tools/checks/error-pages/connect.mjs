// The texts of the pages of XmppConnectError: see error-pages.mjs.

/** @import { Text } from './page.mjs' */

/** @type {Record<string, Text>} */
export const CONNECT = {
  'discovery-failed': {
    what: 'The document that says where the WebSocket of the domain is (`/.well-known/host-meta`, XEP-0156) could not be fetched or read.',
    who: 'The web server of the domain, or the network on the way to it. In a browser also the rules for requests to other origins: the document has to be served with `Access-Control-Allow-Origin: *`.',
    todo: [
      'Open the address in the message in a browser.',
      'Or pass the `wss:` address yourself; then nothing has to be found.',
    ],
  },
  'discovery-none': {
    what: 'The document of the domain is there and names no WebSocket that may be used.',
    who: 'The operator of the server has not announced one, or only one without TLS (`ws:`), which is not taken.',
    todo: ['Pass the `wss:` address yourself, if you know it.', 'Ask the operator to announce it (XEP-0156).'],
  },
  'discovery-timed-out': {
    what: 'Nobody said in time where the WebSocket of the domain is.',
    who: 'The web server of the domain, or the network on the way to it.',
    todo: ['Try again.', 'Pass the `wss:` address yourself; then nothing has to be found.'],
  },
  'dns-no-address': {
    what: "The name of the host could not be turned into an address: nobody knows it, or it has no addresses. Or, with `directTls: 'only'`, the name servers failed when they were asked where the direct TLS of the domain is.",
    who: 'Mostly a slip in the domain of the address, or a machine that is not on the network. It also happens when an SRV record of the domain points to a name that does not exist.',
    todo: [
      'Compare the name in the message with what you meant.',
      'Look whether other names can be resolved on this machine.',
      'For a server of your own that is in no DNS, give `host` and `port`. The certificate still has to be for the domain of the address.',
    ],
  },
  'dns-no-direct-tls': {
    what: "`directTls: 'only'` was asked for, and the domain has no `_xmpps-client` record (XEP-0368) that says where to find it.",
    who: 'You asked for something that the domain does not announce.',
    todo: [
      "Allow STARTTLS: leave `directTls` out, which is `'auto'`.",
      'Or give `host` and `port` of the direct TLS port, mostly 5223.',
    ],
  },
  'dns-service-unavailable': {
    what: 'The SRV records of the domain say in so many words that it has no such service: their only target is `.` (RFC 6120 §3.2.1).',
    who: 'The operator of the domain.',
    todo: [
      'Check the domain of the address: the mail domain of a company is not always its XMPP domain.',
      'If you know better, give `host` and `port`.',
    ],
  },
  'dns-timed-out': {
    what: 'The name servers did not answer within `timeouts.dns` (10 seconds unless you said otherwise).',
    who: 'The network, or the name servers that this machine uses.',
    todo: [
      'Try again.',
      'Look whether other names can be resolved.',
      'Raise `timeouts.dns`, pass a `resolver` of your own, or give `host` as an address.',
    ],
  },
  'tcp-failed': {
    what: 'The connection could not be made, and the system gave a reason that has no code of its own here. It stands in the message and in `cause`.',
    who: 'The network or the system, for example when the program has too many files open.',
    todo: ['Read the reason in the message.', 'Check host, port and network.'],
  },
  'tcp-refused': {
    what: 'There is a machine at the address, and nothing listens on the port.',
    who: 'The server is not running, is still starting, or listens elsewhere; or a firewall refuses for it.',
    todo: [
      'Check `host` and `port`, if you gave them. Clients connect to 5222, or 5223 for direct TLS; 5269 is for servers.',
      'If several targets failed, the message has all of them, and `cause` is an `AggregateError`.',
    ],
  },
  'tcp-timed-out': {
    what: 'No address of the server answered within `timeouts.tcp` (10 seconds unless you said otherwise).',
    who: 'Mostly a firewall that drops packets without a word, or a machine that is off.',
    todo: [
      'Check host and port.',
      'Try from another network: some block port 5222. A server with direct TLS on 443 is made for them.',
    ],
  },
  'tcp-unreachable': {
    what: 'There is no route to any address of the server.',
    who: 'The network of this machine: it is off, or has no IPv6 (or IPv4) where the server has nothing else.',
    todo: ['Check the network.', 'Look at the addresses in the message: is the family one that you have?'],
  },
  'websocket-failed': {
    what: 'The WebSocket could not be opened. Browsers do not tell why, to keep scripts from exploring networks.',
    who: 'The address is wrong, nothing listens there, its certificate is not valid, or a proxy is in the way.',
    todo: [
      'Open the developer tools: the console knows more than the script is told.',
      'Check the path: `/xmpp-websocket`, `/ws` and `/ws-xmpp` are usual.',
    ],
  },
  'websocket-subprotocol': {
    what: 'A WebSocket was opened and does not speak XMPP: it did not agree to the subprotocol `xmpp` (RFC 7395 §3.1).',
    who: 'Something else listens at this address.',
    todo: ['Check the path of the address.'],
  },
  'websocket-timed-out': {
    what: 'The WebSocket was not open in time.',
    who: 'The server, a proxy before it, or the network.',
    todo: ['Check the address.', 'Try again, or raise the timeout.'],
  },
  'tls-certificate-expired': {
    what: 'The certificate of the server was valid once and is no longer.',
    who: 'Its operator forgot to renew it; or the clock of this machine is wrong.',
    todo: [
      'Look at the clock.',
      'Tell the operator.',
      'Do not switch the check off: nobody can tell an expired certificate from a stolen one.',
    ],
  },
  'tls-certificate-name': {
    what: 'The certificate is valid and is for somebody else: it does not name the domain of the address that you gave (RFC 6120 §13.7.2.1). The message has the names it is for.',
    who: 'The server has no certificate for this domain, or you reached another server than you meant.',
    todo: [
      'Check the domain of the address.',
      'A `host` that you gave, a target that DNS named and a host that the server redirected to never count as the name: the certificate has to be for the domain of the JID.',
      'For a server whose certificate names another host and that you trust all the same, decide by `tls.checkIdentity`, or pin its key by `tls.trustedKeys`.',
    ],
  },
  'tls-certificate-not-yet-valid': {
    what: 'The certificate of the server will be valid later.',
    who: 'Mostly the clock of this machine, which is behind: on small machines without a battery it begins in 1970.',
    todo: ['Set the clock.', 'If it is right, the operator has installed the certificate too early.'],
  },
  'tls-certificate-revoked': {
    what: 'The authority took the certificate back; or `tls.crl` was given and has no valid list for it.',
    who: 'The message tells the two apart: revoked, list out of date, or no list of this authority.',
    todo: [
      'Revoked: do not go on, and tell the operator.',
      'Out of date or missing: get a new list, and put it into `tls.crl`.',
    ],
  },
  'tls-certificate-untrusted': {
    what: 'The certificate does not lead to an authority that this program trusts: it is self-signed, made by an authority of a company, or part of the chain is missing. Or it is one that nobody can accept: against the constraints of its authority, or with a critical extension that is not known; the message says so.',
    who: 'A server of your own or of a company; a server that does not send its intermediate certificates; a captive portal or a proxy that reads along.',
    todo: [
      'Name the authority in `tls.ca` (PEM). It stands in place of those that Node brings.',
      'For one self-signed certificate, name it in `tls.ca`, or the SHA-256 of its public key in `tls.trustedKeys`.',
      '`xmpp-wire-server` without a certificate of its own makes one and keeps it beside the accounts: `tls: { ca: readFileSync("xmpp-wire-certificate.pem") }`, or its `trustedKey` from the log in `tls.trustedKeys`. The fingerprint in the log is that of the certificate, and not of the key.',
      '`NODE_EXTRA_CA_CERTS=file.pem` in the environment trusts a certificate beside those that Node brings. `NODE_TLS_REJECT_UNAUTHORIZED=0` has no effect.',
      'There is no switch for no check at all. A `trustedKeys` entry is as short, and is safe.',
    ],
  },
  'tls-cut': {
    what: 'The connection ended during the TLS handshake.',
    who: 'The server, or something before it that does not like the handshake.',
    todo: ['Check whether the port wants STARTTLS or direct TLS.', 'Look into the log of the server.'],
  },
  'tls-handshake-failed': {
    what: 'The handshake failed for a reason that has no code of its own: it stands in the message, and the error of OpenSSL is `cause`.',
    who: 'Often a port that speaks no TLS, or wants STARTTLS before it.',
    todo: [
      'Check the port: 5222 wants STARTTLS, 5223 direct TLS.',
      'Compare the TLS settings of both sides (`tls.ciphers`, `tls.minVersion`).',
    ],
  },
  'tls-not-offered': {
    what: 'The server does not do STARTTLS. It was tried although it was not offered, since whoever sits in between could have taken the offer out (RFC 6120 §13.9). Nothing secret was sent.',
    who: 'The operator, who has not switched TLS on; or somebody who strips it.',
    todo: [
      'Ask the operator to switch TLS on.',
      'There is no option for going on in clear.',
      'On the same machine, behind a proxy that does TLS, use its direct TLS port.',
    ],
  },
  'tls-timed-out': {
    what: 'The TLS handshake did not finish in time (`timeouts.tls` for direct TLS, `timeouts.negotiation` for STARTTLS).',
    who: 'Mostly a port that waits for something else: a STARTTLS port that is spoken to in TLS says nothing.',
    todo: ['Check port and `directTls`.', 'Raise the timeout on a very slow line.'],
  },
  'tls-unexpected-bytes': {
    what: 'There were bytes in clear between the agreement on TLS and the handshake. They could have been slipped in by somebody on the way, so the connection was cut (RFC 6120 §5.4.3.1).',
    who: 'A server with a bug, or an attack.',
    todo: ['Try from another network.', 'If it stays, report it to the makers of the server.'],
  },
  'tls-version': {
    what: 'Both sides have no version of TLS in common. TLS 1.2 is the oldest that is spoken here (RFC 7590).',
    who: 'A server that is very old, or `tls.minVersion` and `tls.maxVersion` of yours.',
    todo: ['The operator has to allow TLS 1.2 or 1.3.', "Look whether you have set `minVersion: 'TLSv1.3'`."],
  },
  'stream-closed': {
    what: 'The server closed the stream before it was established, and said no reason. From `untilConnected()` of a session it also means that the session was stopped, or gave up for a reason that stands in the message.',
    who: 'The server; or this side.',
    todo: ['Look into the log of the server.', 'Switch `onTrace` on, to see how far it came.'],
  },
  'stream-cut': {
    what: 'The connection ended in the middle of the opening of the stream.',
    who: 'The network; a server that crashed or was stopped; something else than an XMPP server; or a port for direct TLS, mostly 5223, that was spoken to in clear text.',
    todo: [
      "For a port with direct TLS say `directTls: 'only'`; otherwise use the port for STARTTLS, mostly 5222.",
      'Try again.',
      'Look into the log of the server.',
    ],
  },
  'stream-error': {
    what: 'The server ended the stream with an error (RFC 6120 §4.9) before it was established. The condition stands in the message and in `cause.error.condition`.',
    who: 'Depends on the condition: each has [a page of its own](README.md#stream-errors-of-the-peer).',
    todo: [
      '`host-unknown`: the server does not know the domain. Check it, and `host` if you gave one.',
      '`system-shutdown`, `resource-constraint`: try again later.',
    ],
  },
  'stream-incompatible': {
    what: 'The server insists on something that is not spoken here: another version, or a feature that is mandatory for it. Its namespace stands in the message.',
    who: 'Both sides are right, and do not fit.',
    todo: ['Look at the message for what is missing.', 'Ask the operator whether it has to be mandatory.'],
  },
  'stream-misbehaved': {
    what: 'The server broke the protocol. The rule is in the message and in `cause.violation`; [the table](violations.md) says which section it is from.',
    who: 'Something that is no XMPP server, a server with a bug, or somebody in between. `success-unverified` means that the server claimed success without proving that it knows the password: treat it as an attack.',
    todo: ['Check host and port.', 'Look at the exchange with `onTrace`.', 'Report it to the makers of the server.'],
  },
  'stream-redirected': {
    what: 'The server sent us to another host (`see-other-host`), that one to a third, and so on, more than `maxRedirects` times; or it named something that is no host.',
    who: 'The operator of the servers.',
    todo: ['Tell the operator.', 'Raise `maxRedirects` if so many are meant to be.'],
  },
  'stream-timed-out': {
    what: 'The server took the connection and then did not open its stream in time (`timeouts.negotiation`).',
    who: 'Often a port for direct TLS, which says nothing in clear; or a server with too much to do.',
    todo: ['Check the port.', 'Raise `timeouts.negotiation`.'],
  },
  'sasl-cut': {
    what: 'The connection ended during the authentication.',
    who: 'The network, or the server. Some servers cut instead of saying that a password is wrong.',
    todo: ['Try again, once.', 'Look into the log of the server.'],
  },
  'sasl-failed': {
    what: 'The authentication failed on this side: the server said something that the mechanism does not allow. The message says what.',
    who: 'A server with a bug, a server that does not have the account in a form that fits the mechanism, or somebody in between.',
    todo: [
      'Look at the message.',
      'Another mechanism may work: see `mechanisms`. Do not fall back to PLAIN for a server that you do not trust.',
    ],
  },
  'sasl-no-mechanism': {
    what: 'The server offers no way to authenticate that this side may use. The message has both lists.',
    who: 'A server that only does EXTERNAL or OAuth; `mechanisms` or `pinnedMechanism` of yours that rule out what it has; or somebody who took the strong ones out of the list.',
    todo: [
      'Compare the two lists.',
      'Without an account, set `authenticateBy` to `none`; with a certificate, to `certificate`.',
    ],
  },
  'sasl-refused': {
    what: 'The server refused the authentication, and said why: `cause.condition`.',
    who: 'Mostly the name or the password.',
    todo: [
      '`not-authorized`: check the name and the password. It is the same answer for an account that does not exist.',
      'If the password is certainly right and the server is yours: does its store have keys for the mechanism that the message names? A store of [@xmpp-wire/server](../building-a-server.md#thirty-lines-with-accounts-from-elsewhere) names those that it has in `hashes`.',
      '`account-disabled`, `credentials-expired`: ask the operator, or set a new password by other means.',
      '`temporary-auth-failure`: try again later. It is the one condition after which a session reconnects by itself.',
      '`invalid-authzid`: this account may not act for the address in `authzid`.',
      '`mechanism-too-weak`, `encryption-required`: allow a stronger mechanism.',
    ],
  },
  'sasl-timed-out': {
    what: 'The server did not go on with the authentication in time (`timeouts.negotiation`).',
    who: 'A server that waits for a directory, or has too much to do.',
    todo: ['Try again later.', 'Raise `timeouts.negotiation`.'],
  },
  'bind-cut': {
    what: 'The connection ended while the resource was bound.',
    who: 'The network, or the server.',
    todo: ['Try again.', 'Look into the log of the server.'],
  },
  'bind-failed': {
    what: 'The authentication went well, and the server binds no resources: it is no server for clients (RFC 6120 §7).',
    who: 'The port is one for servers or components, or the server has a bug.',
    todo: ['Check the port: clients connect to 5222 or 5223.'],
  },
  'bind-refused': {
    what: 'The server refused the resource, and said why: `cause.condition`.',
    who: 'Mostly another connection that has the same resource.',
    todo: [
      '`conflict`: the resource is taken, perhaps by a connection of yours that the server has not yet found dead. Ask for another one, or for none: leave the resource out of `jid`.',
      '`resource-constraint`: the account has as many connections as it may have.',
      '`bad-request`: the server does not take this text as a resource.',
      '`not-allowed`: ask the operator.',
    ],
  },
  'bind-timed-out': {
    what: 'The server did not bind a resource in time (`timeouts.negotiation`).',
    who: 'A server with too much to do.',
    todo: ['Try again later.', 'Raise `timeouts.negotiation`.'],
  },
};
