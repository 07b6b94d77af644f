import { describe, expect, it } from 'vitest';
import { type ReceivingEvent } from '../../src/index.ts';
import { bytes, HEADER, header, mechanisms, RESPONSE, SASL_NS, Script, server, text } from '../engine/script.ts';
import { answerReceiving, newReceiving, POLICY, TLS } from '../engine/support.ts';
import {
  attributeOf,
  causeOf,
  clearClient,
  clearServer,
  headersIn,
  LOGIN,
  OFFER_STARTTLS,
  PROCEED,
  STARTTLS,
  TLS_NS,
} from './streams.ts';

/** A receiving entity that was asked for TLS and has not been told yet what came of it. */
function switching() {
  const script = new Script(newReceiving(), (entity, event: ReceivingEvent) => {
    if (event.type === 'ask' && event.ask === 'start-tls') return;
    answerReceiving(entity, event);
  });
  script.peer(HEADER);
  const { said, events } = script.peer(STARTTLS);
  const ask = events.find((event) => event.type === 'ask');
  if (ask?.type !== 'ask' || ask.ask !== 'start-tls') throw new Error('TLS was not asked for');
  return { script, ask, said };
}

describe('what is offered (RFC 6120 §5.3.1, §5.4.1)', () => {
  it('[R5.4.1-1] [R5.4.1-2] a header, then the features', () => {
    const { said } = clearServer().peer(HEADER);
    expect(said.indexOf('<stream:stream ')).toBeLessThan(said.indexOf('<stream:features>'));
    expect(headersIn(said)).toHaveLength(1);
  });

  it('[R5.4.1-3] [R5.4.1-4] [R5.3.1-2] STARTTLS alone, marked as required', () => {
    expect(clearServer().peer(HEADER).said).toMatch(new RegExp(`${OFFER_STARTTLS.replaceAll('/', '\\/')}$`));
  });

  it('[R5.4.3.3-6] behind TLS the mechanisms and no STARTTLS', () => {
    const script = clearServer();
    script.peer(HEADER);
    script.peer(STARTTLS);
    const { said } = script.peer(HEADER);
    expect(said).toContain(`<mechanisms xmlns='${SASL_NS}'>`);
    expect(said).not.toContain('starttls');
  });
});

describe('the command and its answers (RFC 6120 §5.4.2)', () => {
  it('[R5.4.2.1-1] [R5.4.2.3-1] [R5.3.3-1] is answered with <proceed/> and not a byte more', () => {
    expect(switching().said).toBe(PROCEED);
    expect(clearClient().peer(RESPONSE + OFFER_STARTTLS).said).toMatch(new RegExp(`${STARTTLS.replace('/', '\\/')}$`));
  });

  it('[C5.1] TLS is negotiated in the stream and then lies below it', () => {
    const { script, ask } = switching();
    expect(script.entity.phase).toBe('switching-to-tls');
    script.entity.answer(ask, TLS);
    expect(script.peer('').events).toMatchObject([{ type: 'secured', tls: { version: 'TLSv1.3' } }]);
    expect(script.entity.phase).toBe('awaiting-header');
  });

  it.each([
    ['where it is protected already', () => server()],
    ['in another form', () => clearServer()],
  ])('[R5.4.2.2-1] %s: failure, closing tag, and the connection ends', (_, make) => {
    const script = make();
    const opened = script.peer(HEADER).said;
    const command = opened.includes('<starttls') ? `<begin xmlns='${TLS_NS}'/>` : STARTTLS;
    const { said } = script.peer(command);
    expect(said).toBe(`<failure xmlns='${TLS_NS}'/></stream:stream>`);
    expect(causeOf(script.peer('</stream:stream>'))).toMatchObject({ code: 'negotiation-failed', at: 'tls' });
  });

  it('a client that hears failure closes', () => {
    const script = clearClient();
    script.peer(RESPONSE + OFFER_STARTTLS);
    const { said } = script.peer(`<failure xmlns='${TLS_NS}'/>`);
    expect(said).toBe('</stream:stream>');
    expect(causeOf(script.peer('</stream:stream>'))).toMatchObject({ code: 'peer-incompatible', missing: 'starttls' });
  });

  it('[R5.4.2.3-2] a byte behind our <proceed/> is TLS and no more ours', () => {
    const { script } = switching();
    expect(script.entity.wantsInput).toBe(false);
    script.entity.receive(bytes('<'), 0);
    const step = script.peer('');
    expect(step.said).toBe('');
    expect(causeOf(step)).toMatchObject({ violation: 'bytes-during-tls-negotiation' });
  });

  it('[R5.4.2.3-3] so is one behind theirs', () => {
    const script = clearClient();
    script.peer(RESPONSE + OFFER_STARTTLS);
    const step = script.peer(`${PROCEED}\n`);
    expect(step.said).toBe('');
    expect(causeOf(step)).toMatchObject({ violation: 'bytes-behind-proceed' });
  });

  it('[R5.4.3.1-2] nothing is written until TLS is through, whatever the application wants', () => {
    const { script, ask } = switching();
    expect(text(script.entity.takeOutput())).toBe('');
    script.entity.handleTimeout(1);
    expect(text(script.entity.takeOutput())).toBe('');
    script.entity.answer(ask, TLS);
    expect(text(script.entity.takeOutput())).toBe('');
  });
});

describe('failure and success of TLS (RFC 6120 §5.4.3)', () => {
  it('[R5.4.3.2-1] [R5.4.3.2-2] a failed handshake cuts the connection, without a closing tag, on both sides', () => {
    const { script, ask } = switching();
    script.entity.answer(ask, 'failed');
    const step = script.peer('');
    expect(step.said).toBe('');
    expect(step.events).toMatchObject([{ type: 'closed', transport: 'abort', cause: { at: 'tls' } }]);
    const dialled = clearClient();
    dialled.peer(RESPONSE + OFFER_STARTTLS);
    dialled.entity.receive(bytes(PROCEED), 0);
    const event = dialled.entity.nextEvent();
    if (event.type === 'ask' && event.ask === 'start-tls') dialled.entity.answer(event, 'failed');
    const end = dialled.peer('');
    expect(end.said).toBe('');
    expect(end.events).toMatchObject([{ type: 'closed', transport: 'abort' }]);
  });

  it('[R5.4.3.3-1] [R5.4.3.3-5] success begins new streams, with another id', () => {
    const script = clearServer();
    const first = script.peer(HEADER).said;
    script.peer(STARTTLS);
    const second = script.peer(HEADER).said;
    const [one, other] = [first, second].map((said) => attributeOf(headersIn(said)[0], 'id'));
    expect(one).toBeDefined();
    expect(other).toBeDefined();
    expect(other).not.toBe(one);
  });

  it('[R5.4.3.3-2] the initiating side forgets the features and the header that came in clear', () => {
    const script = clearClient({ mechanisms: ['PLAIN', 'SCRAM-SHA-256'] });
    const lie = header("from='im.example.com' id='clear' version='1.0'");
    script.peer(`${lie}${mechanisms('PLAIN')}`);
    script.peer(PROCEED);
    const { said, events } = script.peer(RESPONSE + mechanisms('SCRAM-SHA-256'));
    expect(said).toContain("mechanism='SCRAM-SHA-256'");
    expect(events[0]).toMatchObject({ type: 'stream-opened', header: { streamId: 's1' } });
  });

  it('[R5.4.3.3-3] the receiving side forgets the header that came in clear, and asks anew whom it is for', () => {
    const asked: unknown[] = [];
    const script = server({}, {}, (entity, event) => {
      if (event.type === 'ask' && event.ask === 'accept-stream') asked.push([event.to, event.from]);
      answerReceiving(entity, event, POLICY);
    });
    script.peer(header("from='romeo@im.example.com' to='im.example.com' version='1.0'"));
    script.peer(STARTTLS);
    script.peer(header("to='im.example.com' version='1.0'"));
    expect(asked).toEqual([
      ['im.example.com', 'romeo@im.example.com'],
      ['im.example.com', undefined],
    ]);
    // The address in clear is not what SASL is compared with.
    expect(script.peer(LOGIN).said).toContain('<success');
  });
});
