// An input is bytes with marks in them: byte 1 and a letter. So that a change of the bytes takes along where they are cut
// and what happens between them, and one list of words serves for all of it.
import { chunk } from '@xmpp-wire/testing';

const MARK = 1;
const LETTERS = '|acefnpqrstwxCFST';

/** @typedef {{ pieces: readonly Uint8Array[], mark: string }} Stretch bytes, cut as the input says, and the mark that ends them; `''` at the end */
/** @typedef {'given' | 'whole' | 'bytes'} Cut */

/** @param {string} letter */
export const mark = (letter) => `\x01${letter}`;
/** What is different from one run to the next: the dictionary has them too. */
export const MARKS = [...LETTERS].map(mark);

/** @param {string} text Latin-1: one character, one byte */
export const bytesOf = (text) => new Uint8Array(Buffer.from(text, 'latin1'));
/** @param {Uint8Array} bytes */
export const textOf = (bytes) => Buffer.from(bytes).toString('latin1');

/** Words that stand in a text with two spaces or a line break between them. @param {string} text */
export const wordsOf = (text) => text.trim().split(/\n +|  /);

/** @param {Uint8Array} input @returns {Stretch[]} */
export function stretchesOf(input) {
  /** @type {Stretch[]} */
  const stretches = [];
  /** @type {Uint8Array[]} */
  let pieces = [];
  let from = 0;
  for (let at = 0; at < input.length; at++) {
    const letter = String.fromCharCode(input[at + 1] ?? 0);
    if (input[at] !== MARK || !LETTERS.includes(letter)) continue;
    if (at > from) pieces.push(input.slice(from, at));
    at += 1;
    from = at + 1;
    if (letter === '|') continue;
    stretches.push({ pieces, mark: letter });
    pieces = [];
  }
  if (from < input.length) pieces.push(input.slice(from));
  return [...stretches, { pieces, mark: '' }];
}

/** @param {readonly Uint8Array[]} pieces @param {Cut} cut */
export function cutAs(pieces, cut) {
  return cut === 'given' ? pieces : chunk(new Uint8Array(Buffer.concat(pieces)), cut);
}
