import type { TraceEntry } from '@xmpp-wire/core';

/** Says in a few words what a line of the trace is, with its section of RFC 6120. */
export function annotate(entry: TraceEntry): string {
  switch (entry.kind) {
    case 'header':
      return entry.direction === 'in' ? 'initial header §4.2' : 'response header §4.2';
    case 'closing-tag':
      return 'closing tag §4.4';
    case 'whitespace':
      return 'keepalive §4.6.1';
    case 'element':
      return annotateElement(entry.xml);
    default:
      return 'breaks a rule §4.9';
  }
}

function annotateElement(xml: string): string {
  const name = /^<([^\s/>]+)/.exec(xml)?.[1] ?? '';
  switch (name) {
    case 'stream:features':
    case 'features':
      return `offers ${offerOf(xml)}`;
    case 'iq':
      return annotateIq(xml);
    case 'message':
      return typeOf(xml) === 'error' ? 'stanza error §8.3' : 'message §8.2.1';
    case 'presence':
      return typeOf(xml) === 'error' ? 'stanza error §8.3' : 'presence §8.2.2';
    default:
      return NOTES[name] ?? '';
  }
}

const NOTES: Readonly<Record<string, string>> = {
  'stream:error': 'stream error §4.9',
  error: 'stream error §4.9',
  starttls: 'asks for TLS §5.4.2.1',
  proceed: 'TLS comes now §5.4.2.3',
  auth: 'begins SASL §6.4.2',
  challenge: 'SASL §6.4.3',
  response: 'SASL §6.4.3',
  abort: 'ends SASL §6.4.4',
  failure: 'SASL failed §6.4.5',
  success: 'SASL done §6.4.6',
};

function offerOf(xml: string): string {
  if (xml.includes('<starttls')) return 'STARTTLS §5.4.1';
  if (xml.includes('<mechanisms')) return 'SASL §6.4.1';
  return xml.includes('<bind') ? 'binding §7.4' : 'nothing more §4.3.2';
}

function annotateIq(xml: string): string {
  const type = typeOf(xml);
  if (type === 'error') return 'stanza error §8.3';
  const [, payload = '', namespace = ''] = /^<iq[^>]*><([\w:-]+)[^>]* xmlns='([^']*)'/.exec(xml) ?? [];
  if (namespace === 'urn:ietf:params:xml:ns:xmpp-bind')
    return type === 'set' ? 'binds a resource §7.7' : 'is bound §7.7';
  const what = namespace === 'jabber:iq:roster' ? 'roster' : payload;
  return `iq ${type}${what === '' ? '' : ` (${what})`} §8.2.3`;
}

function typeOf(xml: string): string {
  return /^<[^>]* type='([^']*)'/.exec(xml)?.[1] ?? '';
}
