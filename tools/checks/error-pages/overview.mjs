// The pages of docs/errors that are about all codes at once.
import { GENERATED } from './page.mjs';

/** @import { Entry } from './page.mjs' */

/** @param {readonly { name: string, entries: readonly Entry[] }[]} families */
export function indexOf(families) {
  return [
    GENERATED,
    '',
    '# Every code, and what to do',
    '',
    INTRODUCTION,
    ...families.flatMap(({ name, entries }) => [
      '',
      `## ${name}`,
      '',
      ...table(
        ['Code', 'What it means'],
        entries.map(({ code, file, text }) => [`[\`${code}\`](${file})`, firstSentence(text.what)]),
      ),
    ]),
    '',
    VIOLATIONS,
    '',
  ].join('\n');
}

/** @param {Readonly<Record<string, { condition: string | undefined, section: string }>>} violations */
export function violationsOf(violations) {
  return [
    GENERATED,
    '',
    '# Rules that a peer can break',
    '',
    'The `violation` of the close cause [`peer-misbehaved`](peer-misbehaved.md): which rule it was, what the peer was told, and',
    'the section that says so (of RFC 6120, unless another document is named). Where nothing was told, the connection was cut.',
    '',
    ...table(
      ['Violation', 'Stream error', 'Section'],
      Object.entries(violations).map(([name, { condition, section }]) => [
        `\`${name}\``,
        condition === undefined ? 'none' : `\`${condition}\``,
        section,
      ]),
    ),
    '',
    '[All codes](README.md)',
    '',
  ].join('\n');
}

const INTRODUCTION = `Errors have a \`code\` for programs and a message for people: it says what was expected, what came, and what to do. The code
is stable, the message is not.

\`\`\`ts
import { LocalProtocolError } from '@xmpp-wire/core';
import { connect, XmppConnectError, XmppRequestError } from '@xmpp-wire/node-tcp';

function explain(error: unknown): string {
  if (error instanceof XmppConnectError) return \`\${error.step}: \${error.message}\`; // no connection
  if (error instanceof XmppRequestError) return error.code; // no answer
  if (error instanceof LocalProtocolError) return error.code; // a mistake in this program
  throw error;
}

// Nothing listens on port 1.
const connecting = connect({ jid: 'juliet@localhost', password: 'R0m30', host: '127.0.0.1', port: 1 });
await connecting.catch(explain); // 'tcp: 127.0.0.1 port 1 cannot be connected to (connect ECONNREFUSED 127.0.0.1:1): nothing listens there; check the host and the port'
\`\`\`

What a peer does wrong never throws: it ends the stream, with a cause, or arrives as an event (\`stanza-refused\`).`;

const VIOLATIONS = 'The rules that a peer can break are in [a table of their own](violations.md).';

/** @param {string} text */
const firstSentence = (text) => /^(?:`[^`]*`|[^`])*?[.:;](?= |$)/.exec(text)?.[0].replace(/[:;]$/, '.') ?? text;

/** A table as the formatter wants it. @param {readonly string[]} head @param {readonly (readonly string[])[]} rows */
function table(head, rows) {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(3, ...all.map((row) => (row[column] ?? '').length)));
  const line = (/** @type {readonly string[]} */ row) =>
    `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width)).join(' | ')} |`;
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rows.map(line)];
}
