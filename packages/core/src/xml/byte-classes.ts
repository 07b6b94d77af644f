/**
 * The class of each byte in each context. A loop over a run ORs the classes of what it passes; the slow paths run only
 * when a bit is set.
 */

/** The run ends here: `<` in text, the closing quote in an attribute value. */
export const STOP = 1;
/** `&` */
export const AMPERSAND = 2;
/** What newline or attribute-value normalisation changes. */
export const NORMALISED = 4;
/** Part of a character outside ASCII. */
export const HIGH = 8;
/** `>` in text: perhaps the end of `]]>`. */
export const GREATER = 16;
/** A control character that XML forbids, or a byte that UTF-8 never uses: nothing good can follow. */
export const FATAL = 32;
/** The first byte of U+F000 to U+FFFF, of which two are no characters. */
export const LAST_PLANE = 64;
/** `<` in an attribute value. */
export const LESS = 128;

function classes(marks: Readonly<Record<string, number>>): Uint8Array {
  const table = new Uint8Array(256);
  for (let byte = 0; byte < 0x20; byte++) table[byte] = FATAL;
  for (const byte of [0x09, 0x0a, 0x0d]) table[byte] = 0;
  for (let byte = 0x80; byte < 0x100; byte++) table[byte] = HIGH;
  for (const byte of [0xc0, 0xc1]) table[byte] = HIGH | FATAL;
  for (let byte = 0xf5; byte < 0x100; byte++) table[byte] = HIGH | FATAL;
  table[0xef] = HIGH | LAST_PLANE;
  for (const [character, mark] of Object.entries(marks)) table[character.charCodeAt(0)] = mark;
  return table;
}

/** Character data; `]]>` is looked for where a `>` was seen. */
export const TEXT: Uint8Array = classes({ '<': STOP, '&': AMPERSAND, '\r': NORMALISED, '>': GREATER });
/** The inside of a CDATA section, which ends at a `>` after `]]`. */
export const SECTION: Uint8Array = classes({ '\r': NORMALISED, '>': GREATER });
/** An attribute value; which of the quotes ends it is for the scanner to tell. */
export const VALUE: Uint8Array = classes({
  '<': LESS,
  '&': AMPERSAND,
  '\t': NORMALISED,
  '\n': NORMALISED,
  '\r': NORMALISED,
  "'": STOP,
  '"': STOP,
});

/** A start tag, when only its end is looked for: `<` and what is fatal stop, quotes and `>` need a look. */
export const MARKUP: Uint8Array = Uint8Array.from(TEXT, (kind, byte) =>
  (kind & (STOP | FATAL)) === 0 ? (byte === 0x22 || byte === 0x27 || byte === 0x3e ? GREATER : 0) : STOP,
);

/** 1 for each byte that can be part of a name: the ASCII name characters, the colon, and all of 0x80 and above. */
export const NAME: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x80 || /[-.:\w]/.test(String.fromCharCode(byte)) ? 1 : 0,
);
