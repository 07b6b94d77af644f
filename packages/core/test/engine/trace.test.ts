import { describe, expect, it } from 'vitest';
import type { TraceEntry } from '../../src/index.ts';
import { redact } from '../../src/engine/redact.ts';
import { xml, type XmlElement } from '../../src/xml/index.ts';
import { client, mechanisms, RESPONSE, SASL_NS } from './script.ts';
import { join, newInitiating, newReceiving } from './support.ts';

describe('the trace', () => {
  it('has a line for everything that crosses the wire, with its bytes and its phase', () => {
    const lines: TraceEntry[] = [];
    const initiating = newInitiating({ onTrace: (entry) => lines.push(entry) });
    initiating.open();
    const run = join(initiating, newReceiving());
    initiating.close();
    const sent = lines.filter((line) => line.direction === 'out');
    expect(sent.map((line) => line.kind)).toEqual([
      'header',
      'element',
      'header',
      'element',
      'element',
      'header',
      'element',
      'closing-tag',
    ]);
    const closing = '</stream:stream>'.length;
    expect(sent.reduce((sum, line) => sum + line.bytes, 0)).toBe(run.initiating.wire.length + closing);
    const received = lines.filter((line) => line.direction === 'in');
    expect(received.reduce((sum, line) => sum + line.bytes, 0)).toBe(run.receiving.wire.length);
    expect(lines[0]).toMatchObject({ phase: 'unopened', kind: 'header' });
    expect(lines.at(-2)).toMatchObject({ direction: 'in', kind: 'element' });
  });

  it('shows no secret and nothing that one can be computed from', () => {
    const lines: string[] = [];
    const initiating = newInitiating({ mechanisms: ['PLAIN'], onTrace: (entry) => lines.push(entry.xml) });
    const receiving = newReceiving({ onTrace: (entry) => lines.push(entry.xml) });
    initiating.open();
    join(initiating, receiving);
    const all = lines.join('\n');
    expect(all).toContain("mechanism='PLAIN'>…</auth>");
    expect(all).toContain('<mechanism>PLAIN</mechanism>');
    expect(all).not.toContain(btoa('\0juliet\0r0m30'));
  });

  it('shows no secret beside a child either, where SASL has none, and leaves the condition of a failure', () => {
    const sasl = (name: string, ...children: readonly (string | XmlElement)[]) =>
      String(redact(xml(name, { xmlns: SASL_NS }, children)));
    expect(sasl('auth', 'AGp1bGlldABy', xml('x', { xmlns: 'urn:example' }), 'MG0zMA==')).not.toMatch(
      /AGp1bGlldABy|MG0zMA/,
    );
    const failure = sasl(
      'failure',
      '\n',
      xml('not-authorized', { xmlns: SASL_NS }),
      '\n',
      xml('text', { xmlns: SASL_NS }, 'No.'),
    );
    expect(failure).toContain('<not-authorized/>');
    expect(failure).toContain('No.');
    expect(failure).not.toContain('…');
  });

  it('shows closing tags and white space', () => {
    const lines: TraceEntry[] = [];
    const script = client({ onTrace: (entry) => lines.push(entry) });
    script.peer(`${RESPONSE}${mechanisms('PLAIN')} </stream:stream>`);
    expect(lines.slice(-3).map((line) => [line.direction, line.kind, line.bytes, line.xml])).toEqual([
      ['in', 'whitespace', 1, ' '],
      ['in', 'closing-tag', 16, '</stream:stream>'],
      ['out', 'closing-tag', 16, '</stream:stream>'],
    ]);
  });

  it.each([
    [
      xml('query', { xmlns: 'jabber:iq:register' }, xml('username', {}, 'bill'), xml('password', {}, 'calliope')),
      'calliope',
    ],
    [xml('query', { xmlns: 'jabber:iq:auth' }, xml('digest', {}, '48fc78be9')), '48fc78be9'],
    [xml('handshake', { xmlns: 'jabber:component:accept' }, 'aaee83c26aeeafcbabeabfcbcd50df997e0a2a1e'), 'aaee83c2'],
    [xml('challenge', { xmlns: 'urn:ietf:params:xml:ns:xmpp-sasl' }, 'cj1meWtv'), 'cj1meWtv'],
  ])('takes the secret out of %s', (element, secret) => {
    expect(String(redact(element))).not.toContain(secret);
    expect(String(redact(element))).toContain('…');
  });

  it('leaves everything else as it is', () => {
    const message = xml(
      'message',
      { to: 'romeo@example.net' },
      xml('body', {}, 'Wherefore?'),
      ' ',
      xml('x', { xmlns: 'urn:example:x' }),
    );
    expect(redact(message).equals(message)).toBe(true);
  });
});

describe('describe()', () => {
  it('tells phase, open ask, timers and buffers', () => {
    const script = client({}, () => undefined);
    script.entity.nextTimeout(7);
    expect(script.entity.describe()).toEqual({
      phase: 'awaiting-header',
      openAsk: undefined,
      timers: new Map([['negotiation', 30_007]]),
      bufferedInput: 0,
      bufferedOutput: 0,
      wantsInput: true,
    });
  });
});
