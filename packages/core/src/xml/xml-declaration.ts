import type { XmlProblem } from './references.ts';

// XML 1.0 productions [23] to [26], [32], [80] and [81].
const XML_DECLARATION = new RegExp(
  String.raw`^<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(?:'(?<single>[^'"<&]*)'|"(?<double>[^'"<&]*)")` +
    String.raw`(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(?:'(?<encoding>[A-Za-z][\w.\-]*)'|"(?<quoted>[A-Za-z][\w.\-]*)"))?` +
    String.raw`(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(?:'(?:yes|no)'|"(?:yes|no)"))?[ \t\r\n]*\?>$`,
);

/** What is wrong with an XML declaration; undefined when nothing is. */
export function checkXmlDeclaration(text: string): XmlProblem | undefined {
  const groups = XML_DECLARATION.exec(text)?.groups;
  if (groups === undefined) {
    return {
      violation: 'malformed-xml-declaration',
      detail: "expected <?xml version='1.0'?>, perhaps with an encoding",
    };
  }
  // RFC 6120 §11.8: XMPP is defined in terms of XML 1.0 only.
  const version = groups['single'] ?? groups['double'] ?? '';
  if (version !== '1.0')
    return { violation: 'unsupported-xml-version', detail: `XML ${version.slice(0, 20)}; expected 1.0` };
  // RFC 6120 §11.6: UTF-8 and no other encoding.
  const encoding = groups['encoding'] ?? groups['quoted'] ?? 'UTF-8';
  if (encoding.toUpperCase() !== 'UTF-8') {
    return { violation: 'wrong-encoding', detail: `the encoding ${encoding.slice(0, 40)}; expected UTF-8` };
  }
  // RFC 6120 §11.5: a standalone declaration has no meaning here; it is ignored.
  return undefined;
}
