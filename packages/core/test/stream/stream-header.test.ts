import { describe, expect, it } from 'vitest';
import { chooseLanguage, isLanguageTag } from '../../src/stream/language.ts';
import { compareVersions, formatVersion, parseVersion } from '../../src/stream/version.ts';
import { auth, client, header, HEADER, mechanisms, plain, RESPONSE, SECURED, server } from '../engine/script.ts';
import { newInitiating, type newReceiving } from '../engine/support.ts';

const responseTo = (attributes: string, policy: Parameters<typeof server>[0] = {}): string =>
  server(policy).peer(header(attributes)).said;
const TO = "to='im.example.com' version='1.0'";

describe('the response header (RFC 6120 §4.7)', () => {
  it('[R4.7.1-3] [R4.7.3-4] is from the host, with an id', () => {
    expect(responseTo(TO)).toMatch(/<stream:stream [^>]*from='im\.example\.com' id='[A-Za-z0-9+/=]{24}'/);
  });

  it('[R4.7.2-2] [R4.7.2-3] is to the bare address that the peer gave, and to nobody when it gave none', () => {
    expect(responseTo(`from='juliet@im.example.com/balcony' ${TO}`)).toContain("to='juliet@im.example.com'");
    expect(responseTo(TO)).not.toContain(' to=');
  });

  it.each(['example.net', 'EXAMPLE.net', 'romeo@example.net', 'example.net/x'])(
    '[R4.7.2-4] is to the domain of a peer server, also when it refuses %s',
    (from) => {
      const { said } = server({}, { ...SECURED, contentNamespaces: ['jabber:server'] }).peer(
        header(`from='${from}' ${TO}`, 'jabber:server'),
      );
      expect(said).toContain("xmlns='jabber:server'");
      expect(said).toContain(" to='example.net'");
    },
  );

  it("[R4.7.3-3] the peer's own id is ignored", () => {
    expect(responseTo(`id='mine' ${TO}`)).not.toContain("'mine'");
  });

  it('[R4.3.3-3] [R4.7.3-1] [R4.7.3-2] the id is new on every stream, and made of randomness', () => {
    const ids = [1, 2].map((seed) => {
      const script = server({}, { ...SECURED, random: (length) => new Uint8Array(length).fill(seed) });
      return /id='([^']+)'/.exec(script.peer(HEADER).said)?.[1];
    });
    expect(new Set(ids).size).toBe(2);
  });

  it.each([
    ['de-CH', ['en', 'de-CH'], 'de-CH'],
    ['de-ch', ['en', 'de-CH'], 'de-ch'],
    ['de-CH', ['en', 'de'], 'de'],
    ['zh-Hant-CN-x-private', ['en', 'zh-Hant'], 'zh-Hant'],
    ['fr', ['en', 'de'], 'en'],
    ['not a tag', ['de', 'en'], 'de'],
  ])('[R4.7.4-4] [R4.7.4-5] [R4.7.4-6] asked in %s, having %o, it speaks %s', (asked, languages, spoken) => {
    expect(responseTo(`xml:lang='${asked}' ${TO}`, { languages })).toContain(`xml:lang='${spoken}'`);
  });

  it('[R4.7.4-3] has a language also when the peer has none', () => {
    expect(responseTo(TO)).toContain("xml:lang='en'");
    expect(server({}, { ...SECURED, lang: 'de' }).peer(HEADER).said).toContain("xml:lang='de'");
  });

  it.each([
    ['1.0', '1.0'],
    ['1.1', '1.0'],
    ['1.13', '1.0'],
    ['01.00', '1.0'],
    ['2.0', '1.0'],
    ['10.0', '1.0'],
  ])('[R4.7.5-5] [R4.7.5-6] [R4.7.5-2] version %s is answered with %s', (theirs, ours) => {
    const said = responseTo(`to='im.example.com' version='${theirs}'`);
    expect(/<stream:stream [^>]*>/.exec(said)?.[0]).toContain(` version='${ours}'`);
  });

  it('[R4.7.5-8] a peer without version gets none back', () => {
    const { said } = server().peer(header("to='im.example.com'"));
    expect(/<stream:stream [^>]*>/.exec(said)?.[0]).not.toContain('version=');
    expect(said).toContain('<unsupported-version');
  });

  it.each(['', '1', 'abc', '1.0.0'])(
    '[R4.7.5-5] [R4.7.5-8] a version that is none, %j, is answered with ours',
    (version) => {
      const { said } = server().peer(header(`to='im.example.com' version='${version}'`));
      expect(/<stream:stream [^>]*>/.exec(said)?.[0]).toContain("version='1.0'");
      expect(said).toContain('<unsupported-version');
    },
  );

  it('[R4.9.1.2-1] [R4.9.1.3-1] stands before an error of the setup, from a name of ours or from nobody', () => {
    const refuse = (config: Parameters<typeof newReceiving>[0], domain?: string): string => {
      const script = server({}, config, (entity, event) => {
        if (event.type === 'ask' && event.ask === 'accept-stream') {
          entity.answer(event, { refuse: { condition: 'host-unknown' }, ...(domain === undefined ? {} : { domain }) });
        }
      });
      return script.peer(header("to='unknown.example.com' version='1.0'")).said;
    };
    expect(refuse({})).toMatch(
      /^<\?xml version='1\.0'\?><stream:stream [^>]*from='' [^>]*><stream:error><host-unknown [^>]*\/><\/stream:error><\/stream:stream>$/,
    );
    expect(refuse({ domain: 'im.example.com' })).toContain("from='im.example.com'");
    expect(refuse({}, 'example.org')).toContain("from='example.org'");
    expect(server().peer(header("to='unknown.example.com' version='0.9'")).said).toMatch(
      /^[^>]*><stream:stream [^>]*from='' [^>]*><stream:error><unsupported-version /,
    );
  });

  it('[R4.8.2-1] the namespace of the content is that of the peer', () => {
    expect(responseTo(TO)).toContain("xmlns='jabber:client'");
    const prefixFree = "<stream xmlns='http://etherx.jabber.org/streams' to='im.example.com' version='1.0'>";
    expect(server().peer(prefixFree).said).toContain("xmlns='jabber:client'");
  });

  it('[R4.8.5-6] may declare what belongs to the stream, and nothing else', () => {
    const declaring = (declaration: string): string =>
      server().peer(HEADER.replace(' to=', ` ${declaration} to=`)).said;
    for (const own of [
      "xmlns:c='jabber:client'",
      "xmlns:tls='urn:ietf:params:xml:ns:xmpp-tls'",
      "xmlns:db='jabber:server:dialback'",
      "xmlns:xml='http://www.w3.org/XML/1998/namespace'",
    ]) {
      expect(declaring(own)).toContain('<stream:features>');
    }
    expect(declaring("xmlns:x='urn:example:x'")).toContain('<invalid-namespace');
  });

  it('after SASL: the language of the new header, the host by any name it was accepted by', () => {
    const script = server({ languages: ['en', 'de'] });
    script.peer(header("to='www.example.com' version='1.0'"));
    script.peer(auth('PLAIN', plain('juliet', 'r0m30')));
    const { said } = script.peer(header("to='www.example.com' xml:lang='de' version='1.0'"));
    expect(said).toContain("xml:lang='de'");
    expect(said).toContain('<bind');
  });

  it('[R4.7.1-3] after SASL an error is from the host', () => {
    const script = server();
    script.peer(HEADER);
    script.peer(auth('PLAIN', plain('juliet', 'r0m30')));
    expect(script.peer(header(`from='romeo@im.example.com' ${TO}`)).said).toMatch(
      /<stream:stream [^>]*from='im\.example\.com'/,
    );
  });

  it('[R6.4.5-5] a peer that cannot authenticate here is told so at once', () => {
    const { said, events } = server({ mechanisms: ['EXTERNAL'] }).peer(HEADER);
    expect(said).toContain('<policy-violation');
    expect(events.at(-1)).toMatchObject({ type: 'closed', cause: { code: 'negotiation-failed', at: 'sasl' } });
  });

  it('another prefix for the stream namespace is fine', () => {
    const { said } = server().peer(
      "<s:stream xmlns='jabber:client' xmlns:s='http://etherx.jabber.org/streams' to='im.example.com' version='1.0'>",
    );
    expect(said).toContain('<stream:features>');
  });
});

describe('the initial header (RFC 6120 §4.7)', () => {
  const initial = (config: Parameters<typeof newInitiating>[0]): string => {
    const entity = newInitiating(config);
    entity.open();
    return new TextDecoder().decode(entity.takeOutput());
  };

  it('[R4.7.2-1] [R4.7.5-4] [R11.5-1] is to the domain, of version 1.0, behind an XML declaration', () => {
    expect(initial({})).toBe(
      "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='im.example.com' version='1.0' xml:lang='en'>",
    );
  });

  it('[R4.7.1-1] says who we are only on a protected connection, and as a bare address', () => {
    expect(initial({ from: 'juliet@im.example.com/balcony' })).not.toContain('from=');
    expect(initial({ ...SECURED, from: 'juliet@im.example.com/balcony' })).toContain("from='juliet@im.example.com'");
    expect(initial({ security: { kind: 'trusted' }, from: 'juliet@im.example.com' })).toContain(
      "from='juliet@im.example.com'",
    );
  });

  it('[R4.7.4-2] says our language', () => {
    expect(initial({ lang: 'de-CH' })).toContain("xml:lang='de-CH'");
  });
});

describe('what an initiating entity accepts (RFC 6120 §4.7)', () => {
  it('[R4.7.1-5] a response without from, and without id', () => {
    expect(client().peer(header("version='1.0'") + mechanisms('PLAIN')).said).toContain('<auth');
  });

  it('a response from another name is refused at the features, but not before an error has been heard', () => {
    const other = RESPONSE.replace("from='im.example.com'", "from='other.example.com'");
    expect(
      client()
        .peer(other + mechanisms('PLAIN'))
        .events.at(-1),
    ).toMatchObject({ cause: { violation: 'response-from-wrong' } });
    const error =
      "<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>";
    expect(
      client()
        .peer(other + error)
        .events.at(-1),
    ).toMatchObject({ cause: { code: 'stream-error-received', error: { condition: 'host-unknown' } } });
  });

  it.each(['0.9', '2.0'])('[R4.7.5-7] version %s is not what was asked for', (version) => {
    const response = header(`from='im.example.com' id='s1' version='${version}'`);
    const { said, events } = client().peer(response + mechanisms('PLAIN'));
    expect(said).toContain('<unsupported-version');
    expect(events.at(-1)).toMatchObject({ cause: { violation: 'version-unsupported' } });
  });

  it('[R4.7.5-3] a minor version does not count', () => {
    expect(client().peer(header("from='im.example.com' id='s1' version='1.7'") + mechanisms('PLAIN')).said).toContain(
      '<auth',
    );
  });

  it('no version is 0.9, at the features or when none come', () => {
    const response = header("from='im.example.com' id='s1'");
    expect(client().peer(`${response}<stream:features/>`).events.at(-1)).toMatchObject({
      cause: { violation: 'version-absent' },
    });
    const script = client();
    script.peer(response);
    script.entity.handleTimeout(script.entity.nextTimeout(0) ?? 0);
    expect(script.peer('').events).toMatchObject([{ cause: { violation: 'version-absent' } }]);
  });

  it('whatever is odd about a header, a stream error behind it explains more', () => {
    const error =
      "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>a.example</see-other-host></stream:error>";
    for (const response of [header("from='x.example' id='s1'"), header("version='1.0'", 'jabber:server')]) {
      expect(
        client()
          .peer(response + error)
          .events.at(-1),
      ).toMatchObject({ cause: { code: 'stream-error-received', error: { host: 'a.example' } } });
    }
  });

  it('prefixes that a server declares for itself do no harm here', () => {
    const response = RESPONSE.replace(' from=', " xmlns:x='urn:example:x' from=");
    expect(client().peer(response + mechanisms('PLAIN')).said).toContain('<auth');
  });

  it('stanzas and other elements before the features close', () => {
    expect(client().peer(`${RESPONSE}<message/>`).events.at(-1)).toMatchObject({
      cause: { violation: 'stanza-before-completion' },
    });
  });
});

describe('languages', () => {
  it('[R4.7.4-1] tags are RFC 5646 in form', () => {
    for (const tag of ['en', 'de-CH', 'zh-Hant-CN', 'x-klingon', 'i-default']) expect(isLanguageTag(tag)).toBe(true);
    for (const tag of ['', '-', 'en-', 'de_CH', 'toolonglanguage', 'en us', `en${'-abcdefgh'.repeat(40)}`])
      expect(isLanguageTag(tag)).toBe(false);
  });

  it('[R4.7.4-5] the lookup drops a single letter together with what is behind it', () => {
    expect(chooseLanguage('zh-Hant-x-private1', ['en', 'zh-Hant'])).toBe('zh-Hant');
    expect(chooseLanguage('de-x', ['en', 'de'])).toBe('de');
    expect(chooseLanguage(undefined, ['en', 'de'])).toBe('en');
  });
});

describe('versions', () => {
  it('[R4.7.5-1] are two integers', () => {
    const sorted = ['1.0', '2.4', '2.13', '12.3'].map((text) => parseVersion(text) ?? { major: NaN, minor: NaN });
    expect(sorted.toReversed().toSorted(compareVersions)).toEqual(sorted);
    expect(parseVersion('6.01')).toEqual({ major: 6, minor: 1 });
    expect(formatVersion({ major: 2, minor: 13 })).toBe('2.13');
    for (const text of ['', '1', '1.', '.0', '1.0.0', '-1.0', '1.0 ', 'a.b', '1.99999999999'])
      expect(parseVersion(text)).toBeUndefined();
  });
});
