import type { Jid } from '../jid/index.ts';
import type { XmlElement } from '../xml/index.ts';
import { checkLang } from './build.ts';
import type { Stanza } from './stanza.ts';

/** What {@link stamp} asserts. What is left out stays as it is. */
export interface StampFields {
  readonly to?: Jid | undefined;
  readonly from?: Jid | undefined;
  /** Set only where the stanza has no xml:lang of its own. */
  readonly lang?: string | undefined;
}

/**
 * Makes the same stanza with addresses that the server asserts, whatever it claimed before (RFC 6120 §8.1.2.1 rule 1),
 * and with the language of the stream it came on where it names none (§8.1.5: an xml:lang that is there stays).
 *
 * @throws {@link LocalProtocolError} `lang-invalid`.
 *
 * @example
 * ```ts
 * import { jid, message, stamp } from '@xmpp-wire/core';
 *
 * const claimed = message({ from: jid('mallory@im.example.com'), to: jid('romeo@example.net'), body: 'Hist!' });
 * stamp(claimed, { from: jid('juliet@im.example.com/balcony') }).element.attribute('from'); // 'juliet@im.example.com/balcony'
 * ```
 */
export function stamp<S extends Stanza>(stanza: S, { to, from, lang }: StampFields): S {
  let { element } = stanza;
  if (from !== undefined) element = withAddress(element, 'from', from);
  if (to !== undefined) element = withAddress(element, 'to', to);
  const addsLang = lang !== undefined && element.attribute('xml:lang') === undefined;
  if (addsLang) {
    checkLang(lang);
    element = element.withAttribute('xml:lang', lang);
  }
  return {
    ...stanza,
    element,
    to: to ?? stanza.to,
    from: from ?? stanza.from,
    lang: addsLang ? lang : stanza.lang,
  };
}

/** @internal An attribute of a stanza that is an address; as it is when it says so already. */
function withAddress(element: XmlElement, name: 'to' | 'from', address: Jid): XmlElement {
  const text = address.toString();
  return element.attribute(name) === text ? element : element.withAttribute(name, text);
}
