import { VIOLATIONS } from '@xmpp-wire/core';
import { RECONNECT_RULES } from '@xmpp-wire/node-tcp';
import { describe, expect, it } from 'vitest';
import { checkErrorPages, FAMILIES } from '../error-pages.mjs';
import { repositoryFiles } from '../files.mjs';

const tables = { rules: RECONNECT_RULES, violations: VIOLATIONS };
const files = repositoryFiles();
const messages = (/** @type {{ path: string, text: string }[]} */ changed, families = FAMILIES) =>
  checkErrorPages(changed, tables, { families }).map(({ path, message }) => `${path}: ${message}`);

/** The files with one of them changed. @param {RegExp} path @param {(text: string) => string} change */
const withChange = (path, change) =>
  files.map((file) => (path.test(file.path) ? { ...file, text: change(file.text) } : file));

describe('the pages of error codes', () => {
  it('are there for every code, and say what the texts say', () => {
    expect(messages(files)).toEqual([]);
  });

  it('are missing for a code that is new', () => {
    const changed = withChange(/connect-error\.ts$/, (text) =>
      text.replace("| 'tls-cut'", "| 'tls-cut'\n  | 'tls-odd'"),
    );
    expect(messages(changed)).toEqual([
      'tools/checks/error-pages/connect.mjs: tls-odd has no text: say what it means and what to do',
      'tools/checks/error-pages/connect.mjs: nothing in the sources makes tls-odd',
    ]);
  });

  it.each([
    ['a condition', /stream\/stream-error\.ts$/, "'reset',", "'reset', 'odd-condition',", 'odd-condition has no text'],
    ['a close cause', /core\/src\/events\.ts$/, "code: 'timed-out'", "code: 'odd-end'", 'odd-end has no text'],
    ['a close cause of an interface', /outcome\.ts$/, "'negotiation-failed'", "'odd-end'", 'odd-end has no text'],
    [
      'a code of requests',
      /requests\.ts$/,
      "= 'request-timed-out'",
      "= 'odd' | 'request-timed-out'",
      'odd has no text',
    ],
    [
      'a code of the program',
      /core\/src\/errors\.ts$/,
      "| 'ask-foreign'",
      "| 'odd' | 'ask-foreign'",
      'odd has no text',
    ],
  ])('are missing for %s that is new', (_, path, from, to, expected) => {
    const found = messages(withChange(path, (text) => text.replace(from, to)));
    expect(found.join('\n')).toContain(expected);
  });

  it('are too many when a code is gone', () => {
    const changed = withChange(/core\/src\/errors\.ts$/, (text) => text.replace("  | 'ask-foreign'\n", ''));
    expect(messages(changed)).toContain('tools/checks/error-pages/others.mjs: ask-foreign is no code any more');
    expect(messages(changed)).toContain('docs/errors/ask-foreign.md: is about no code: remove it');
  });

  it('are old when somebody edits them by hand', () => {
    const changed = withChange(/docs\/errors\/tls-cut\.md$/, (text) => `${text}\nMore.\n`);
    expect(messages(changed)).toEqual([expect.stringMatching(/^docs\/errors\/tls-cut\.md: is missing or old/)]);
  });

  it('of a family whose codes are not found is a mistake of the check', () => {
    const lost = FAMILIES.map((family) => ({ ...family, codes: () => [] }));
    expect(messages(files, lost).filter((each) => each.endsWith('no codes were found in the sources'))).toHaveLength(
      FAMILIES.length,
    );
  });
});
