/**
 * Strings to bytes with XML's escapes. What is escaped, so that every reader reads back the same string:
 *
 * - text: `&`, `<`, `>` (of which `]]>` is made), CR (it would be normalised to LF);
 * - attribute values: `&`, `<`, `'` (the quote in use), and TAB, LF, CR (they would be normalised to spaces).
 */
import type { OutputBuffer } from '../bytes/output-buffer.ts';
import { LocalProtocolError } from '../errors.ts';
import { describeCharacter } from './chars.ts';

/** For each ASCII character: 0 goes out as it is, 1 is escaped, 2 is forbidden. */
type ClassTable = Uint8Array;

const ESCAPED = 1;
const FORBIDDEN = 2;

function classTable(escaped: string): ClassTable {
  const table = new Uint8Array(128);
  for (let code = 0; code < 0x20; code++) {
    if (code !== 0x09 && code !== 0x0a && code !== 0x0d) table[code] = FORBIDDEN;
  }
  for (const character of escaped) table[character.charCodeAt(0)] = ESCAPED;
  return table;
}

/** How character data is written. */
export const TEXT_CLASSES: ClassTable = classTable('&<>\r');
/** How an attribute value is written, between single quotes. */
export const ATTRIBUTE_CLASSES: ClassTable = classTable("&<'\t\n\r");

const ESCAPES: readonly (readonly [string, string])[] = [
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ["'", '&apos;'],
  ['\t', '&#9;'],
  ['\n', '&#10;'],
  ['\r', '&#13;'],
];
const ESCAPE_OF: ReadonlyMap<number, string> = new Map(ESCAPES.map(([from, to]) => [from.charCodeAt(0), to]));

/** The longest that one UTF-16 unit can become: `&apos;`. */
const MAX_BYTES_PER_UNIT = 6;

/**
 * Appends a string, escaped by the table given.
 *
 * @throws LocalProtocolError `xml-character-forbidden`; what was written up to there stays and is the caller's to take back.
 */
export function appendEscaped(output: OutputBuffer, text: string, classes: ClassTable): void {
  const bytes = output.reserve(text.length * MAX_BYTES_PER_UNIT);
  let at = output.length;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x80) {
      if (classes[code] === 0) {
        bytes[at++] = code;
        continue;
      }
      const escape = ESCAPE_OF.get(code);
      if (classes[code] === FORBIDDEN || escape === undefined) refuse(code);
      for (let each = 0; each < escape.length; each++) bytes[at++] = escape.charCodeAt(each);
    } else if (code < 0x800) {
      bytes[at++] = 0xc0 | (code >> 6);
      bytes[at++] = 0x80 | (code & 0x3f);
    } else if (code >= 0xd800 && code < 0xe000) {
      const low = code < 0xdc00 ? text.charCodeAt(++index) : 0;
      if (!(low >= 0xdc00 && low < 0xe000)) refuse(code);
      const point = ((code & 0x3ff) << 10) + (low & 0x3ff) + 0x10000;
      bytes[at++] = 0xf0 | (point >> 18);
      bytes[at++] = 0x80 | ((point >> 12) & 0x3f);
      bytes[at++] = 0x80 | ((point >> 6) & 0x3f);
      bytes[at++] = 0x80 | (point & 0x3f);
    } else {
      if (code >= 0xfffe) refuse(code);
      bytes[at++] = 0xe0 | (code >> 12);
      bytes[at++] = 0x80 | ((code >> 6) & 0x3f);
      bytes[at++] = 0x80 | (code & 0x3f);
    }
  }
  output.advance(at);
}

function refuse(code: number): never {
  throw new LocalProtocolError('xml-character-forbidden', `XML 1.0 allows no ${describeCharacter(code)}`);
}
