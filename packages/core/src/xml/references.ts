import { describeCharacter, isNcName, isXmlCharacter } from './chars.ts';
import type { XmlViolation } from './violations.ts';

/** What is wrong with a piece of XML. */
export interface XmlProblem {
  readonly violation: XmlViolation;
  readonly detail: string;
}

// RFC 6120 §11.1: the five predefined entities, and no others.
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['apos', "'"],
  ['quot', '"'],
]);

/** Concatenation leaves a tree of pieces behind; every so many characters it is made one string. */
const PIECE = 1024;

/** Resolves the references in a string, in time linear in its length. */
export function resolveReferences(text: string): string | XmlProblem {
  const pieces: string[] = [];
  let resolved = '';
  let from = 0;
  for (let at = text.indexOf('&'); at !== -1; at = text.indexOf('&', from)) {
    const end = text.indexOf(';', at + 1);
    if (end === -1) return badReference(text.slice(at, at + 20));
    const reference = text.slice(at + 1, end);
    const value = ENTITIES.get(reference) ?? (reference.startsWith('#') ? characterOf(reference) : undefined);
    if (value === undefined) {
      // Reported with the first violation, so a string is searched for a semicolon in vain at most once.
      if (isNcName(reference)) {
        return {
          violation: 'entity-reference',
          detail: `&${shorten(reference)}; is none of the five predefined entities`,
        };
      }
      return badReference(text.slice(at, at + 20));
    }
    if (typeof value !== 'string') return value;
    resolved += text.slice(from, at) + value;
    from = end + 1;
    if (resolved.length > PIECE) {
      pieces.push(resolved);
      resolved = '';
    }
  }
  resolved += text.slice(from);
  return pieces.length === 0 ? resolved : pieces.join('') + resolved;
}

/** XML 1.0 production [66] CharRef; undefined when it is malformed. */
function characterOf(reference: string): string | XmlProblem | undefined {
  const hexadecimal = reference.startsWith('#x');
  const digits = reference.slice(hexadecimal ? 2 : 1);
  if (!(hexadecimal ? /^[0-9A-Fa-f]+$/ : /^[0-9]+$/).test(digits)) return undefined;
  // Any number of leading zeros is legal; a number too large for a double is Infinity, which is no character.
  const code = hexadecimal ? Number.parseInt(digits, 16) : Number(digits);
  if (isXmlCharacter(code)) return String.fromCodePoint(code);
  const shown = code <= 0x10ffff ? describeCharacter(code) : 'anything above U+10FFFF';
  return { violation: 'invalid-reference', detail: `a character reference to ${shown}, which is no XML character` };
}

function badReference(start: string): XmlProblem {
  return { violation: 'invalid-reference', detail: `expected a reference at ${JSON.stringify(start)}` };
}

function shorten(name: string): string {
  return name.length <= 40 ? name : `${name.slice(0, 40)}…`;
}
