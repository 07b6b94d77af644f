// The texts of the pages of ServerError: see error-pages.mjs.

/** @import { Text } from './page.mjs' */

const OPERATOR = 'Whoever runs the server.';

/** @type {Record<string, Text>} */
export const SERVER = {
  'account-exists': {
    what: 'An account of that address is there already; it was not changed.',
    todo: [
      'To give it another password: `xmpp-wire-server account password …`, or `changePassword` of the accounts.',
      'To begin afresh: remove it first.',
    ],
  },
  'account-unknown': {
    what: 'There is no account of that address, so nothing was changed.',
    todo: ['Look at the list: `xmpp-wire-server account list`. The domain is part of the address.'],
  },
  'account-unusable': {
    what: 'The address or the password cannot be those of an account: an account is `localpart@domainpart`, and a password is a text that SASLprep (RFC 4013) allows and leaves something of.',
    todo: [
      'Leave the resource out of the address.',
      'Choose a password without control characters. On the command line it is asked for twice, and both have to be the same.',
    ],
  },
  'accounts-damaged': {
    what: 'The account file is not what a server wrote: a line is not JSON, a checksum or a key is wrong, or bytes are missing. It was neither read in part nor written over.',
    who: 'A program that edited the file, a copy that was cut short, or a disk. A server that is killed leaves no such file, whenever that happens.',
    todo: [
      'The message names the line: put a backup of the file in its place.',
      'Without a backup, move it away: the next start begins without accounts.',
    ],
  },
  'accounts-in-use': {
    what: 'Another process holds the account file, which one process may change at a time. The message has its number.',
    who: 'A second server with the same `--accounts`, or a command that waits for a password.',
    todo: [
      'End the other one, or give each server a file of its own.',
      'If that process ended without a word, wait half a minute: a mark that nobody renews is taken over.',
    ],
  },
  'accounts-not-written': {
    what: 'The change could not be put on the disk; the file and the accounts are as they were before.',
    who: 'The system: the disk is full, the folder may not be written, or the file system is mounted for reading only. The message has its words.',
    todo: [
      'Make room, or let the user of the server write the folder, and do it again. A running server goes on serving.',
    ],
  },
  'accounts-unreadable': {
    what: 'The account file is there and the system does not let it be read.',
    who: OPERATOR,
    todo: ['Let the user that the server runs as read and write the file and its folder.'],
  },
  'address-unavailable': {
    what: 'The host that the server was to listen at is no address of this machine, or its name has none.',
    who: OPERATOR,
    todo: [
      '`--host ::` listens at every address of both families, `--host 127.0.0.1` for this machine alone.',
      'Inside of a container, listen at every address and publish the port.',
    ],
  },
  'certificate-not-written': {
    what: 'No certificate was named, and the one that was made instead could not be put on the disk. A certificate that nobody can find again is of no use to clients, so nothing was served with it.',
    who: 'The system: the disk is full, or the folder may not be written. The message has its words.',
    todo: [
      'Name a certificate of your own: `--cert fullchain.pem --key privkey.pem`.',
      'Or make room, or let the user of the server write the folder.',
    ],
  },
  'certificate-unusable': {
    what: 'The certificate or its key cannot be read, is not PEM, or the two are no pair. Or the files with the certificate that the server made for itself are not what it wrote.',
    who: OPERATOR,
    todo: [
      'Give the certificate with its chain, and its own private key: `--cert fullchain.pem --key privkey.pem`.',
      'Let the user of the server read the key. A key with a passphrase needs `passphrase`.',
      'If the message names the certificate that the server made for itself (`xmpp-wire-certificate.key`): put a backup in its place, or move it away. Then the next start makes another, which clients have to be told of.',
      'At SIGHUP this is logged as `reload-failed` and the old certificate stays in use.',
    ],
  },
  'configuration-invalid': {
    what: 'The options contradict each other, or the configuration file cannot be read, is not JSON, or has a member that is unknown or of the wrong kind. The message names it.',
    who: OPERATOR,
    todo: ['Correct the member that is named. Paths in the file lead from its own folder.'],
  },
  'port-forbidden': {
    what: 'The system keeps that port for its administrator.',
    who: OPERATOR,
    todo: [
      'Use a port from 1024 on; the ports of XMPP, 5222 and 5223, are.',
      'For a low one give the program the right to it: on Linux `setcap cap_net_bind_service=+ep`, or a socket of the service manager.',
    ],
  },
  'port-taken': {
    what: 'Another program listens at that port, so this server cannot.',
    who: 'Often another XMPP server, or an earlier one of the same that still runs.',
    todo: ['End the other one, or use another port: `--port`, `--direct-tls-port`, or `ports` of `createServer`.'],
  },
};
