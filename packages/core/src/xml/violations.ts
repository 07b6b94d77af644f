/**
 * Everything that the XML reader can hold against its peer. One row decides what the peer hears: the detecting code names
 * the violation, the row gives the stream error condition and the section of RFC 6120.
 */
export const XML_VIOLATIONS: Readonly<Record<XmlViolation, XmlViolationRow>> = {
  // RFC 6120 §11.1: what XML has and XMPP forbids.
  comment: { condition: 'restricted-xml', section: '11.1' },
  'processing-instruction': { condition: 'restricted-xml', section: '11.1' },
  doctype: { condition: 'restricted-xml', section: '11.1' },
  'entity-reference': { condition: 'restricted-xml', section: '11.1' },

  // RFC 6120 §11.6: UTF-8 and nothing else.
  'invalid-utf8': { condition: 'unsupported-encoding', section: '4.9.3.22' },
  'wrong-encoding': { condition: 'unsupported-encoding', section: '11.6' },

  // RFC 6120 §11.3: well-formed by XML 1.0 …
  'invalid-character': { condition: 'not-well-formed', section: '11.3' },
  'invalid-reference': { condition: 'not-well-formed', section: '11.3' },
  'invalid-name': { condition: 'not-well-formed', section: '11.3' },
  'malformed-tag': { condition: 'not-well-formed', section: '11.3' },
  'malformed-markup': { condition: 'not-well-formed', section: '11.3' },
  'less-than-in-attribute': { condition: 'not-well-formed', section: '11.3' },
  'section-end-in-text': { condition: 'not-well-formed', section: '11.3' },
  'tag-mismatch': { condition: 'not-well-formed', section: '11.3' },
  'duplicate-attribute': { condition: 'not-well-formed', section: '11.3' },
  'malformed-xml-declaration': { condition: 'not-well-formed', section: '11.5' },
  'misplaced-xml-declaration': { condition: 'not-well-formed', section: '11.5' },
  'unsupported-xml-version': { condition: 'not-well-formed', section: '11.8' },
  'text-outside-root': { condition: 'not-well-formed', section: '11.3' },
  'content-after-root': { condition: 'not-well-formed', section: '11.3' },
  'incomplete-document': { condition: 'not-well-formed', section: '11.3' },
  // … and by Namespaces in XML 1.0.
  'unbound-prefix': { condition: 'not-well-formed', section: '11.3' },
  'illegal-namespace-declaration': { condition: 'not-well-formed', section: '11.3' },

  // Only white space may stand between first-level elements (RFC 6120 §11.7), and a stream has one header (§4.2).
  'text-at-first-level': { condition: 'bad-format', section: '4.9.3.1' },
  'second-header': { condition: 'bad-format', section: '4.9.3.1' },

  // RFC 6120 §13.12: limits.
  'stanza-too-large': { condition: 'policy-violation', section: '13.12' },
  'too-deep': { condition: 'policy-violation', section: '13.12' },
  'too-many-elements': { condition: 'policy-violation', section: '13.12' },
  'too-many-attributes': { condition: 'policy-violation', section: '13.12' },
  'too-many-namespace-declarations': { condition: 'policy-violation', section: '13.12' },
  'name-too-long': { condition: 'policy-violation', section: '13.12' },
  'attribute-value-too-long': { condition: 'policy-violation', section: '13.12' },
};

/** The name of one thing that the XML reader can hold against its peer. */
export type XmlViolation =
  | 'comment'
  | 'processing-instruction'
  | 'doctype'
  | 'entity-reference'
  | 'invalid-utf8'
  | 'wrong-encoding'
  | 'invalid-character'
  | 'invalid-reference'
  | 'invalid-name'
  | 'malformed-tag'
  | 'malformed-markup'
  | 'less-than-in-attribute'
  | 'section-end-in-text'
  | 'tag-mismatch'
  | 'duplicate-attribute'
  | 'malformed-xml-declaration'
  | 'misplaced-xml-declaration'
  | 'unsupported-xml-version'
  | 'text-outside-root'
  | 'content-after-root'
  | 'incomplete-document'
  | 'unbound-prefix'
  | 'illegal-namespace-declaration'
  | 'text-at-first-level'
  | 'second-header'
  | 'stanza-too-large'
  | 'too-deep'
  | 'too-many-elements'
  | 'too-many-attributes'
  | 'too-many-namespace-declarations'
  | 'name-too-long'
  | 'attribute-value-too-long';

/** What a violation is answered with, and the section of RFC 6120 that says so. */
export interface XmlViolationRow {
  readonly condition: 'bad-format' | 'not-well-formed' | 'policy-violation' | 'restricted-xml' | 'unsupported-encoding';
  readonly section: string;
}
