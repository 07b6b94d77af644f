import { describe, expect, it } from 'vitest';
import { bytesOf, CODECS, HEADER, pieces, readAll } from './support.ts';

/** Long enough to be read by words to its end. */
const PADDING = ' '.repeat(300);

const NAMES = ['a', 'to', 'id', 'iq', 'ver', 'body', 'resume', 'resumed', 'message', 'subscription', 'not-authorized'];

/** Other names that begin or end like this one. */
function neighbours(name: string): string[] {
  const cut = Array.from({ length: name.length - 1 }, (_, at) => name.slice(0, at + 1));
  const changed = Array.from({ length: name.length }, (_, at) => `${name.slice(0, at)}_${name.slice(at + 1)}`);
  return [name, ...cut, ...changed, `${name}x`, `${name}é`, `${name}-${name}`];
}

describe.each(CODECS)('long chunks, %s codec', (_, textCodec) => {
  it.each(NAMES)('know %s from the names that are nearly the same', (name) => {
    const names = neighbours(name);
    const text = names.map((each) => `<${each} ${each}='1'><${each}\t/></${each}>`).join('');
    const outcomes = readAll([bytesOf(HEADER + text + PADDING)], { textCodec }).slice(1);
    const ns = 'jabber:client';
    expect(outcomes.map(({ tree }) => tree)).toEqual(
      names.map((each) => ({
        ns,
        name: each,
        attrs: [['', each, '1']],
        children: [{ ns, name: each, attrs: [], children: [] }],
      })),
    );
  });

  it('know a namespace from those that differ in one character', () => {
    const namespace = 'http://jabber.org/protocol/disco#info';
    const others = Array.from(namespace, (_character, at) => `${namespace.slice(0, at)}~${namespace.slice(at + 1)}`);
    const namespaces = [...others, `${namespace}2`, namespace.slice(0, -1)].flatMap((each) => [namespace, each]);
    const text = namespaces.map((each) => `<query xmlns='${each}'/>`).join('');
    const outcomes = readAll([bytesOf(HEADER + text + PADDING)], { textCodec }).slice(1);
    expect(outcomes.map(({ tree }) => tree?.ns)).toEqual(namespaces);
  });

  it.each(['body', 'resumed', 'not-authorized'])('hold an end tag of %s to each of its characters', (name) => {
    for (const other of neighbours(name).slice(1)) {
      const outcomes = readAll([bytesOf(`${HEADER}<${name}></${other}>${PADDING}`)], { textCodec });
      expect(outcomes.at(-1)).toMatchObject({ violation: 'tag-mismatch' });
    }
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7])('find what ends or interrupts a run after %i characters', (length) => {
    const run = 'x'.repeat(length);
    const values = ['', ' ', '~', '&amp;', '&lt;', '>', '"', 'é', '日本', '😀', '\u007F'].map(
      (each) => run + each + run,
    );
    const text = values.map((each) => `<a b='${each}'>${each}<![CDATA[${each}]]></a>`).join('');
    const bytes = bytesOf(HEADER + text + PADDING);
    const outcomes = readAll([bytes], { textCodec });
    expect(outcomes).toEqual(readAll(pieces(bytes, 7), { textCodec }));
    const resolved = values.map((each) => each.replace('&amp;', '&').replace('&lt;', '<'));
    expect(outcomes.slice(1).map(({ tree }) => tree?.attrs[0]?.[2])).toEqual(resolved);
    expect(outcomes.slice(1).map(({ tree }) => tree?.children[0] ?? '')).toEqual(
      resolved.map((each, at) => each + (values[at] ?? '')),
    );
  });

  it.each(['\u0000', '\u0001', '\u001F', '<', '&', ']]>', '\uFFFE'])('refuse %j wherever it stands in a run', (bad) => {
    for (let length = 0; length < 9; length++) {
      const run = 'x'.repeat(length);
      for (const text of [`<a>${run}${bad}${run}</a>`, `<a b='${run}${bad}${run}'/>`]) {
        const bytes = bytesOf(HEADER + text + PADDING);
        const outcomes = readAll([bytes], { textCodec });
        expect(outcomes).toEqual(readAll(pieces(bytes, 7), { textCodec }));
        // In a value `]]>` means nothing.
        expect(outcomes.at(-1)?.type).toBe(bad === ']]>' && text.includes('=') ? 'element' : 'violation');
      }
    }
  });
});
