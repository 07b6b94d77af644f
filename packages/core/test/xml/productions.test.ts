import { describe, expect, it } from 'vitest';
import { all, mistakes } from './reading.ts';

// The productions of XML 1.0 (fifth edition) and Namespaces in XML 1.0 at their borders, and the stream error for each mistake.

const MALFORMED = 'not-well-formed';
const RESTRICTED = 'restricted-xml';
const ENCODING = 'unsupported-encoding';
const FORMAT = 'bad-format';

// Productions [4] and [4a], without the colon.
const START =
  '41-5A 5F-5F 61-7A C0-D6 D8-F6 F8-2FF 370-37D 37F-1FFF 200C-200D 2070-218F 2C00-2FEF 3001-D7FF F900-FDCF FDF0-FFFD 10000-EFFFF';
const REST = '2D-2E 30-39 B7-B7 300-36F 203F-2040';
const ranges = (text: string) =>
  text.split(' ').map((range) => range.split('-').map((each) => Number.parseInt(each, 16)) as [number, number]);
const isIn = (text: string, code: number) => ranges(text).some(([from, to]) => code >= from && code <= to);

describe('names', () => {
  const borders = ranges(`${START} ${REST}`)
    .flatMap(([from, to]) => [from - 1, from, to, to + 1])
    .filter((code) => isIn(START, code) || !'/:'.includes(String.fromCodePoint(code)))
    .filter((code) => code < 0xd800 || code > 0xdfff);

  it('begin with what may begin a name', () => {
    const cases = borders.flatMap((code) => {
      const c = String.fromCodePoint(code);
      const texts = [`<${c}x/>`, `<a ${c}x='1'/>`, `<a xmlns:${c}p='u'/>`, `<a xmlns:p='u'><p:${c}/></a>`];
      return all(texts, isIn(START, code) ? 'accepted' : MALFORMED);
    });
    expect(mistakes(cases)).toEqual([]);
  });

  it('go on with what may be in a name', () => {
    const cases = borders.flatMap((code) => {
      const c = String.fromCodePoint(code);
      const texts = [`<x${c}></x${c}>`, `<a x${c}y='1'/>`, `<a xmlns:p${c}='u'><p${c}:b/></a>`];
      return all(texts, isIn(START, code) || isIn(REST, code) ? 'accepted' : MALFORMED);
    });
    expect(mistakes(cases)).toEqual([]);
  });

  it('have one colon, inside', () => {
    const wrong = ['<:a/>', '<a:/>', '<:/>', '<a::b/>', "<a:b:c xmlns:a='u'/>", "<a b:='1'/>", "<a :b='1'/>"];
    const more = ["<a xmlns:='u'/>", "<a xmlns::p='u'/>", "<a xmlns:p:q='u'/>", "<a xmlns:p='u'><p :b/></a>"];
    expect(mistakes(all([...wrong, ...more], MALFORMED))).toEqual([]);
  });
});

describe('characters', () => {
  it('are those of production [2], wherever they stand', () => {
    const codes = [...Array.from({ length: 0x21 }, (_, at) => at), 0x7f, 0x80, 0x9f, 0xd7ff, 0xe000, 0xfdd0, 0xfeff];
    const cases = [...codes, 0xfffd, 0xfffe, 0xffff, 0x10000, 0x1fffe, 0x1ffff, 0x10ffff].flatMap((code) => {
      const allowed = code > 0x1f ? code !== 0xfffe && code !== 0xffff : [9, 10, 13].includes(code);
      const c = String.fromCodePoint(code);
      const read = code === 13 ? '\n' : c;
      const value = code < 0x20 ? ' ' : c;
      return [
        [`<a>x${c}y</a>`, allowed ? { text: `x${read}y` } : MALFORMED],
        [`<a><![CDATA[${c}]]></a>`, allowed ? { text: read } : MALFORMED],
        [`<a b='${c}'/>`, allowed ? { value } : MALFORMED],
        [`<a>&#${code};</a>`, allowed ? { text: c } : MALFORMED],
        [`<a b='&#x${code.toString(16)};'/>`, allowed ? { value: c } : MALFORMED],
      ] as const;
    });
    expect(mistakes(cases)).toEqual([]);
  });

  it('outside of elements are white space, or the more exact mistake', () => {
    const cases = [...all([' \t\r\n', '<a/> <b/>'], 'accepted'), ...all(['\uFFFE', '\u0001', '\0'], MALFORMED)];
    expect(mistakes([...cases, ...all(['x', 'é', '\u0085', '\uFEFF', '日', '😀', '>', '&#32;'], FORMAT)])).toEqual([]);
    const document = ['\uFEFF<a/>', 'é<a/>', '<a/>é', '<a/>\uFEFF', '<a/>&#32;', '\uFFFF<a/>', '<a/>\u00A0', '😀'];
    expect(mistakes(all(document, MALFORMED), 'document')).toEqual([]);
  });
});

describe('references', () => {
  const zeros = '0'.repeat(400);
  const resolved: readonly (readonly [string, string])[] = [
    [`&#${zeros}65;&#x${zeros}41;&#065;`, 'AAA'],
    ['&#xaF;&#xAf;', '\u00AF\u00AF'],
    ['&#38;lt;&amp;lt;&#38;#60;', '&lt;&lt;&#60;'],
    ['&#1114111;&#x10FFFF;', '\u{10FFFF}\u{10FFFF}'],
    [`&amp;&lt;&gt;&apos;&quot;;#65;%a;`, `&<>'";#65;%a;`],
    ['&#xD;&#xA;&#9;', '\r\n\t'],
  ];
  const wrong =
    '&#XAF; &#x; &#; &#65 &#x41&; &#xg; &#6a; &#-1; &#+1; &#1e1; &#0x41; &#65.0; &#x110000; &#1114112; &#x100000041; &#4294967361; ' +
    '&#xD800; &#xDBFF;&#xDC00; &#xDFFF; &#x0; &#00; &#\u0661; &#x\uFF21; & &; && &amp &amp&amp; &1; &-a; &.; &$; &a$; &a&b; &#0;&foo;';
  const unknown = '&foo; &AMP; &Lt; &_; &é; &日本; &a.b-c; &constructor; &__proto__; &amp;&foo; &foo;&#0; &x41;';

  it('are the five entities and the numbers of characters', () => {
    const places = (reference: string) => [
      `<a>${reference}</a>`,
      `<a b="${reference}"/>`,
      `<a xmlns:p="${reference}"/>`,
    ];
    expect(
      mistakes([
        ...resolved.flatMap(([reference, text]) => [
          [`<a>${reference}</a>`, { text }] as const,
          [`<a b="${reference}"/>`, { value: text }] as const,
          [`<a><![CDATA[${reference}]]></a>`, { text: reference }] as const,
        ]),
        ...wrong.split(' ').flatMap((each) => all(places(each), MALFORMED)),
        ...unknown.split(' ').flatMap((each) => all(places(each), RESTRICTED)),
      ]),
    ).toEqual([]);
  });
});

describe('text and sections', () => {
  it.each([
    ['\r\n|\r|\n\r|\r\r\n|\u0085|\u2028', '\n|\n|\n\n|\n\n|\u0085|\u2028'],
    ['\r<![CDATA[\n]]>|\r<![CDATA[]]>\n|<![CDATA[\r]]><![CDATA[\n]]>', '\n\n|\n\n|\n\n'],
    ['&#13;\n|\r&#10;|<![CDATA[&#13;]]>', '\r\n|\n\n|&#13;'],
    [']]<![CDATA[]]>>|]]<b/>>|<![CDATA[]]]]><![CDATA[>]]>|<![CDATA[]]]]>>', ']]>|]]>|]]>|]]>'],
    ['&#93;]>|]&#93;>|]]&gt;|]] >|] ]>|]>', ']]>|]]>|]]>|]] >|] ]>|]>'],
    ['<![CDATA[<![CDATA[]]>|<![CDATA[]>]]>|<![CDATA[]]]>|<![CDATA[]]x>]]>', '<![CDATA[|]>|]|]]x>'],
  ])('%j are read as %j', (texts, wanted) => {
    const results = wanted.split('|');
    expect(mistakes(texts.split('|').map((each, at) => [`<a>${each}</a>`, { text: results[at] ?? '' }]))).toEqual([]);
  });

  it('that are not closed, or closed twice, are refused', () => {
    const wrong = [']]>', ']]]>', '<![CDATA[a]]>]]>', '<![CDATA[<![CDATA[x]]>]]>', '<![CDAT[x]]>', '<![[x]]>', '<!>'];
    const more = ['<!CDATA[x]]>', '<!doctype a>', '<!foo>', '<!é>', '<!->', '<!- -', '<![ CDATA[x]]>', '<!_x>', '<!&>'];
    expect(
      mistakes(
        all(
          more.concat(wrong).map((each) => `<a>${each}</a>`),
          MALFORMED,
        ),
      ),
    ).toEqual([]);
    const declarations = ['<!DOCTYPE', '<!ENTITY a "b">', '<!ELEMENT a ANY>', '<!ATTLIST a>', '<!NOTATION a>'];
    expect(mistakes(all([...declarations, '<![IGNORE[x]]>', '<!-->-->', '<?é?>'], RESTRICTED))).toEqual([]);
  });
});

describe('attributes', () => {
  it('are normalised before their references are resolved', () => {
    const cases: [string, string][] = [
      ['\t \r\n \n\r \r\r', ' '.repeat(9)],
      ['\r&#10; &#13;\n', ' \n \r '],
      ['é\r\né&#9;', 'é é\t'],
      [" x  y ' ]]> /> ?>", " x  y ' ]]> /> ?>"],
    ];
    expect(mistakes(cases.map(([input, value]) => [`<a b="${input}"/>`, { value }]))).toEqual([]);
  });

  it('are told apart by expanded names', () => {
    const declared = "xmlns:p='u' xmlns:q='u'";
    const wrong = [`<a ${declared} p:b='' q:b=''/>`, `<a p:b='' q:b='' ${declared}/>`, "<a xmlns='' xmlns=''/>"];
    const more = ["<a xmlns:p='u&#x20;' xmlns:q='u\t' p:b='' q:b=''/>", "<a b='' c='' b=''/>"];
    const right = [`<a ${declared} p:b='' b=''/>`, "<a xmlns:p='u' xmlns:q='U' p:b='' q:b=''/>", "<a b='' B=''/>"];
    expect(mistakes([...all([...wrong, ...more], MALFORMED), ...all(right, 'accepted')])).toEqual([]);
  });
});

describe('reserved namespaces', () => {
  const XML = 'http://www.w3.org/XML/1998/namespace';
  const wrong = [`xmlns:p='&#104;ttp${XML.slice(4)}'`, "xmlns='http://www.w3.org/2000/xmlns&#47;'", "xmlns:xml=''"];
  const right = [
    `xmlns:xml='&#104;ttp${XML.slice(4)}'`,
    `xmlns:p='${XML} '`,
    "xmlns:XML='u' XML:b=''",
    "xmlns:xmlx='u'",
  ];

  it('are recognised by what they are, not by how they are written', () => {
    const tags = (each: readonly string[]) => each.map((text) => `<a ${text}/>`);
    expect(mistakes([...all(tags(wrong), MALFORMED), ...all(tags(right), 'accepted')])).toEqual([]);
  });
});

describe('XML declarations', () => {
  const declared = (rest: string) => `<?xml version='1.0'${rest}?><a/>`;
  it('are read to the letter', () => {
    const right = ['', ' ', "\r\nencoding\n=\t'uTf-8' ", " standalone='no'", ' encoding="UTF-8" standalone = "yes"'];
    const encodings = ['utf8', 'UTF-16', 'US-ASCII', 'UTF-8.', 'u', 'x-unknown'].map((each) => ` encoding='${each}'`);
    const wrong = [
      "encoding='UTF-8'",
      " encoding=''",
      " encoding='8'",
      " encoding='UTF-8 '",
      ' encoding=UTF-8',
      ' encoding',
    ];
    const more = [
      " ENCODING='UTF-8'",
      " encoding='UTF-8'standalone='no'",
      " standalone='NO'",
      " version='1.0'",
      " a='b'",
    ];
    const last = [" standalone='no' encoding='UTF-8'", '\u00A0', '\v', ' ?', " encoding='UTF\u20108'"];
    const cases = [...all(right.map(declared), 'accepted'), ...all(encodings.map(declared), ENCODING)];
    expect(mistakes([...cases, ...all([...wrong, ...more, ...last].map(declared), MALFORMED)], 'document')).toEqual([]);
    const others = [
      '<?xml?>',
      "<?xml Version='1.0'?>",
      "<?xml version='1'?>",
      "<?xml version='1.0'?",
      "<?xml version='1.0' ",
    ];
    const before = [
      " <?xml version='1.0'?>",
      "\uFEFF<?xml version='1.0'?>",
      "<?xml version='1.0'?> <?xml version='1.0'?>",
    ];
    expect(
      mistakes(
        all(
          [...others, ...before].map((each) => `${each}<a/>`),
          MALFORMED,
        ),
        'document',
      ),
    ).toEqual([]);
  });
});
