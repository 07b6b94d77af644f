import { LocalProtocolError } from '../errors.ts';

// XEP-0106 §3.2. Two hexadecimal digits each, in lower case, as a localpart is.
const ESCAPES: ReadonlyMap<string, string> = new Map([
  [' ', '\\20'],
  ['"', '\\22'],
  ['&', '\\26'],
  ["'", '\\27'],
  ['/', '\\2f'],
  [':', '\\3a'],
  ['<', '\\3c'],
  ['>', '\\3e'],
  ['@', '\\40'],
  ['\\', '\\5c'],
]);
const CHARACTERS: ReadonlyMap<string, string> = new Map(
  Array.from(ESCAPES, ([character, escape]) => [escape, character]),
);

// A backslash needs escaping only where it would begin what reads as an escape, in capitals too: the localpart's case
// is mapped afterwards, and would make an escape of it (XEP-0106 §3.1, §4.1).
const TO_ESCAPE = /[ "&'/:<>@]|\\(?=2[0267f]|3[ace]|40|5c)/gi;
const TO_UNESCAPE = /\\(?:2[0267f]|3[ace]|40|5c)/g;

/**
 * Escapes the characters that a localpart may not hold (XEP-0106): what a person typed, or an address of another
 * system, becomes a localpart to make a JID of.
 *
 * @throws {@link LocalProtocolError} `jid-invalid` when the text begins or ends with a space, which has no escape there.
 *
 * @example
 * ```ts
 * import { escapeLocalpart } from '@xmpp-wire/core/jid';
 *
 * escapeLocalpart("d'artagnan"); // 'd\\27artagnan'
 * ```
 */
export function escapeLocalpart(text: string): string {
  // XEP-0106 §3.2: "\20" is neither the first nor the last character.
  if (text.startsWith(' ') || text.endsWith(' ')) {
    throw new LocalProtocolError(
      'jid-invalid',
      'a space at the begin or the end cannot be escaped (XEP-0106 §3.2): remove it',
    );
  }
  return text.replace(TO_ESCAPE, (character) => ESCAPES.get(character) ?? character);
}

/**
 * Undoes {@link escapeLocalpart}, to show a localpart to a person. Never compare the result, and never send it
 * (XEP-0106 §4.1). What is no escape stays as it is.
 *
 * @example
 * ```ts
 * import { unescapeLocalpart } from '@xmpp-wire/core/jid';
 *
 * unescapeLocalpart('call\\20me'); // 'call me'
 * ```
 */
export function unescapeLocalpart(localpart: string): string {
  return localpart.replace(TO_UNESCAPE, (escape, offset: number) => {
    const isAtEdge = offset === 0 || offset + escape.length === localpart.length;
    return escape === '\\20' && isAtEdge ? escape : (CHARACTERS.get(escape) ?? escape);
  });
}
