import { isContentNamespace, STREAM_NS } from '../namespaces.ts';
import type { InitiatingConversation } from '../negotiation/feature.ts';
import { stanzaKindOf } from '../stanza/index.ts';
import type { ViolationFound } from '../stream/violations.ts';
import type { XmlElement } from '../xml/index.ts';
import type { ElementKind } from './phases.ts';

/** What a first-level element is, as far as its name tells; `negotiations` recognise what belongs to them. */
export function classifyFirstLevel(
  element: XmlElement,
  contentNamespace: string,
  extensions: ReadonlySet<string>,
  negotiations: readonly Pick<InitiatingConversation, 'claims'>[],
): ElementKind | ViolationFound {
  const { name, namespace } = element;
  if (namespace === STREAM_NS && name === 'features') return 'features';
  if (namespace === contentNamespace) {
    // RFC 6120 §4.8.5: elements of the content namespace carry no prefix, those that bind a resource neither.
    if (element.prefix !== '') {
      return {
        violation: 'content-element-prefixed',
        detail: `<${element.prefix}:${name}/> is in the content namespace and has a prefix`,
      };
    }
  } else if (isContentNamespace(namespace)) {
    // RFC 6120 §4.8.3.
    return {
      violation: 'content-namespace-unsupported',
      detail: `<${name}/> is in ${namespace}, this stream carries ${contentNamespace}`,
    };
  }
  if (negotiations.some((each) => each.claims(element))) return 'negotiation';
  if (stanzaKindOf(element, contentNamespace) !== undefined) return 'stanza';
  if (extensions.has(namespace)) return 'extension';
  return {
    violation: 'first-level-element-unknown',
    detail: `<${name}/> in ${namespace === '' ? 'no namespace' : namespace} is no stanza, no element of this stream's negotiation and of no registered extension`,
  };
}
