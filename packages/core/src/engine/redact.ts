import { COMPONENT_NS, SASL_NS } from '../namespaces.ts';
import type { XmlElement } from '../xml/index.ts';

const DOTS = '…';

/** Elements whose text is a secret or gives one away, wherever they stand: account registration, XEP-0077 and XEP-0078. */
const SECRET_NAMES: ReadonlySet<string> = new Set(['password', 'digest', 'handshake', 'token']);

/** A copy of an element for a trace or a log: what secrets can be made of is replaced by dots. */
export function redact(element: XmlElement): XmlElement {
  const secret =
    (element.namespace === SASL_NS && element.name !== 'mechanism') ||
    SECRET_NAMES.has(element.name) ||
    element.is('handshake', COMPONENT_NS);
  if (element.children.length === 0) return element;
  return element.withChildren(
    element.children.map((child) => (typeof child === 'string' ? (secret ? DOTS : child) : redact(child))),
  );
}
