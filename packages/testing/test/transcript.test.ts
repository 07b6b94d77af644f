import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  parseTranscript,
  parseTranscripts,
  runTranscript,
  TranscriptMismatch,
  TranscriptSyntaxError,
} from '../src/index.ts';

const NS = "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'";
const OPEN = `I: <stream:stream to='im.example.com' version='1.0' ${NS}>`;
const ANSWER = `R: <stream:stream from='im.example.com' id='…' version='1.0' xml:lang='en' ${NS}>
   <stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>`;
const PLAIN = `! tls direct
!R policy {"mechanisms": ["PLAIN"]}
!I config {"mechanisms": ["PLAIN"]}`;

/** What running a transcript says against it. */
function complaint(text: string): string {
  try {
    runTranscript(parseTranscript(text, { name: 'file' }));
    return 'nothing';
  } catch (error) {
    if (error instanceof TranscriptMismatch || error instanceof TranscriptSyntaxError) return error.message;
    throw error;
  }
}

describe('parseTranscripts', () => {
  it('reads a file with several, each with its title', () => {
    const text = `# notes\n= the first\n! drive R\n${OPEN}\n\n= the second\n! drive I\n!I open\n`;
    const transcripts = parseTranscripts(text, { name: 'file' });
    expect(transcripts.map(({ name, title, lines }) => [name, title, lines.length])).toEqual([
      ['file', 'the first', 1],
      ['file', 'the second', 1],
    ]);
    expect([...(transcripts[0]?.settings.driven ?? [])]).toEqual(['receiving']);
    expect(() => parseTranscript(text, { name: 'file' })).toThrow('file:1: expected one transcript, came 2');
    expect(() => parseTranscript('')).toThrow('transcript:1: expected one transcript, came none');
  });

  it('calls one without a title by its name, whatever line ends it has', () => {
    const transcript = parseTranscript(`! drive R\r\n${OPEN}\r\n`, { name: 'file' });
    expect(transcript.title).toBe('file');
    expect(transcript.lines[0]?.place).toEqual({ file: 'file', line: 2 });
  });

  it.each([
    ['X: <a/>', 'file:1: expected a line that begins with "I:", "R:"'],
    ['  <a/>', 'file:1: an indented line goes on from the one before it'],
    ['! dance', 'file:1: expected one of drive, tls, accounts'],
    ['! drive X', 'file:1: expected I, R or both, came X'],
    ['! tls maybe', 'file:1: expected starttls, direct or trusted, came "maybe"'],
    ['! clock soon', 'file:1: expected milliseconds, came "soon"'],
    ['! wait -1', 'file:1: expected milliseconds'],
    ['! include other', "file:1: the option 'include' is needed"],
    ['! accounts []', 'file:1: expected a JSON object, came []'],
    ['! accounts {"juliet": 5}', 'file:1: the password of juliet is a string'],
    ['! accounts {', 'file:1: expected a JSON object: SyntaxError'],
    ['!I dance', 'file:1: "dance" is nothing that can stand behind "!I" or "!R"'],
    ['!I event closed cause', 'file:1: expected path=value pairs, came "cause"'],
    ['!I ask the-time', 'file:1: "the-time" is none of the asks'],
    ['!I answer start-tls', 'file:1: expected one word or a JSON object as the answer, came ""'],
    ['!I answer start-tls two words', 'file:1: expected one word or a JSON object as the answer'],
    ['!I close text=x', 'file:1: a reason to close begins with condition='],
    ['!I send <message', 'file:1: expected an XML element'],
    ['!I send <a/><b/>', 'file:1: expected one XML element'],
    ['!I send <presence/> and more', 'file:1: expected one XML element'],
    ['!I send <iq/>', 'file:1: expected a message, presence or iq that keeps the rules'],
    ['!I send <foo/>', 'file:1: expected a message, presence or iq that keeps the rules: it is none'],
    ['!R raw nothing', 'file:1: expected a JSON string'],
    ['!R raw 5', 'file:1: expected a JSON string'],
    ['!R hex 0', 'file:1: expected pairs of hexadecimal digits'],
    ['!R hex zz', 'file:1: expected pairs of hexadecimal digits'],
    ['! drive R\n!I open', 'file:2: the initiating entity is not driven here'],
    ['!I open\nI: <a', 'file:2: it is no whole element, header or closing tag'],
    [`!I open\n${OPEN}<a><b/>`, 'file:2: it is no whole element, header or closing tag'],
    ['!I open\nI:', 'file:2: it is no whole element, header or closing tag'],
    ['!I open\nI: <a></b>', 'file:2: it is no XML of a stream: tag-mismatch'],
  ])('says where and why it cannot read %j', (text, message) => {
    expect(complaint(text)).toContain(message);
  });

  it('reads included files, whose bytes are not cut', () => {
    const include = (name: string): string => {
      expect(name).toBe('opening');
      return `${OPEN}\n${ANSWER}\n`;
    };
    const included = parseTranscript('! drive R\n! include opening\n', { include });
    expect(runTranscript(included)).toEqual({ runs: 2 });
    expect(runTranscript(parseTranscript(`! drive R\n${OPEN}\n${ANSWER}\n`)).runs).toBe(
      2 + OPEN.length - 'I: '.length - 1,
    );
    expect(runTranscript(parseTranscript(`! drive R\n! whole\n${OPEN}\n${ANSWER}\n`)).runs).toBe(2);
  });
});

describe('runTranscript', () => {
  it('runs one cut when asked to', () => {
    const transcript = parseTranscript(`! drive R\n${OPEN}\n${ANSWER}\n`);
    expect(runTranscript(transcript, { cut: 'whole' })).toEqual({ runs: 1 });
    expect(runTranscript(transcript, { cut: 'bytes' })).toEqual({ runs: 2 });
    expect(runTranscript(transcript, { cut: { to: 'receiving', at: 7 } })).toEqual({ runs: 2 });
    expect(runTranscript(transcript, { cut: { seed: 3 } })).toEqual({ runs: 2 });
  });

  it('cuts long inputs at seeded places', () => {
    const body = 'x'.repeat(5000);
    const transcript =
      parseTranscript(`! drive R\n! tls trusted\n!R config {"unauthenticatedLimits": {"stanzaBytes": 10000}}
I: <stream:stream to='${body}' version='1.0' ${NS}>
R: <stream:stream from='im.example.com' id='…' version='1.0' xml:lang='en' ${NS}>
   <stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>
!R event closed cause.code=…
`);
    expect(() => runTranscript(transcript)).toThrow('policy-violation');
    const longer = parseTranscript(`! drive R\n!R config {"unauthenticatedLimits": {"attributeValueBytes": 9000}}
I: <stream:stream to='im.example.com' from='${'a.'.repeat(2300)}' version='1.0' ${NS}>
R: <stream:stream from='im.example.com' id='…' version='1.0' xml:lang='en' ${NS}>
   <stream:error><invalid-from xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>
!R event closed cause.violation=header-from-malformed
`);
    expect(runTranscript(longer)).toEqual({ runs: 66 });
  });

  it('compares output byte for byte where it is told to', () => {
    const exact = `! exact\n! drive R\n!R close\n!R event closed\n`;
    expect(runTranscript(parseTranscript(exact)).runs).toBe(2);
    const header = `<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' from='im.example.com' id='gIGCg4SFhoeIiYqLjI2Oj5CR' version='1.0' xml:lang='en'>`;
    const rest = `<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>`;
    expect(complaint(`! exact\n! drive R\n${OPEN}\nR: ${header}\n   ${rest}\n`)).toBe('nothing');
    expect(complaint(`! exact\n! drive R\n${OPEN}\nR: ${header.replaceAll("'", '"')}\n   ${rest}\n`)).toContain(
      'file:4: the receiving entity sent it in other words\n  expected: <?xml version="1.0"?>',
    );
  });

  it('runs an entity on one side and a script on the other, with what no text can say', () => {
    const text = `! drive R\n!I hex 3c 73\n!I raw "tream:stream to='im.example.com' version='1.0' ${NS}\\u003e"\n${ANSWER}\n!R is phase=offering wantsInput=true\n`;
    expect(complaint(text)).toBe('nothing');
  });

  it('lets answers be written in many ways', () => {
    const auth = (password: string): string =>
      `I: <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-256'>{{b64:n,,n=juliet,r=abcdefghijklmnop}}</auth>
!R ask look-up-credentials authcid=juliet
!R answer look-up-credentials {"password": "${password}"}
R: <challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>…</challenge>`;
    const text = `! tls direct
! drive R
! accounts {"juliet": "secret"}
${OPEN}
!R ask accept-stream
!R answer accept-stream {"mechanisms": ["SCRAM-SHA-256"], "languages": ["en"]}
R: <stream:stream from='im.example.com' id='…' version='1.0' xml:lang='en' ${NS}>
   <stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-256</mechanism></mechanisms></stream:features>
${auth('any')}
`;
    expect(complaint(text)).toBe('nothing');
    const client = `! tls direct
! drive I
!I config {"mechanisms": ["SCRAM-SHA-256"], "security": "tls"}
!I open
I: <stream:stream from='juliet@im.example.com' to='im.example.com' version='1.0' xml:lang='en' ${NS}>
R: <stream:stream from='im.example.com' id='1' version='1.0' ${NS}><stream:features>
     <mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-256</mechanism></mechanisms></stream:features>
I: <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-256'>…</auth>
R: <challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{{b64:r=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXfrom+the+server+too,s=c2FsdA==,i=4096}}</challenge>
!I ask derive-salted-password
!I answer derive-salted-password {"password": "another"}
I: <response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>…</response>
`;
    expect(complaint(client)).toBe('nothing');
    const bytes = client.replace('{"password": "another"}', `{"$bytes": "${'A'.repeat(43)}="}`);
    expect(complaint(bytes)).toBe('nothing');
  });

  it('follows a path into elements, maps and addresses', () => {
    const text = `${PLAIN}
!I open
I: <stream:stream from='juliet@im.example.com' to='im.example.com' version='1.0' xml:lang='en' ${NS}>
!R ask accept-stream security.tls.channelBindings.tls-exporter=… security.tls.channelBindings.none=undefined lang=en
!R answer accept-stream default
R: <stream:stream from='im.example.com' to='juliet@im.example.com' id='…' version='1.0' xml:lang='en' ${NS}>
   <stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms></stream:features>
!I event stream-opened header.version={"major":1,"minor":0} header.version.major.minor=undefined
`.replace('header.version={"major":1,"minor":0}', String.raw`header.version="{\"major\":1,\"minor\":0}"`);
    const more = `!I event features features.mechanisms.mechanism.text=PLAIN features.@none=undefined features.mechanisms=…
I: <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>…</auth>
!R event authenticated
R: <success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>
!I event authenticated
I: <stream:stream from='juliet@im.example.com' to='im.example.com' version='1.0' xml:lang='en' ${NS}>
R: <stream:stream from='im.example.com' to='juliet@im.example.com' id='…' version='1.0' xml:lang='en' ${NS}>
   <stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>
I: <iq id='…' type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>balcony</resource></bind></iq>
!R event ask ask=bind-resource
`;
    expect(complaint(text + more)).toBe('nothing');
  });
});

describe('the example of the documentation', () => {
  it('holds', () => {
    const document = readFileSync(new URL('../../../docs/transcripts.md', import.meta.url), 'utf8');
    const [, example = ''] = /```transcript\n([^]*?)```/.exec(document) ?? [];
    expect(runTranscript(parseTranscript(example)).runs).toBeGreaterThan(300);
  });
});

describe('a transcript that does not hold', () => {
  it.each([
    [
      'what was sent is another element',
      `! drive R\n${OPEN}\n${ANSWER.replace('starttls ', 'other ').replace('</starttls', '</other')}`,
      'file:3: the receiving entity sent something else\n  expected: <stream:features',
    ],
    [
      'what was sent has other attributes',
      `! drive R\n${OPEN}\n${ANSWER.replace("id='…'", "id='…' to='x@y'")}`,
      "to='x@y'",
    ],
    [
      'what was sent has another value',
      `! drive R\n${OPEN}\n${ANSWER.replace("'…'", "'1'")}`,
      "expected: <stream:stream xmlns:stream='http://etherx.jabber.org/streams' from='im.example.com' id='1'",
    ],
    [
      'what was sent has another content namespace',
      `! drive R\n${OPEN}\n${ANSWER.replace("'jabber:client'", "'jabber:server'")}`,
      'file:3: the receiving entity sent something else',
    ],
    ['what was sent has other children', `! drive R\n${OPEN}\n${ANSWER.replace('<required/>', '')}`, 'file:3'],
    ['what was sent has text', `! drive R\n${OPEN}\n${ANSWER.replace('<required/>', 'please')}`, 'file:3'],
    [
      'an element was sent in place of the closing tag',
      `! drive R\n${OPEN}\n${ANSWER.replace(/<stream:features>.*/, '</stream:stream>')}`,
      'expected: the closing tag',
    ],
    [
      'nothing was sent',
      `! drive R\n${OPEN}\n${ANSWER}\nR: <proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>`,
      'file:5: expected the receiving entity to send something else: nothing more was sent\n  expected: <proceed',
    ],
    [
      'a header comes in place of an element',
      `! drive I\n!I open\nI: <a/>`,
      'file:3: expected the initiating entity to send something else',
    ],
    [
      'what was sent is not mentioned',
      `! drive R\n${OPEN}`,
      'file:2: the receiving entity sent what no line expects: <?xml',
    ],
    [
      'an event is not mentioned',
      '! drive R\n!R close',
      'file:2: the receiving entity reported what no line expects: {"type":"closed"',
    ],
    [
      'an event does not come',
      `! drive R\n!R event closed`,
      'file:2: expected the event closed of the receiving entity; it reported nothing more and is in phase awaiting-header',
    ],
    [
      'another event comes',
      `! drive R\n!R eof\n!R event peer-closing`,
      'file:3: expected peer-closing\n  reported: {"type":"closed"',
    ],
    ['another ask comes', `! drive R\n${OPEN}\n!R ask start-tls`, 'expected the event ask start-tls'],
    [
      'an event has another member',
      `! drive R\n!R eof\n!R event closed transport=abort`,
      'file:3: transport is "end", expected "abort"',
    ],
    [
      'a member is missing',
      `! drive R\n!R eof\n!R event closed cause.more=…`,
      'file:3: cause.more is "undefined", expected "…"',
    ],
    [
      'a getter says something else',
      `! drive R\n!R is phase=closed`,
      'file:2: phase is "awaiting-header", expected "closed"',
    ],
    ['there is no white space', `! drive R\n!R whitespace`, 'file:2: expected white space, came nothing'],
    [
      'something else is no white space',
      `! drive I\n!I open\n!I whitespace`,
      'file:3: expected white space, came <?xml',
    ],
    [
      'nothing is thrown',
      `! drive I\n!I throws already-opened open`,
      'file:2: expected open to throw already-opened, it did not',
    ],
    [
      'something else is thrown',
      `! drive I\n!I throws already-opened send <presence/>`,
      'file:2: expected send to throw already-opened, it threw not-established',
    ],
    ['a command throws', `! drive I\n!I send <presence/>`, 'file:2: LocalProtocolError: stanzas may be sent once'],
    [
      'a command that a receiving entity has not',
      `! drive R\n!R open`,
      'file:2: Error: a receiving entity has no open()',
    ],
    ['an answer without an ask', `! drive R\n!R answer start-tls failed`, 'file:2: Error: start-tls was not asked'],
    [
      'an answer that comes too late unexpectedly',
      `! drive R\n${OPEN}\n!R ask accept-stream\n!R close\n!R answer accept-stream default`,
      'file:5: Error: answer() returned false, expected true',
    ],
    [
      'an answer in time where it should be late',
      `! drive R\n${OPEN}\n!R ask accept-stream\n!R answer-late accept-stream default`,
      'file:4: Error: answer() returned true, expected false',
    ],
    ['the end of time', `! drive R\n! clock 40000`, 'the receiving entity sent what no line expects'],
  ])('says so: %s', (_, text, message) => {
    expect(complaint(text)).toContain(message);
  });

  it('names the cut', () => {
    // Two elements in one chunk are a violation behind <starttls/>, in two chunks it is another one.
    const text = `! drive R\n${OPEN}\n${ANSWER}\nI: <starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><presence/>\n!R event closed cause.violation=bytes-behind-starttls`;
    expect(complaint(text)).toContain('(bytes cut: after each byte)');
    const mismatch = (cut: Parameters<typeof runTranscript>[1]): string => {
      try {
        runTranscript(parseTranscript(text), cut);
        return '';
      } catch (error) {
        return String(error);
      }
    };
    const at = OPEN.length - 3 + "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>".length;
    expect(mismatch({ cut: { to: 'receiving', at } })).toContain(`(bytes cut: at byte ${at} to the receiving entity)`);
    expect(mismatch({ cut: { to: 'receiving', at: 3 } })).toBe('');
    expect(Array.from({ length: 40 }, (__, seed) => mismatch({ cut: { seed } })).join('')).toContain(
      '(bytes cut: at random places, seed ',
    );
  });

  it('says when the events of a cut run are others although every line holds', () => {
    // In one piece it is more than the entity stores, byte by byte the element is too large: both are a policy-violation.
    const text = `! drive R
${OPEN}
${ANSWER}
I: <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>${'x'.repeat(280_000)}</auth>
R: <stream:error><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>
!R event closed transport=end`;
    expect(complaint(text)).toMatch(
      /reported something else than in the run without cuts\n {2}then: .*input-overrun.*\n {2}now: .*stanza-too-large/,
    );
  });
});
