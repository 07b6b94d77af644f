// The loop: an input that reached something new is kept and changed further; one that breaks a promise is made small.
import { bytesOf, MARKS, textOf } from './input.mjs';

/** @import { Prng } from '@xmpp-wire/testing' */
/**
 * @typedef {object} Target
 * @property {string} name
 * @property {readonly string[]} seeds Latin-1
 * @property {readonly string[]} words what inputs are made of, beside the pieces of the seeds
 * @property {(input: Uint8Array) => void | Promise<void>} run throws when a promise is broken
 */
/** @typedef {{ input: Uint8Array, problem: string }} Failure */
/** @typedef {{ runs: number, corpus: number, failures: Failure[] }} Outcome */

const MOST_BYTES = 4096;
/** Failures of a target, each of another kind, after which it is left alone. */
const MOST_FAILURES = 10;

/**
 * @param {Target} target
 * @param {{ prng: Prng, coverage: { begin(): void, end(length: number): boolean }, goesOn: (runs: number) => boolean, onFailure?: (failure: Failure) => void }} how
 * @returns {Promise<Outcome>}
 */
export async function fuzz(target, { prng, coverage, goesOn, onFailure }) {
  const seeds = target.seeds.map(bytesOf);
  const words = dictionaryOf(target);
  /** @type {Uint8Array[]} */
  const corpus = [];
  /** @type {Failure[]} */
  const failures = [];
  let runs = 0;
  for (; failures.length < MOST_FAILURES && goesOn(runs); runs++) {
    // From the first moment on: a short run has to try more than what it begins with.
    const input = (runs % 2 === 0 ? seeds[runs >> 1] : undefined) ?? changed(corpus, seeds, words, prng);
    coverage.begin();
    const problem = await problemOf(target, input);
    const isNew = coverage.end(input.length);
    if (problem === undefined) {
      if (isNew || corpus.length === 0) corpus.push(input);
    } else if (!failures.some((known) => kindOf(known.problem) === kindOf(problem))) {
      const failure = { input: await smallest(target, input, problem), problem };
      failures.push(failure);
      onFailure?.(failure);
    }
  }
  return { runs, corpus: corpus.length, failures };
}

/** @param {Target} target @param {Uint8Array} input */
async function problemOf(target, input) {
  try {
    await target.run(input);
    return undefined;
  } catch (error) {
    return error instanceof Error
      ? `${error.message}\n${(error.stack ?? '').split('\n').slice(1, 4).join('\n')}`
      : String(error);
  }
}

/** What a failure is known by: its first line without what differs from one input to the next. @param {string} problem */
const kindOf = (problem) => (problem.split('\n')[0] ?? '').replaceAll(/["'‘“`{[].*/g, '').replaceAll(/\d+/g, '0');

/** Takes pieces out, shorter and shorter ones, as long as the failure stays of its kind. @param {Target} target @param {Uint8Array} input @param {string} problem */
async function smallest(target, input, problem) {
  let small = input;
  for (let length = small.length >> 1; length > 0; length >>= 1) {
    for (let at = 0; at < small.length;) {
      const shorter = joined(small.subarray(0, at), small.subarray(at + length));
      const found = await problemOf(target, shorter);
      if (found !== undefined && kindOf(found) === kindOf(problem)) small = shorter;
      else at += length;
    }
  }
  return small;
}

/** Bytes that parsers trip over. */
const ODD = [
  '',
  ' ',
  ...'\0 \x80 \xff \xc0\xaf \xed\xa0\x80 \xf4\x90\x80\x80 \xef\xbf\xbe \xef\xbb\xbf \xe2\x98 \xf0\x90\x8d\x88 \xc3\xa9 \r \n \t'.split(
    ' ',
  ),
];

/** Two lists of words, the tags, attributes and texts of the seeds apart: they are many. @param {Target} target */
function dictionaryOf({ seeds, words }) {
  const pieces = seeds.flatMap((seed) => seed.match(/<[^<>]*>|[\w:]+='[^']*'|[^<>\x01]+/g) ?? []);
  return [new Set(pieces.map((piece) => piece.slice(0, 400))), [...words, ...MARKS, ...ODD]].map((list) =>
    [...list].map(bytesOf),
  );
}

/** @param {readonly Uint8Array[]} corpus @param {readonly Uint8Array[]} seeds @param {readonly (readonly Uint8Array[])[]} words @param {Prng} prng */
function changed(corpus, seeds, words, prng) {
  const from = (/** @type {readonly Uint8Array[]} */ list) => list[prng.below(list.length)] ?? new Uint8Array();
  const all = () => from(corpus);
  // The seeds come furthest, what came last is least explored, and of what is short a change says most.
  const recent = () => from(corpus.slice(-Math.ceil(corpus.length / 8)));
  const short = () => [all(), all(), all()].toSorted((one, other) => one.length - other.length)[0] ?? all();
  const any = () => [all, recent, short, () => from(seeds)][prng.below(4)]?.() ?? all();
  let input = any();
  // What is right in one style may be wrong in another as it stands.
  const isRestyled = prng.below(8) === 0;
  if (isRestyled) input = joined(Uint8Array.of(prng.below(256)), input.subarray(1));
  for (let left = isRestyled ? prng.below(2) : 1 << prng.below(3); left > 0; left--) {
    const at = prng.below(input.length + 1);
    const length =
      prng.below(4) === 0 ? prng.below(input.length - at + 1) : prng.below(Math.min(24, input.length - at) + 1);
    const [head, middle, tail] = [input.subarray(0, at), input.subarray(at, at + length), input.subarray(at + length)];
    const word = from(words[prng.below(words.length)] ?? []);
    const other = any();
    const start = prng.below(other.length);
    switch (prng.below(8)) {
      case 0:
        input = joined(head, Uint8Array.of(prng.below(256)), tail.subarray(length === 0 ? 1 : 0));
        break;
      case 1:
        input = joined(head, tail);
        break;
      case 2:
        input = joined(head, middle, middle, tail);
        break;
      case 3:
        input = joined(head, other.subarray(start));
        break;
      case 4:
        input = joined(head, other.subarray(start, start + prng.below(200)), middle, tail);
        break;
      case 5:
        input = joined(head, word, tail);
        break;
      default:
        input = joined(head, word, middle, tail);
    }
  }
  return input.length > MOST_BYTES ? input.subarray(0, MOST_BYTES) : input;
}

/** @param {readonly Uint8Array[]} parts */
const joined = (...parts) => new Uint8Array(Buffer.concat(parts));

/** A test that fails as the input did: for `test/found.test.mjs`, and to begin an ordinary one of core with. @param {string} name @param {Failure} failure */
export function testCase(name, { input, problem }) {
  const text = JSON.stringify(textOf(input)).replaceAll(
    /[\u007f-\u00ff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const title = JSON.stringify(problem.split('\n')[0]?.slice(0, 100));
  return `it(${title}, async () => {\n  await target('${name}').run(bytesOf(${text}));\n});\n`;
}
