import { describe, expect, it } from 'vitest';
import { message, type TraceEntry } from '../../src/index.ts';
import { auth, bytes, failure, header, HEADER, plain, RESPONSE, SASL_NS, SECURED, server } from './script.ts';
import { newInitiating, newReceiving } from './support.ts';

const BOTH = ['jabber:client', 'jabber:server'] as const;

describe('corners of the receiving side', () => {
  it('an exchange that is begun again and again counts as tried again and again', () => {
    const script = server({ authenticationRetries: 2 });
    script.peer(HEADER);
    const begin = auth('SCRAM-SHA-256', btoa('n,,n=juliet,r=abcdefgh'));
    for (let attempt = 0; attempt < 3; attempt++) expect(script.peer(begin).said).toContain('<challenge');
    expect(script.peer(begin).events.at(-1)).toMatchObject({
      cause: { violation: 'too-many-authentication-attempts' },
    });
  });

  it('the stream after SASL carries the same stanzas as the one before', () => {
    const script = server({}, { ...SECURED, contentNamespaces: [...BOTH] });
    script.peer(HEADER);
    script.peer(auth('PLAIN', plain('juliet', 'r0m30')));
    expect(script.peer(header("to='im.example.com' version='1.0'", 'jabber:server')).events.at(-1)).toMatchObject({
      cause: { violation: 'content-namespace-differs' },
    });
  });

  it('[R4.7.1-2] a server is a domain', () => {
    const script = server({}, { ...SECURED, contentNamespaces: [...BOTH] });
    expect(
      script.peer(header("from='juliet@example.net' to='im.example.com' version='1.0'", 'jabber:server')).events.at(-1),
    ).toMatchObject({ cause: { violation: 'header-from-malformed' } });
  });

  it('sends nothing before it is established', () => {
    expect(() => newReceiving().send(message({ body: 'Hist!' }))).toThrow(
      expect.objectContaining({ code: 'not-established' }),
    );
  });

  it('a trace ends with the rule that was broken', () => {
    const lines: TraceEntry[] = [];
    const script = server({}, { ...SECURED, onTrace: (entry) => lines.push(entry) });
    script.peer(`${HEADER}<!-- -->`);
    expect(lines.find((line) => line.kind === 'violation')).toMatchObject({
      direction: 'in',
      xml: expect.stringMatching(/^comment: /),
    });
  });

  it('an account that may not be used says so, in the RFC’s words', () => {
    const script = server({}, SECURED, (entity, event) => {
      if (event.type !== 'ask') return;
      if (event.ask === 'accept-stream') {
        entity.answer(event, {
          domain: 'im.example.com',
          mechanisms: ['PLAIN'],
          plain: { check: 'application' },
          decoySecret: new Uint8Array(16),
        });
      } else if (event.ask === 'check-password') entity.answer(event, 'account-disabled');
    });
    script.peer(HEADER);
    expect(script.peer(auth('PLAIN', plain('juliet', 'r0m30'))).said).toBe(failure('account-disabled'));
    expect(script.peer(`<abort xmlns='${SASL_NS}'/>`).said).toBe(failure('aborted'));
  });

  it('what was written for a WebSocket is thrown away with the connection', () => {
    const entity = newReceiving({
      transport: 'messages',
      security: { kind: 'trusted' },
      random: (length) => new Uint8Array(length > 16 ? 0 : length),
    });
    entity.receiveMessage("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='im.example.com' version='1.0'/>", 0);
    expect(entity.bufferedInput).toBeGreaterThan(0);
    const event = entity.nextEvent();
    expect(event).toMatchObject({ type: 'ask', ask: 'accept-stream' });
    expect(() => entity.close({ condition: 'reset' })).toThrow(expect.objectContaining({ code: 'random-too-short' }));
    expect(entity.nextEvent()).toMatchObject({ type: 'closed', transport: 'abort' });
    expect([entity.bufferedInput, entity.bufferedOutput, entity.takeMessage()]).toEqual([0, 0, undefined]);
  });
});

describe('a peer that speaks before the stream is opened', () => {
  it.each([RESPONSE, '<<', "<?xml version='1.1'?>"])(
    '[rule 1] is told nothing: there is no stream to say it on: %s',
    (input) => {
      const entity = newInitiating();
      entity.receive(bytes(input), 0);
      expect(entity.nextEvent()).toMatchObject({
        type: 'closed',
        cause: { code: 'peer-misbehaved' },
        transport: 'end',
      });
      expect(entity.takeOutput()).toBeUndefined();
    },
  );
});
