import { LocalProtocolError } from '../errors.ts';
import { SERVER_NS, type ContentNamespace } from '../namespaces.ts';
import type { Stanza } from '../stanza/index.ts';
import type { XmlElement } from '../xml/index.ts';
import type { Engine } from './engine.ts';

/** What sending needs of a role. */
export interface Sender {
  /** Throws unless stanzas may be sent. */
  establishedContentNamespace(): ContentNamespace;
  /** RFC 6120 §4.5: whether this is the side of a stream between servers that only receives. */
  readonly onlyReceives: boolean;
}

/** Sends a stanza, or tells that it is too late. */
export function sendStanza(engine: Engine, sender: Sender, stanza: Stanza): boolean {
  // Without types an element gets as far as this.
  const { element }: Partial<Stanza> = stanza;
  if (element === undefined) {
    throw new LocalProtocolError(
      'stanza-invalid',
      'send() takes what message(), presence() or iq() made, not an element',
    );
  }
  if (!engine.mayWrite) return false;
  const contentNamespace = sender.establishedContentNamespace();
  if (sender.onlyReceives) {
    throw new LocalProtocolError(
      'stanza-invalid',
      'this stream carries the stanzas of the server that called; call that server to send it some',
    );
  }
  // RFC 6120 §4.8.3, §8.1.1.2, §8.1.2.2: between servers both addresses are required.
  if (contentNamespace === SERVER_NS && (stanza.to === undefined || stanza.from === undefined)) {
    throw new LocalProtocolError(
      'stanza-invalid',
      `a stanza between servers needs 'to' and 'from'; this ${stanza.kind} has ${stanza.to === undefined ? "no 'to'" : "no 'from'"}`,
    );
  }
  engine.write(element);
  return true;
}

/** Sends a first-level element of a registered extension, or tells that it is too late. */
export function sendExtension(
  engine: Engine,
  sender: Sender,
  extensions: ReadonlySet<string>,
  element: XmlElement,
): boolean {
  if (!extensions.has(element.namespace)) {
    throw new LocalProtocolError(
      'element-not-allowed',
      `<${element.name}/> is in ${element.namespace}, which is not in 'extensions'; use send() for stanzas`,
    );
  }
  if (!engine.mayWrite) return false;
  sender.establishedContentNamespace();
  engine.write(element);
  return true;
}
