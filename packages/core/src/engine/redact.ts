import { DIALBACK_NS, SASL2_NS, SASL_NS } from '../namespaces.ts';
import type { XmlElement } from '../xml/index.ts';

const DOTS = '…';

/** Namespaces in which text is a secret or gives one away. */
const SECRET_NAMESPACES: ReadonlySet<string> = new Set([SASL_NS, SASL2_NS, DIALBACK_NS]);

/** Elements with such text in other namespaces: account registration, XEP-0077 and XEP-0078; components, XEP-0114. */
const SECRET_NAMES: ReadonlySet<string> = new Set(['password', 'digest', 'handshake', 'token', 'key']);

/** Text that everybody may see in a namespace of secrets. */
const PLAIN_NAMES: ReadonlySet<string> = new Set(['mechanism', 'text']);

/** A copy of an element for a trace or a log: what secrets can be made of is replaced by dots. */
export function redact(element: XmlElement, within = false): XmlElement {
  if (element.children.length === 0) return element;
  const secret = within || isSecret(element);
  // White space between children is no secret. It stays, since dots in its place would look like one.
  const hides = (text: string): boolean => secret || (hasSecretText(element) && /\S/.test(text));
  return element.withChildren(
    element.children.map((child) =>
      typeof child === 'string' ? (hides(child) ? DOTS : child) : redact(child, secret),
    ),
  );
}

/** Whether text right in an element is a secret, whatever stands beside it. */
function hasSecretText({ namespace, name }: XmlElement): boolean {
  return SECRET_NAMESPACES.has(namespace) && !PLAIN_NAMES.has(name);
}

function isSecret(element: XmlElement): boolean {
  // Of these the text is hidden, and what stands beside it is judged by itself.
  if (SECRET_NAMESPACES.has(element.namespace)) return false;
  if (SECRET_NAMES.has(element.name)) return true;
  // XEP-0004: a field of a form that says it is private, or is named like one.
  return (
    element.name === 'field' &&
    (element.attribute('type') === 'text-private' || SECRET_NAMES.has(element.attribute('var') ?? ''))
  );
}
