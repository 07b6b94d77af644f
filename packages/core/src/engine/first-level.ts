import { isContentNamespace, STREAM_NS } from '../namespaces.ts';
import { stanzaKindOf } from '../stanza/index.ts';
import type { ViolationFound } from '../stream/violations.ts';
import type { XmlElement } from '../xml/index.ts';
import type { Incoming } from './phases.ts';

/** What a first-level element is, as far as its name tells; features in negotiation are recognised by their records before. */
export function classifyFirstLevel(
  element: XmlElement,
  contentNamespace: string,
  extensions: ReadonlySet<string>,
): Extract<Incoming, 'features' | 'stanza' | 'extension'> | ViolationFound {
  const { name, namespace } = element;
  if (namespace === STREAM_NS && name === 'features') return 'features';
  if (namespace === contentNamespace) {
    // RFC 6120 §4.8.5: elements of the content namespace carry no prefix.
    if (element.prefix !== '') {
      return {
        violation: 'content-element-prefixed',
        detail: `<${element.prefix}:${name}/> is in the content namespace and has a prefix`,
      };
    }
    if (stanzaKindOf(element, contentNamespace) !== undefined) return 'stanza';
  } else if (isContentNamespace(namespace)) {
    // RFC 6120 §4.8.3.
    return {
      violation: 'content-namespace-unsupported',
      detail: `<${name}/> is in ${namespace}, this stream carries ${contentNamespace}`,
    };
  } else if (extensions.has(namespace)) {
    return 'extension';
  }
  return {
    violation: 'first-level-element-unknown',
    detail: `<${name}/> in ${namespace === '' ? 'no namespace' : namespace} is no stanza, no element of this stream's negotiation and of no registered extension`,
  };
}
