import { jidFromParts, parseJidParts, type Jid } from '@xmpp-wire/core/jid';
import * as fc from 'fast-check';

/** Domains: names of one to four labels, with digits and hyphens, and IP literals. */
export function domains(): fc.Arbitrary<Jid> {
  const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/);
  const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));
  const text = fc.oneof(
    { weight: 8, arbitrary: name },
    fc.ipV4(),
    fc.ipV6().map((address) => `[${address}]`),
  );
  return text
    .filter((domainpart) => parseJidParts({ domainpart }).ok)
    .map((domainpart) => jidFromParts({ domainpart }));
}

/** Bare JIDs of accounts: a localpart and a domain. */
export function bareJids(): fc.Arbitrary<Jid> {
  // What RFC 7622 §3.3.1 excludes is not in it: " & ' / : < > @ and white space.
  const localpart = fc.stringMatching(/^[a-z0-9!#$%()*+,.=?_{|}~^-]{1,16}$/);
  return fc
    .tuple(localpart, domains())
    .filter(([local, { domainpart }]) => parseJidParts({ localpart: local, domainpart }).ok)
    .map(([local, { domainpart }]) => jidFromParts({ localpart: local, domainpart }));
}

/** Full JIDs: with a resource in which nearly everything that can be printed occurs. */
export function fullJids(): fc.Arbitrary<Jid> {
  const resourcepart = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/);
  return fc
    .tuple(bareJids(), resourcepart)
    .filter(
      ([bare, resource]) =>
        parseJidParts({ localpart: bare.localpart, domainpart: bare.domainpart, resourcepart: resource }).ok,
    )
    .map(([{ localpart, domainpart }, resource]) => jidFromParts({ localpart, domainpart, resourcepart: resource }));
}

/** Addresses of every kind. */
export function jids(): fc.Arbitrary<Jid> {
  return fc.oneof(domains(), bareJids(), fullJids());
}
