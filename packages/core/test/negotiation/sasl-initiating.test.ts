import { describe, expect, it } from 'vitest';
import { jid, type LocalProtocolError } from '../../src/index.ts';
import { client, CLOSING, failure, header, mechanisms, RESPONSE, SASL_NS } from '../engine/script.ts';
import { newInitiating } from '../engine/support.ts';

const SUCCESS = `<success xmlns='${SASL_NS}'/>`;
const challenge = (text: string): string => `<challenge xmlns='${SASL_NS}'>${btoa(text)}</challenge>`;

/** The nonce in the client's first message. */
function nonceOf(said: string): string {
  const first = atob(/<auth[^>]*>([^<]*)</.exec(said)?.[1] ?? '');
  return /r=([^,]*)/.exec(first)?.[1] ?? '';
}

describe('which mechanism (RFC 6120 §6.3.3)', () => {
  it('[R6.3.3-2] [R6.3.3-3] [R13.9.4-2] goes by our order and prefers channel binding', () => {
    expect(client().peer(RESPONSE + mechanisms('PLAIN', 'SCRAM-SHA-1', 'SCRAM-SHA-1-PLUS')).said).toContain(
      "mechanism='SCRAM-SHA-1-PLUS'",
    );
    expect(
      client({ mechanisms: ['SCRAM-SHA-1', 'PLAIN'] }).peer(
        RESPONSE + mechanisms('PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-1'),
      ).said,
    ).toContain("mechanism='SCRAM-SHA-1'");
  });

  it('[S10] [R6.3.3-4] nothing that is not on the list, nothing weaker than the last time', () => {
    for (const config of [{ mechanisms: ['SCRAM-SHA-256'] }, { pinnedMechanism: 'SCRAM-SHA-1' }]) {
      const script = client(config);
      expect(script.peer(RESPONSE + mechanisms('PLAIN')).said).toBe('</stream:stream>');
      const { events } = script.peer(CLOSING);
      expect(events.at(-1)).toMatchObject({
        type: 'closed',
        cause: { code: 'peer-incompatible', missing: 'mechanism' },
      });
    }
  });

  it('[S6] a server without SASL is none, and nothing is wrong with its stream', () => {
    const script = client();
    expect(script.peer(`${RESPONSE}<stream:features/>`).said).toBe('</stream:stream>');
    expect(script.peer(CLOSING).events).toMatchObject([{ cause: { code: 'peer-incompatible', missing: 'mechanism' } }]);
  });

  it('[R6.3.3-3] a mechanism that was offered and is refused is followed by the next', () => {
    const script = client();
    expect(script.peer(RESPONSE + mechanisms('SCRAM-SHA-256', 'SCRAM-SHA-1')).said).toContain(
      "mechanism='SCRAM-SHA-256'",
    );
    const { said, events } = script.peer(failure('invalid-mechanism'));
    expect(said).toContain("mechanism='SCRAM-SHA-1'");
    expect(events).toMatchObject([
      { type: 'authentication-failed', mechanism: 'SCRAM-SHA-256', condition: 'invalid-mechanism' },
    ]);
    script.peer(failure('invalid-mechanism'));
    expect(script.peer(CLOSING).events.at(-1)).toMatchObject({
      type: 'closed',
      cause: { code: 'peer-incompatible' },
    });
  });

  it('EXTERNAL and ANONYMOUS by configuration', () => {
    const external = client({ authenticateBy: 'certificate', credentials: undefined } as never).peer(
      RESPONSE + mechanisms('EXTERNAL', 'PLAIN'),
    );
    expect(external.said).toBe(`<auth xmlns='${SASL_NS}' mechanism='EXTERNAL'>=</auth>`);
    const short = client({
      authenticateBy: 'certificate',
      credentials: undefined,
      contentNamespace: 'jabber:server',
      from: 'a',
    } as never).peer(header("from='im.example.com' id='s1' version='1.0'", 'jabber:server') + mechanisms('EXTERNAL'));
    expect(short.said).toBe(`<auth xmlns='${SASL_NS}' mechanism='EXTERNAL'>YQ==</auth>`);
    const anonymous = client({ authenticateBy: 'none', credentials: undefined } as never);
    expect(anonymous.peer(RESPONSE + mechanisms('ANONYMOUS', 'PLAIN')).said).toContain("mechanism='ANONYMOUS'");
    expect(anonymous.peer(SUCCESS).events[0]).toMatchObject({
      type: 'authenticated',
      identity: { jid: undefined },
    });
  });
});

describe('success counts once it is verified', () => {
  const features = RESPONSE + mechanisms('SCRAM-SHA-256');

  it.each([
    ['at once', (): string => SUCCESS],
    ['with a signature out of thin air', (): string => `<success xmlns='${SASL_NS}'>${btoa('v=AAAA')}</success>`],
    ['with data that is not base64', (): string => `<success xmlns='${SASL_NS}'>*</success>`],
    ['with data of length zero', (): string => `<success xmlns='${SASL_NS}'>=</success>`],
  ])('[S8] <success/> %s closes', (_name, success) => {
    const script = client();
    script.peer(features);
    const { said, events } = script.peer(success());
    expect(said).toContain('<stream:error><not-authorized');
    expect(events.at(-1)).toMatchObject({
      type: 'closed',
      cause: { code: 'peer-misbehaved', violation: 'success-unverified' },
    });
  });

  it('[S8] <success/> behind the first challenge closes, whatever it says', () => {
    for (const data of ['', btoa('v=AAAA')]) {
      const script = client();
      const { said } = script.peer(features);
      expect(script.peer(challenge(`r=${nonceOf(said)}abcdefgh,s=${btoa('0123456789abcdef')},i=4096`)).said).toContain(
        '<response',
      );
      const { events } = script.peer(`<success xmlns='${SASL_NS}'>${data}</success>`);
      expect(events.at(-1)).toMatchObject({ cause: { violation: 'success-unverified' } });
    }
  });
});

describe('giving up (RFC 6120 §6.4.4, §6.4.5)', () => {
  const features = RESPONSE + mechanisms('SCRAM-SHA-256');

  it.each([
    ['a nonce that is not ours', 'r=somebodyelses,s=MDEyMw==,i=4096', 'nonce-mismatch'],
    ['too few iterations', 'few', 'iterations-too-low'],
    ['a message that is none', 'x', 'malformed-challenge'],
  ])('[S8] %s: <abort/>, then the closing tag', (_name, message, reason) => {
    const script = client();
    const { said } = script.peer(features);
    const first = message === 'few' ? `r=${nonceOf(said)}abcdefgh,s=${btoa('0123456789abcdef')},i=4095` : message;
    expect(script.peer(challenge(first)).said).toBe(`<abort xmlns='${SASL_NS}'/></stream:stream>`);
    const end = script.peer(failure('aborted') + CLOSING);
    expect(end.said).toBe('');
    expect(end.events).toMatchObject([
      { type: 'closed', cause: { code: 'negotiation-failed', at: 'sasl', condition: 'aborted' } },
    ]);
    expect(JSON.stringify(end.events)).toContain(reason);
  });

  it.each([
    ['a closing tag', CLOSING],
    ['a stream error', "<stream:error><reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"],
    ['success after all', SUCCESS + CLOSING],
    ['bytes that are no XML', '<<'],
  ])('[S8] a challenge that is not base64 aborts, and %s cannot hide why', (_name, ending) => {
    const script = client();
    script.peer(features);
    expect(script.peer(`<challenge xmlns='${SASL_NS}'>*</challenge>`).said).toContain('<abort');
    expect(script.peer(challenge('r=x')).said).toBe('');
    expect(script.peer(ending).events).toMatchObject([
      { type: 'closed', cause: { code: 'negotiation-failed', at: 'sasl' } },
    ]);
  });

  it('[S8] nor can silence, or the end of the connection', () => {
    for (const end of ['timeout', 'eof']) {
      const script = client();
      script.peer(features);
      script.peer(`<challenge xmlns='${SASL_NS}'>*</challenge>`);
      if (end === 'eof') script.entity.receiveEof(0);
      else script.entity.handleTimeout(script.entity.nextTimeout(0) ?? 0);
      expect(script.peer('').events).toMatchObject([
        { type: 'closed', cause: { code: 'negotiation-failed', at: 'sasl' } },
      ]);
    }
  });

  it.each([
    ['not-authorized', 'not-authorized'],
    ['account-disabled', 'account-disabled'],
    ['credentials-expired', 'credentials-expired'],
    ['temporary-auth-failure', 'temporary-auth-failure'],
    ['mechanism-too-weak', 'mechanism-too-weak'],
    ['something-of-tomorrow', 'not-authorized'],
  ])('[R6.5-2] [R6.4.5-3] failure with %s is reported as %s and closes the stream in order', (condition, reported) => {
    const script = client();
    script.peer(features);
    const { said, events } = script.peer(
      `<failure xmlns='${SASL_NS}'><text xml:lang='en'>Call the operator</text><${condition}/></failure>`,
    );
    expect(said).toBe('</stream:stream>');
    expect(events).toEqual([]);
    expect(script.peer(CLOSING).events).toMatchObject([
      {
        type: 'closed',
        cause: { code: 'negotiation-failed', at: 'sasl', condition: reported, text: 'Call the operator' },
      },
    ]);
  });

  it('elements that are none of SASL, or none of this moment, close', () => {
    for (const element of [
      `<mechanisms xmlns='${SASL_NS}'/>`,
      "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
      '<message/>',
      '<stream:features/>',
    ]) {
      const script = client();
      script.peer(features);
      expect(script.peer(element).events.at(-1)).toMatchObject({ type: 'closed', cause: { code: 'peer-misbehaved' } });
    }
  });
});

describe('the configuration of who we are', () => {
  it.each([
    [{ authzid: 'romeo@im.example.com/orchard' }, 'configuration-invalid'],
    [{ credentials: { authcid: 'juliet', password: '\u00ad' } }, 'configuration-invalid'],
    [{ credentials: { authcid: 'juliet', password: 'r' }, authenticateBy: 'none' as const }, 'configuration-invalid'],
    [{ to: 'juliet@im.example.com' }, 'configuration-invalid'],
    [{ to: '' }, 'jid-invalid'],
    [{ contentNamespace: 'jabber:server' as const }, 'configuration-invalid'],
    [{ contentNamespace: 'jabber:server' as const, from: 'juliet@example.net' }, 'configuration-invalid'],
  ])('[R6.3.8-3] %o is refused by the constructor', (config, code) => {
    expect(() => newInitiating(config)).toThrow(
      expect.objectContaining({ name: 'LocalProtocolError', code }) as LocalProtocolError,
    );
  });

  it.each([[['SCRAM-SHA-256', 'DIGEST-MD5']], [['plain']]])(
    '%j has a mechanism that is not spoken here',
    (mechanisms) => {
      expect(() => newInitiating({ mechanisms })).toThrow(
        expect.objectContaining({ name: 'LocalProtocolError', code: 'mechanism-unusable' }) as LocalProtocolError,
      );
    },
  );

  it('a wrong shape is a zod error that names the member', () => {
    expect(() => newInitiating({ timeouts: { negotiation: -1 } })).toThrow(/negotiation/);
    expect(() => newInitiating({ lang: 'not a tag' })).toThrow(/language tag/);
    expect(() => newInitiating({ random: undefined } as never)).toThrow(/function/);
    expect(() => newInitiating({ nonsense: 1 } as never)).toThrow(/nonsense/);
    expect(() => newInitiating({ extensions: ['jabber:client'] })).toThrow(/namespace of an extension/);
    expect(() => newInitiating({ limits: { stanzaBytes: 9999 } })).toThrow(/stanzaBytes/);
  });

  it('[R6.3.8-1] an authzid is sent, and is who we are then', () => {
    const script = client({ credentials: { authcid: 'admin', password: 'r0m30' }, authzid: 'juliet@im.example.com' });
    const { said } = script.peer(RESPONSE + mechanisms('PLAIN'));
    expect(atob(/>([^<]*)<\/auth>/.exec(said)?.[1] ?? '')).toBe('juliet@im.example.com\0admin\0r0m30');
    expect(script.peer(SUCCESS).events[0]).toMatchObject({ identity: { jid: jid('juliet@im.example.com') } });
  });
});
