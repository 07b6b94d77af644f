import { describe, expect, it } from 'vitest';
import type { TraceEntry } from '@xmpp-wire/core';
import type { FailedConnection } from '@xmpp-wire/node-tcp';
import { annotate } from '../../src/demo/annotations.ts';
import { Screen } from '../../src/demo/screen.ts';
import { TracePrinter } from '../../src/demo/trace-printer.ts';

function printed(entry: Partial<TraceEntry>, columns?: number, colour = false): string {
  let text = '';
  const printer = new TracePrinter(new Screen({ write: (more) => (text += more), colour, columns: () => columns }));
  printer.print(
    { direction: 'in', phase: 'established', kind: 'element', bytes: 11, xml: '<presence/>', ...entry },
    { id: 1 },
  );
  return text;
}

describe('a line of the trace', () => {
  it('has direction, phase, bytes, what it is, and the XML, in columns', () => {
    expect(printed({})).toBe('C1 → established         11 B  presence §8.2.2           <presence/>\n');
    const other = printed({ direction: 'out', phase: 'switching-to-tls', bytes: 12_345, xml: '<message/>' });
    expect(other).toBe('C1 ← switching-to-tls 12345 B  message §8.2.1            <message/>\n');
  });

  it('is cut on a terminal, and not elsewhere', () => {
    const xml = `<message><body>${'x'.repeat(500)}</body></message>`;
    expect(printed({ xml }, 100)).toHaveLength(101);
    expect(printed({ xml }, 100)).toMatch(/xx…\n$/);
    expect(printed({ xml }, 10)).toMatch(/ <message><body>xxxx…\n$/);
    expect(printed({ xml })).toContain(xml);
    expect(printed({ xml: '<a>💕💕</a>' }, 57 + 9)).toContain('<a>💕💕</a>');
  });

  it('does without namespaces before it is cut', () => {
    const xml = `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-512-PLUS'>…</auth>`;
    expect(printed({ xml }, 110)).toMatch(/ <auth … mechanism='SCRAM-SHA-512-PLUS'>…<\/auth>\n$/);
    expect(printed({ xml }, 180)).toContain(xml);
    expect(printed({ xml }, 90)).toMatch(/ <auth … mechanism='SCRAM-SHA-512…\n$/);
  });

  it('has colours only when it may', () => {
    expect(printed({}, 100, true)).toContain('\u001B[36m');
    expect(printed({}, 100, false)).not.toContain('\u001B');
  });

  it('[S22] gives a peer no hold of the terminal: it is one line without controls', () => {
    const line = printed({
      xml: '<body>one\ntwo\r\nthree\tfour \u009B31m \u007F \u202Eevil \u2028 \u001B]0;x\u0007</body>',
    });
    expect(line).toContain('<body>one⏎two⏎three four \uFFFD31m \uFFFD \uFFFDevil ⏎ \uFFFD]0;x\uFFFD</body>');
  });

  it('leaves out namespaces that the stream header has declared', () => {
    const xml = "<message xmlns='jabber:client' to='a'><x xmlns='jabber:client'/></message>";
    expect(printed({ xml })).toContain(" <message to='a'><x xmlns='jabber:client'/></message>");
    const header = "<stream:stream xmlns:stream='http://etherx.jabber.org/streams'>";
    expect(printed({ kind: 'header', xml: header })).toContain(header);
  });
});

describe('a connection that came to nothing', () => {
  const peer = { id: 3, local: { address: '127.0.0.1', port: 5222 }, remote: { address: '127.0.0.1', port: 50_000 } };
  const CLOSED: FailedConnection = {
    cause: { code: 'closed-by-peer', seeOtherUri: undefined },
    error: undefined,
    peer,
  };

  /** What is printed of it, behind what the server has said to a client. */
  function printedBehind(failed: Omit<FailedConnection, 'peer'>, said: Readonly<Record<string, number>> = {}): string {
    let text = '';
    const screen = new Screen({ write: (more) => (text += more), colour: false, columns: () => undefined });
    const printer = new TracePrinter(screen);
    for (const [xml, id] of Object.entries(said)) {
      printer.print({ direction: 'out', phase: 'offering', kind: 'element', bytes: 1, xml }, { id });
    }
    text = '';
    printer.printFailure({ ...failed, peer });
    return text;
  }

  it.each<[Omit<FailedConnection, 'peer'>, string]>([
    [{ cause: undefined, error: undefined }, 'the connection ended, or its time was up, before TLS was there'],
    [{ cause: { code: 'timed-out', timer: 'negotiation' }, error: undefined }, 'nothing came in time (negotiation)'],
    [
      { cause: { code: 'unexpected-eof', detail: 'it is\ngone' }, error: undefined },
      'the connection ended in the middle: it is⏎gone',
    ],
    [CLOSED, 'the client closed the stream before it was logged in'],
  ])('%j is one line that says why', (failed, reason) => {
    expect(printedBehind(failed)).toBe(`C3 came to nothing: ${reason}\n`);
  });

  it('is told with the login that was refused, if one was and none went well behind it', () => {
    const failure = "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>";
    const success = "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>…</success>";
    const plain = 'C3 came to nothing: the client closed the stream before it was logged in';
    expect(printedBehind(CLOSED, { [failure]: 3 })).toBe(
      `${plain}; before that the server refused its login: not-authorized\n`,
    );
    expect(printedBehind(CLOSED, { [failure]: 2 })).toBe(`${plain}\n`);
    expect(printedBehind(CLOSED, { [failure]: 3, [success]: 3 })).toBe(`${plain}\n`);
    const noTls = "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
    expect(printedBehind(CLOSED, { [noTls]: 3 })).toBe(`${plain}\n`);
  });
});

describe('what a line is', () => {
  const element = (xml: string): Partial<TraceEntry> => ({ kind: 'element', xml });
  it.each<[Partial<TraceEntry>, string]>([
    [{ kind: 'header', direction: 'in' }, 'initial header §4.2'],
    [{ kind: 'header', direction: 'out' }, 'response header §4.2'],
    [{ kind: 'closing-tag' }, 'closing tag §4.4'],
    [{ kind: 'whitespace' }, 'keepalive §4.6.1'],
    [element("<stream:features xmlns:stream='s'><starttls xmlns='t'/></stream:features>"), 'offers STARTTLS §5.4.1'],
    [element("<stream:features xmlns:stream='s'><mechanisms xmlns='t'/></stream:features>"), 'offers SASL §6.4.1'],
    [element("<stream:features xmlns:stream='s'><bind xmlns='t'/></stream:features>"), 'offers binding §7.4'],
    [element("<stream:features xmlns:stream='s'/>"), 'offers nothing more §4.3.2'],
    [element("<starttls xmlns='t'/>"), 'asks for TLS §5.4.2.1'],
    [element("<failure xmlns='t'/>"), 'SASL failed §6.4.5'],
    [element("<stream:error xmlns:stream='s'><reset/></stream:error>"), 'stream error §4.9'],
    [element("<message to='a'/>"), 'message §8.2.1'],
    [element("<message to='a' type='error'/>"), 'stanza error §8.3'],
    [element("<presence type='error'/>"), 'stanza error §8.3'],
    [element("<iq type='error' id='1'/>"), 'stanza error §8.3'],
    [element("<iq type='result' id='1'/>"), 'iq result §8.2.3'],
    [element("<iq id='1' type='get'><ping xmlns='urn:xmpp:ping'/></iq>"), 'iq get (ping) §8.2.3'],
    [element("<iq id='1' type='get'><query xmlns='jabber:iq:roster'/></iq>"), 'iq get (roster) §8.2.3'],
    [element("<iq id='1' type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"), 'binds a resource §7.7'],
    [element("<iq id='1' type='result'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"), 'is bound §7.7'],
    [element("<enable xmlns='urn:xmpp:sm:3'/>"), ''],
  ])('%o: %s', (entry, note) => {
    expect(annotate({ direction: 'in', phase: 'established', bytes: 1, xml: '', kind: 'element', ...entry })).toBe(
      note,
    );
  });
});
