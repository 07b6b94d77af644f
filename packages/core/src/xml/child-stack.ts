import type { XmlChild } from './element.ts';

export const NO_CHILDREN: readonly XmlChild[] = [];

/**
 * The children of all open elements, one after the other: the innermost element's are on top. An element's own array is made
 * when it is complete, in its exact size.
 */
export class ChildStack {
  private children: XmlChild[] = [];
  /** How many there are. */
  count = 0;

  add(child: XmlChild): void {
    this.children[this.count++] = child;
  }

  /** Adds character data to an element whose children begin at `first`. Adjacent character data is one child. */
  addText(text: string, first: number): void {
    const top = this.count - 1;
    const last = top >= first ? this.children[top] : undefined;
    if (typeof last === 'string') this.children[top] = last + text;
    else this.children[this.count++] = text;
  }

  /** Takes the children from `first` on. What is taken is not referred to any longer. */
  take(first: number): readonly XmlChild[] {
    const { children, count } = this;
    this.count = first;
    // Literals have the exact size, and are made faster than slices.
    switch (count - first) {
      case 0:
        return NO_CHILDREN;
      case 1: {
        // `as`: below `count`.
        const only = children[first] as XmlChild;
        children[first] = '';
        return [only];
      }
      case 2: {
        // `as`: below `count`.
        const both = [children[first] as XmlChild, children[first + 1] as XmlChild];
        children[first] = '';
        children[first + 1] = '';
        return both;
      }
      case 3: {
        // `as`: below `count`.
        const three = [children[first] as XmlChild, children[first + 1] as XmlChild, children[first + 2] as XmlChild];
        children[first] = '';
        children[first + 1] = '';
        children[first + 2] = '';
        return three;
      }
      default: {
        const all = children.slice(first, count);
        for (let at = first; at < count; at++) children[at] = '';
        return all;
      }
    }
  }

  /** Gives the memory back. */
  drop(): void {
    if (this.children.length > 0) this.children = [];
    this.count = 0;
  }
}
