import { parseJid, type JidPreparation } from '../jid/index.ts';
import { SERVER_NS, type ContentNamespace } from '../namespaces.ts';
import { extensionDeclaredIn, type StreamHeader } from '../stream/stream-header.ts';
import { formatVersion, XMPP_1_0 } from '../stream/version.ts';
import type { ViolationFound } from '../stream/violations.ts';
import type { XmlElement } from '../xml/index.ts';

/** What a receiving entity judges headers by. */
export interface InitialHeaderSettings {
  readonly contentNamespaces: readonly [ContentNamespace, ...ContentNamespace[]];
  readonly jidPreparation: JidPreparation;
}

/** The content namespace that a header means; `undefined` for one that is not served here. */
export function contentNamespaceOf(
  header: StreamHeader,
  contentNamespaces: InitialHeaderSettings['contentNamespaces'],
): ContentNamespace | undefined {
  if (header.contentNamespace === undefined) return contentNamespaces[0];
  return contentNamespaces.find((each) => each === header.contentNamespace);
}

/** What is wrong with an initial header that could be read (RFC 6120 §4.7, §4.8). */
export function problemOfInitialHeader(
  element: XmlElement,
  header: StreamHeader,
  settings: InitialHeaderSettings,
): ViolationFound | undefined {
  const { contentNamespaces, jidPreparation } = settings;
  const contentNamespace = contentNamespaceOf(header, contentNamespaces);
  if (contentNamespace === undefined) {
    const detail = `expected ${contentNamespaces.join(' or ')}, the header declares ${JSON.stringify(header.contentNamespace)}`;
    return { violation: 'content-namespace-unsupported', detail };
  }
  // RFC 6120 §4.7.5: XMPP 0.9 has neither TLS nor SASL, so there is nothing we could do for it.
  if (header.version === undefined) {
    return { violation: 'version-absent', detail: 'the header has no version; XMPP 1.0 is needed' };
  }
  if (header.version.major < XMPP_1_0.major) {
    const detail = `expected version 1.0 or higher, the header says ${formatVersion(header.version)}`;
    return { violation: 'version-unsupported', detail };
  }
  if (header.from !== undefined) {
    const from = parseJid(header.from, jidPreparation);
    if (!from.ok) return { violation: 'header-from-malformed', detail: `'from' is no JID: ${from.error.message}` };
    // RFC 6120 §4.7.1: a server is a domain.
    if (contentNamespace === SERVER_NS && !from.jid.isDomain) {
      return {
        violation: 'header-from-malformed',
        detail: `expected a domain as 'from' of a server, came ${header.from}`,
      };
    }
  }
  return extensionDeclaredIn(element);
}
