import { checkedText } from './attribute-key.ts';
import type { XmlChild, XmlElement } from './element.ts';

/** What may be given as a child: lists are flattened, and what is undefined, null or false is left out. */
export type XmlChildInit = XmlElement | string | number | undefined | null | false | readonly XmlChildInit[];

/**
 * Children in normal form: flat, checked, adjacent character data joined, none of it empty. Elements whose namespace was left
 * open take the one given.
 *
 * @throws LocalProtocolError `xml-character-forbidden`.
 */
export function normaliseChildren(
  children: readonly XmlChildInit[],
  namespace: string | undefined,
): readonly XmlChild[] {
  const result: XmlChild[] = [];
  append(result, children, namespace);
  return result;
}

function append(result: XmlChild[], children: readonly XmlChildInit[], namespace: string | undefined): void {
  for (const child of children) {
    if (typeof child === 'string' || typeof child === 'number') {
      const text = checkedText(String(child), 'character data');
      const last = result.at(-1);
      if (typeof last === 'string') result[result.length - 1] = last + text;
      else if (text !== '') result.push(text);
    } else if (isList(child)) {
      append(result, child, namespace);
    } else if (child) {
      result.push(namespace === undefined ? child : child.adoptedInto(namespace));
    }
  }
}

/** Array.isArray does not narrow a readonly array. */
function isList(child: XmlChildInit): child is readonly XmlChildInit[] {
  return Array.isArray(child);
}
