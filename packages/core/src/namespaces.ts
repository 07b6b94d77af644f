/** Namespace names of RFC 6120 (Appendix A) and of the extensions that core itself speaks. */
export const STREAM_NS = 'http://etherx.jabber.org/streams';
export const CLIENT_NS = 'jabber:client';
export const SERVER_NS = 'jabber:server';
export const COMPONENT_NS = 'jabber:component:accept';
export const TLS_NS = 'urn:ietf:params:xml:ns:xmpp-tls';
export const SASL_NS = 'urn:ietf:params:xml:ns:xmpp-sasl';
export const SASL2_NS = 'urn:xmpp:sasl:2';
export const BIND_NS = 'urn:ietf:params:xml:ns:xmpp-bind';
export const STREAM_ERRORS_NS = 'urn:ietf:params:xml:ns:xmpp-streams';
export const STANZA_ERRORS_NS = 'urn:ietf:params:xml:ns:xmpp-stanzas';
export const DIALBACK_NS = 'jabber:server:dialback';
export const FRAMING_NS = 'urn:ietf:params:xml:ns:xmpp-framing';
export const CHANNEL_BINDING_NS = 'urn:xmpp:sasl-cb:0';
export const XML_NS = 'http://www.w3.org/XML/1998/namespace';
export const XMLNS_NS = 'http://www.w3.org/2000/xmlns/';

/** What the namespaces of RFC 6120's own protocols begin with. */
const XMPP_URNS = 'urn:ietf:params:xml:ns:xmpp-';

/** The namespaces that a stream's stanzas can be in (RFC 6120 §4.8.3, XEP-0114). */
export type ContentNamespace = typeof CLIENT_NS | typeof SERVER_NS | typeof COMPONENT_NS;

/** Tells whether a namespace name is one of the content namespaces that this library speaks. */
export function isContentNamespace(namespace: string): namespace is ContentNamespace {
  return namespace === CLIENT_NS || namespace === SERVER_NS || namespace === COMPONENT_NS;
}

/** Tells whether a namespace can be that of an extension or an application: there is one, and it is none of RFC 6120's own. */
export function isExtensionNamespace(namespace: string): boolean {
  return (
    namespace !== '' && namespace !== STREAM_NS && !isContentNamespace(namespace) && !namespace.startsWith(XMPP_URNS)
  );
}
