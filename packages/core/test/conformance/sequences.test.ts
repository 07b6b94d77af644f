import { describe, expect, it } from 'vitest';
import { jid, message } from '../../src/index.ts';
import { CLOSING } from '../engine/script.ts';
import { answerReceiving, join, newInitiating, newReceiving, POLICY, TLS } from '../engine/support.ts';
import { boundClient, boundServer, streamErrorIn } from './streams.ts';

/** Headers, first-level elements and closing tags, by name. */
function sequenceOf(wire: string): readonly string[] {
  const found: string[] = [];
  let depth = 0;
  for (const [tag, end, name = '', empty] of wire.matchAll(/<(\/?)([\w:]+)(?:[^>]*?)(\/?)>/g)) {
    if (name === 'stream:stream') {
      found.push(end === '' ? 'header' : 'closing tag');
      depth = 0;
    } else if (end !== '') depth -= 1;
    else {
      if (depth === 0) found.push(name.replace('stream:', ''));
      if (empty === '' && !tag.startsWith('<?')) depth += 1;
    }
  }
  return found;
}

describe('the sequences of RFC 6120 §9.1, between our own entities', () => {
  const login = () => {
    const initiating = newInitiating({
      from: 'juliet@im.example.com',
      resource: 'balcony',
      mechanisms: ['SCRAM-SHA-1'],
    });
    const receiving = newReceiving();
    const policy = { ...POLICY, mechanisms: ['SCRAM-SHA-1-PLUS', 'SCRAM-SHA-1', 'PLAIN'] };
    initiating.open();
    return { initiating, receiving, first: join(initiating, receiving, policy) };
  };

  it('[C9.1.1] [C9.1.2] [C9.1.3] TLS, SASL and binding, a restart behind each of the first two', () => {
    const { first } = login();
    expect(sequenceOf(first.initiating.wire)).toEqual([
      'header',
      'starttls',
      'header',
      'auth',
      'response',
      'header',
      'iq',
    ]);
    expect(sequenceOf(first.receiving.wire)).toEqual([
      'header',
      'features',
      'proceed',
      'header',
      'features',
      'challenge',
      'success',
      'header',
      'features',
      'iq',
    ]);
  });

  it('[C9.1.4] [C9.1.5] [C4.10] a message each way, then both closing tags', () => {
    const { initiating, receiving } = login();
    initiating.send(
      message({ to: jid('romeo@example.net'), type: 'chat', id: 'ju2ba41c', body: 'Art thou not Romeo?' }),
    );
    receiving.send(
      message({
        from: jid('romeo@example.net/orchard'),
        to: jid('juliet@im.example.com/balcony'),
        type: 'chat',
        id: 'ju2ba41c',
        body: 'Neither, fair saint',
      }),
    );
    const talk = join(initiating, receiving);
    expect(sequenceOf(talk.initiating.wire)).toEqual(['message']);
    expect(sequenceOf(talk.receiving.wire)).toEqual(['message']);
    initiating.close();
    const end = join(initiating, receiving);
    expect([end.initiating.wire, end.receiving.wire]).toEqual([CLOSING, CLOSING]);
    expect([initiating.phase, receiving.phase]).toEqual(['closed', 'closed']);
  });

  it('[C4.10] a message that does not end as it began: an error and the end', () => {
    const step = boundServer().peer("<message to='romeo@example.net'><body>No closing tag!</message>");
    expect(streamErrorIn(step)).toBe('not-well-formed');
    expect(sequenceOf(step.said)).toEqual(['error', 'closing tag']);
    expect(boundClient().peer(step.said).said).toBe(CLOSING);
  });
});

describe('the sequences of RFC 6120 §9.2, between our own entities', () => {
  it('[C9.2.1] [C9.2.2] [C9.2.4] TLS, EXTERNAL, no binding, and closing', () => {
    const initiating = newInitiating({
      to: 'im.example.com',
      from: 'example.net',
      contentNamespace: 'jabber:server',
      authenticateBy: 'certificate',
    });
    const certified = { ...TLS, peerCertificate: { der: new Uint8Array(1), trusted: true } };
    const receiving = newReceiving({ contentNamespaces: ['jabber:server'] });
    initiating.open();
    let said = '';
    let heard = '';
    const decoder = new TextDecoder();
    for (let busy = true; busy;) {
      busy = false;
      for (let event = initiating.nextEvent(); ; event = initiating.nextEvent()) {
        const output = initiating.takeOutput();
        if (output !== undefined) {
          said += decoder.decode(output);
          receiving.receive(output, 0);
          busy = true;
        }
        if (event.type === 'ask' && event.ask === 'start-tls') initiating.answer(event, TLS);
        if (event.type === 'need-input' || event.type === 'paused' || event.type === 'ended') break;
      }
      for (let event = receiving.nextEvent(); ; event = receiving.nextEvent()) {
        const output = receiving.takeOutput();
        if (output !== undefined) {
          heard += decoder.decode(output);
          initiating.receive(output, 0);
          busy = true;
        }
        if (event.type === 'ask' && event.ask === 'start-tls') receiving.answer(event, certified);
        else if (event.type === 'ask' && event.ask === 'authorize')
          receiving.answer(event, { authcid: 'example.net', authzid: undefined });
        else answerReceiving(receiving, event, { ...POLICY, mechanisms: ['EXTERNAL'] });
        if (event.type === 'need-input' || event.type === 'paused' || event.type === 'ended') break;
      }
    }
    expect([initiating.phase, receiving.phase]).toEqual(['established', 'established']);
    expect(sequenceOf(said)).toEqual(['header', 'starttls', 'header', 'auth', 'header']);
    expect(sequenceOf(heard)).toEqual([
      'header',
      'features',
      'proceed',
      'header',
      'features',
      'success',
      'header',
      'features',
    ]);
    initiating.close();
    const end = join(initiating, receiving);
    expect([end.initiating.wire, end.receiving.wire]).toEqual([CLOSING, CLOSING]);
  });
});
