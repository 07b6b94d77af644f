/**
 * Strings to bytes with XML's escapes. What is escaped, so that every reader reads back the same string:
 *
 * - text: `&`, `<`, `>` (of which `]]>` is made), CR (it would be normalised to LF);
 * - attribute values: `&`, `<`, `'` (the quote in use), and TAB, LF, CR (they would be normalised to spaces).
 */
import type { OutputBuffer } from '../bytes/output-buffer.ts';
import { forbiddenCharacter } from './attribute-key.ts';
import * as classes from './byte-classes.ts';
import { forbiddenCharacterIndex } from './chars.ts';

// Constants of this module: see scanner.ts.
const { AMPERSAND, FATAL, GREATER, LAST_PLANE, LESS, NORMALISED, STOP, TEXT } = classes;
const ESCAPED = AMPERSAND | GREATER | LESS | NORMALISED | STOP;
const SUSPECT = FATAL | LAST_PLANE;
const APOSTROPHE = 0x27;

/** The classes of {@link classes.VALUE}, but for `"`, which is no quote here. */
const SINGLE_QUOTED: Uint8Array = classes.VALUE.map((kind, byte) => (byte === 0x22 ? 0 : kind));

const IN_TEXT = /[&<>\r]/g;
const IN_VALUE = /[&<'\t\n\r]/g;

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ["'", '&apos;'],
  ['\t', '&#9;'],
  ['\n', '&#10;'],
  ['\r', '&#13;'],
]);

/** A longer string is not copied byte by byte: what would have to be escaped is searched for. */
const SHORT = 340;

/**
 * Appends character data.
 *
 * @throws LocalProtocolError `xml-character-forbidden`; what was written is the caller's to take back.
 */
export function appendCharacterData(output: OutputBuffer, text: string): void {
  if (text.length > SHORT) {
    const plain = !text.includes('&') && !text.includes('<') && !text.includes('>') && !text.includes('\r');
    appendLong(output, plain ? text : text.replaceAll(IN_TEXT, escapeOf));
    return;
  }
  const start = output.length;
  const found = output.appendClassified(text, TEXT, 0);
  if ((found & SUSPECT) !== 0) check(text);
  if ((found & ESCAPED) === 0) return;
  output.truncate(start);
  output.appendText(text.replaceAll(IN_TEXT, escapeOf));
}

/**
 * Appends an attribute value and the single quote that ends it.
 *
 * @throws LocalProtocolError likewise.
 */
export function appendAttributeValue(output: OutputBuffer, value: string): void {
  if (value.length > SHORT) {
    appendLong(output, value.replaceAll(IN_VALUE, escapeOf));
    output.appendByte(APOSTROPHE);
    return;
  }
  const start = output.length;
  const found = output.appendClassified(value, SINGLE_QUOTED, APOSTROPHE);
  if ((found & SUSPECT) !== 0) check(value);
  if ((found & ESCAPED) === 0) return;
  output.truncate(start);
  output.appendText(value.replaceAll(IN_VALUE, escapeOf));
  output.appendByte(APOSTROPHE);
}

function appendLong(output: OutputBuffer, text: string): void {
  const start = output.length;
  const ascii = output.appendText(text);
  if (!ascii || output.hasControlSince(start)) check(text);
}

function check(text: string): void {
  const index = forbiddenCharacterIndex(text);
  if (index !== -1) throw forbiddenCharacter(text.codePointAt(index) ?? 0, 'an element to be written');
}

function escapeOf(character: string): string {
  return ESCAPES.get(character) ?? character;
}
