import type { TraceEntry } from '@xmpp-wire/core';

/** Says in a few words what crosses the wire, and where it is specified. */
export function annotate({ kind, direction, xml }: TraceEntry): string {
  switch (kind) {
    case 'header':
      return direction === 'out' ? 'opens the stream, RFC 7395 §3.4' : 'the server’s header, RFC 7395 §3.4';
    case 'closing-tag':
      return 'closes the stream, RFC 7395 §3.6';
    case 'whitespace':
      return 'keepalive, RFC 6120 §4.6.1';
    case 'violation':
      return 'breaks a rule, RFC 6120 §4.9';
    default:
      return annotateElement(xml);
  }
}

const NOTES: Readonly<Record<string, string>> = {
  'stream:error': 'stream error, RFC 6120 §4.9',
  error: 'stream error, RFC 6120 §4.9',
  auth: 'begins SASL, RFC 6120 §6.4.2',
  challenge: 'SASL challenge, RFC 6120 §6.4.3',
  response: 'SASL response, RFC 6120 §6.4.3',
  failure: 'SASL failed, RFC 6120 §6.4.5',
  success: 'SASL done, and the server proved itself, RFC 6120 §6.4.6',
};

function annotateElement(xml: string): string {
  const name = /^<([^\s/>]+)/.exec(xml)?.[1] ?? '';
  const type = /^<[^>]* type='([^']*)'/.exec(xml)?.[1];
  switch (name) {
    case 'stream:features':
      return xml.includes('<mechanisms') ? 'offers SASL, RFC 6120 §6.4.1' : 'offers binding, RFC 6120 §7.4';
    case 'message':
      return type === 'error' ? 'a message came back, RFC 6120 §8.3' : 'a message, RFC 6121 §5';
    case 'presence':
      return type === 'error' ? 'presence came back, RFC 6120 §8.3' : 'presence, RFC 6121 §4';
    case 'iq':
      return annotateIq(xml, type);
    default:
      return NOTES[name] ?? '';
  }
}

function annotateIq(xml: string, type = ''): string {
  if (xml.includes('urn:ietf:params:xml:ns:xmpp-bind')) {
    return type === 'set' ? 'asks for a resource, RFC 6120 §7.6' : 'has a resource, RFC 6120 §7.6';
  }
  if (xml.includes('jabber:iq:roster'))
    return type === 'get' ? 'asks for the contacts, RFC 6121 §2' : 'the contacts, RFC 6121 §2';
  return type === 'error' ? 'a request failed, RFC 6120 §8.3' : `a request (${type}), RFC 6120 §8.2.3`;
}
