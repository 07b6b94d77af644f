/**
 * The character classes of XML 1.0 (fifth edition) and of Namespaces in XML 1.0, for strings. The scanner has its own
 * tables for bytes, made from these.
 */

/** XML 1.0 production [4] NameStartChar without the colon, as the inside of a character class. */
const NAME_START =
  'A-Z_a-z\\u{C0}-\\u{D6}\\u{D8}-\\u{F6}\\u{F8}-\\u{2FF}\\u{370}-\\u{37D}\\u{37F}-\\u{1FFF}\\u{200C}\\u{200D}' +
  '\\u{2070}-\\u{218F}\\u{2C00}-\\u{2FEF}\\u{3001}-\\u{D7FF}\\u{F900}-\\u{FDCF}\\u{FDF0}-\\u{FFFD}\\u{10000}-\\u{EFFFF}';

/** XML 1.0 production [4a] NameChar without the colon. */
const NAME_REST = `${NAME_START}\\-.0-9\\u{B7}\\u{300}-\\u{36F}\\u{203F}\\u{2040}`;

const NC_NAME = new RegExp(`^[${NAME_START}][${NAME_REST}]*$`, 'u');
const ASCII_NC_NAME = /^[A-Z_a-z][-.\w]*$/;

/** What is no XML character (production [2] Char); in Unicode mode a surrogate matches only when it stands alone. */
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const FORBIDDEN = /[\0-\x08\x0B\x0C\x0E-\x1F\u{D800}-\u{DFFF}\u{FFFE}\u{FFFF}]/u;
// Without the Unicode flag this runs much faster; it stops at any surrogate, paired or not.
// eslint-disable-next-line no-control-regex -- as above
const SUSPECT = /[\0-\x08\x0B\x0C\x0E-\x1F\uD800-\uDFFF\uFFFE\uFFFF]/;

/** Tells whether a string is a name without a colon (Namespaces in XML, production [4] NCName). */
export function isNcName(text: string): boolean {
  return ASCII_NC_NAME.test(text) || NC_NAME.test(text);
}

/** The index of the first character that XML 1.0 forbids, lone surrogates included, or -1. */
export function forbiddenCharacterIndex(text: string): number {
  return SUSPECT.test(text) ? text.search(FORBIDDEN) : -1;
}

/** Tells whether a code point is an XML character: what a character reference may name. */
export function isXmlCharacter(code: number): boolean {
  if (code < 0x20) return code === 0x09 || code === 0x0a || code === 0x0d;
  return code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff);
}

/** Shows a character for an error message, as U+XXXX. */
export function describeCharacter(code: number): string {
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}
