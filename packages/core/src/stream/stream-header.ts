import { DIALBACK_NS, isExtensionNamespace, STREAM_NS, XML_NS, type ContentNamespace } from '../namespaces.ts';
import { xml, type XmlElement } from '../xml/index.ts';
import { isLanguageTag } from './language.ts';
import type { ViolationFound } from './violations.ts';
import { parseVersion, type StreamVersion } from './version.ts';

/** The attributes of a stream header (RFC 6120 §4.7). Addresses are as written: nothing has verified them. */
export interface StreamHeader {
  readonly to: string | undefined;
  readonly from: string | undefined;
  /** The stream ID; only response headers have one that counts (RFC 6120 §4.7.3). */
  readonly streamId: string | undefined;
  /** xml:lang, when it is a language tag. */
  readonly lang: string | undefined;
  /** `undefined` where the attribute was absent: the peer speaks "0.9" (RFC 6120 §4.7.5). */
  readonly version: StreamVersion | undefined;
  /** The default namespace; `undefined` where the header uses prefix-free canonicalization (RFC 6120 §4.8.2). */
  readonly contentNamespace: string | undefined;
}

/** Reads the root start tag of a stream; a problem comes back with all of the header that could be read. */
export function readStreamHeader(element: XmlElement): {
  readonly header: StreamHeader;
  readonly problem: ViolationFound | undefined;
} {
  const version = element.attribute('version');
  const parsed = version === undefined ? undefined : parseVersion(version);
  const lang = element.attribute('lang', XML_NS);
  const defaultNamespace = element.declarations.get('');
  // RFC 6120 §4.8.2: declaring a content namespace is a MAY; without one each first-level element declares its own.
  const prefixFree = element.prefix === '' && defaultNamespace === STREAM_NS;
  const header: StreamHeader = {
    to: element.attribute('to'),
    from: element.attribute('from'),
    streamId: element.attribute('id'),
    lang: lang !== undefined && isLanguageTag(lang) ? lang : undefined,
    version: parsed,
    contentNamespace: prefixFree || defaultNamespace === '' ? undefined : defaultNamespace,
  };
  return { header, problem: problemOf(element, header, version) };
}

function problemOf(element: XmlElement, header: StreamHeader, version: string | undefined): ViolationFound | undefined {
  // RFC 6120 §4.8.1: the root is qualified by the stream namespace.
  if (element.namespace !== STREAM_NS) {
    return {
      violation: 'stream-namespace-wrong',
      detail: `expected <stream/> in ${STREAM_NS}, came <${element.name}/> in ${element.namespace || 'no namespace'}`,
    };
  }
  if (element.name !== 'stream') {
    return { violation: 'root-not-stream', detail: `expected <stream/> as the root, came <${element.name}/>` };
  }
  // RFC 6120 §4.8.2: the content namespace is another one than the stream namespace.
  if (header.contentNamespace === STREAM_NS) {
    return {
      violation: 'content-namespace-is-stream-namespace',
      detail: 'the default namespace is the stream namespace although the stream has a prefix',
    };
  }
  if (version !== undefined && header.version === undefined) {
    return {
      violation: 'version-malformed',
      detail: `expected version "<major>.<minor>", came ${JSON.stringify(version)}`,
    };
  }
  return undefined;
}

/**
 * RFC 6120 §4.8.5: the namespaces of what stanzas contain are declared in the stanzas, or they are lost when those are
 * routed. Returns the first declaration of a header that is for something else than the stream's own protocols.
 */
export function extensionDeclaredIn(element: XmlElement): ViolationFound | undefined {
  for (const [prefix, namespace] of element.declarations) {
    const own = namespace === XML_NS || namespace === DIALBACK_NS || !isExtensionNamespace(namespace);
    if (prefix === '' || own) continue;
    const detail = `the header declares xmlns:${prefix}='${namespace}'; declare it where it is used`;
    return { violation: 'extension-namespace-in-header', detail };
  }
  return undefined;
}

/** What our own header says; the writer turns it into bytes. */
export interface OwnStreamHeader {
  readonly to: string | undefined;
  readonly from: string | undefined;
  readonly streamId: string | undefined;
  readonly lang: string | undefined;
  readonly version: string | undefined;
  readonly contentNamespace: ContentNamespace;
}

/** Our header as the root's start tag, with the prefix that every implementation accepts (RFC 6120 §4.8.5). */
export function streamHeaderElement(header: OwnStreamHeader): XmlElement {
  return xml('stream:stream', {
    from: header.from,
    id: header.streamId,
    to: header.to,
    version: header.version,
    'xml:lang': header.lang,
    xmlns: header.contentNamespace,
    'xmlns:stream': STREAM_NS,
  });
}
