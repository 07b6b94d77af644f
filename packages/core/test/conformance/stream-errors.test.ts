import { describe, expect, it } from 'vitest';
import {
  STREAM_ERROR_CONDITIONS,
  VIOLATIONS,
  type CloseCause,
  type StreamError,
  type StreamErrorCondition,
} from '../../src/index.ts';
import { xml } from '../../src/xml/index.ts';
import { client, CLOSING, HEADER, RESPONSE } from '../engine/script.ts';
import {
  authenticatedClient,
  boundClient,
  boundServer,
  causeOf,
  clearServer,
  STREAM_ERRORS_NS,
  streamErrorIn,
} from './streams.ts';

const xmlns = STREAM_ERRORS_NS;
const received = (inside: string): string => `<stream:error>${inside}</stream:error>`;
const errorIn = (cause: CloseCause | undefined): StreamError | undefined =>
  cause?.code === 'stream-error-received' ? cause.error : undefined;

describe('rules (RFC 6120 §4.9.1)', () => {
  it('[F-stream-error-generate] [R4.9-1] [C4.9.1.4] an error goes out on our own stream, then the closing tag, then the transport ends', () => {
    const step = boundServer().peer('<unknown/>');
    expect(step.said).toBe(`<stream:error><unsupported-stanza-type xmlns='${xmlns}'/></stream:error></stream:stream>`);
    expect(step.events).toMatchObject([{ type: 'closed', transport: 'end' }]);
  });

  it('nothing of the input counts behind the error', () => {
    const script = boundServer();
    const step = script.peer("<unknown/><message to='romeo@example.net'/>");
    expect(step.events.map(({ type }) => type)).toEqual(['closed']);
    expect(script.peer("<message to='romeo@example.net'/>").events).toEqual([]);
  });

  it('[R4.9.1.1-2] one that comes is answered with our closing tag', () => {
    const step = boundClient().peer(received(`<reset xmlns='${xmlns}'/>`));
    expect(step.said).toBe(CLOSING);
    expect(step.events).toMatchObject([{ type: 'closed', cause: { code: 'stream-error-received' } }]);
  });
});

describe('syntax (RFC 6120 §4.9.2)', () => {
  it('[R4.9.2-1] [R4.9.2-3] the condition is the first child, in its own namespace', () => {
    for (const condition of STREAM_ERROR_CONDITIONS) {
      const script = boundServer();
      script.entity.close(fieldsOf(condition));
      const { said } = script.peer('');
      expect(said).toMatch(new RegExp(`^<stream:error><${condition} xmlns='${xmlns}'[/>]`, 'u'));
    }
  });

  it.each([`<reset xmlns='${xmlns}'/>`, `<made-up xmlns='${xmlns}'/>`])(
    '[R4.9.2-6] [R4.9.2-7] what a text says changes nothing: %s',
    (condition) => {
      const plainly = errorIn(causeOf(boundClient().peer(received(condition))));
      const wordy = errorIn(
        causeOf(boundClient().peer(received(`<text xmlns='${xmlns}'>conflict</text>${condition}`))),
      );
      expect(wordy?.condition).toBe(plainly?.condition);
      expect(wordy?.text).toBe('conflict');
    },
  );

  it('[R4.9.2-8] text and condition are told apart, so that no text need be shown alone', () => {
    const error = errorIn(
      causeOf(
        boundClient().peer(
          received(
            `<system-shutdown xmlns='${xmlns}'/><text xmlns='${xmlns}' xml:lang='en'>Back at ten</text><planned xmlns='urn:example:x'/>`,
          ),
        ),
      ),
    );
    expect(error).toMatchObject({ condition: 'system-shutdown', text: 'Back at ten', lang: 'en' });
    expect(error?.application?.is('planned', 'urn:example:x')).toBe(true);
  });
});

/** What it takes to send a condition. */
function fieldsOf(condition: StreamErrorCondition) {
  if (condition === 'see-other-host') return { condition, host: '[2001:db8::1]:5222' };
  if (condition === 'undefined-condition') return { condition, application: xml('odd', { xmlns: 'urn:example:x' }) };
  return { condition };
}

describe('conditions (RFC 6120 §4.9.3)', () => {
  it.each(STREAM_ERROR_CONDITIONS.map((condition, index) => [index + 1, condition] as const))(
    '[C4.9.3.%i] %s is sent and understood',
    (_, condition) => {
      const script = boundServer();
      script.entity.close(fieldsOf(condition));
      const step = script.peer('');
      expect(streamErrorIn({ ...step, said: step.said.replace(/>\[2001[^<]*<\/see-other-host>/, '/>') })).toBe(
        condition,
      );
      const heard = boundClient().peer(step.said);
      expect(errorIn(causeOf(heard))).toMatchObject({ condition });
    },
  );

  it('[REC4.9.3.1-1] every violation has a specific condition; bad-format is for what nothing else says', () => {
    const vague = Object.entries(VIOLATIONS).filter(([, { condition }]) => condition === 'bad-format');
    expect(vague.map(([name]) => name).toSorted()).toMatchInlineSnapshot(`
      [
        "bind-result-malformed",
        "features-expected",
        "root-not-stream",
        "second-header",
        "text-at-first-level",
      ]
    `);
    for (const restricted of ['comment', 'doctype', 'processing-instruction', 'entity-reference'] as const) {
      expect(VIOLATIONS[restricted].condition).toBe('restricted-xml');
    }
    expect(streamErrorIn(boundServer().peer('<a b=1/>'))).toBe('not-well-formed');
    expect(streamErrorIn(boundServer().peer('<a><!-- --></a>'))).toBe('restricted-xml');
  });

  it('[R4.9.3.3-1] conflict says its name, and the next try may be without the resource', () => {
    const cause = causeOf(boundClient({ resource: 'balcony' }).peer(received(`<conflict xmlns='${xmlns}'/>`)));
    expect(errorIn(cause)?.condition).toBe('conflict');
    const again = authenticatedClient();
    const { said } = again.peer(
      `${RESPONSE}<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>`,
    );
    expect(said).not.toContain('<resource>');
  });

  it('[R4.9.3.19-6] the application knows before it redirects whether the connection is protected', () => {
    const kinds: string[] = [];
    for (const script of [clearServer(), clearServer({ security: { kind: 'trusted' } })]) {
      const [ask] = script.peer(HEADER).events;
      if (ask?.type === 'ask' && ask.ask === 'accept-stream') kinds.push(ask.security.kind);
    }
    expect(kinds).toEqual(['clear', 'trusted']);
  });

  it.each(['192.0.2.1', 'im2.example.com:5333', '[2001:db8::1]:5222'])('see-other-host names %s', (host) => {
    const step = client().peer(`${RESPONSE}${received(`<see-other-host xmlns='${xmlns}'>${host}</see-other-host>`)}`);
    expect(errorIn(causeOf(step))).toMatchObject({ condition: 'see-other-host', host });
  });

  it('a condition that is missing, or in another namespace, is undefined-condition', () => {
    for (const inside of ['', "<reset xmlns='urn:example:x'/>"]) {
      expect(errorIn(causeOf(boundClient().peer(received(inside))))?.condition).toBe('undefined-condition');
    }
  });
});

describe('reconnecting is for the application (RFC 6120 §3.3)', () => {
  it.each([
    ['the connection ends', (script: ReturnType<typeof boundClient>) => script.entity.receiveEof(0), 'unexpected-eof'],
    [
      'the stream is closed',
      (script: ReturnType<typeof boundClient>) => script.entity.receive(new TextEncoder().encode(CLOSING), 0),
      'closed-by-peer',
    ],
    ['the application closes', (script: ReturnType<typeof boundClient>) => script.entity.close(), 'closed-locally'],
  ])('[R3.3-1] [R3.3-2] [F-stream-reconnect] it is told once, and why: %s', (_, end, code) => {
    const script = boundClient();
    end(script);
    expect(causeOf(script.peer('')) ?? causeOf(script.peer(CLOSING))).toMatchObject({ code });
    expect(script.peer('').events).toEqual([]);
    expect(script.entity.nextEvent()).toEqual({ type: 'ended' });
  });
});
