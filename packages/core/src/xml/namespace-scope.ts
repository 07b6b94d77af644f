import { XML_NS } from '../namespaces.ts';

/** From here on a look-up goes through a map: no peer can make it a long walk. */
const MAP_FROM = 12;

/** The prefixes bound at one place of a document, innermost last. */
export class NamespaceScope {
  private prefixes: string[] = [];
  private namespaces: string[] = [];
  /** For each binding the index of the one it hides, or -1; filled as far as the map is. */
  private readonly hidden: number[] = [];
  private map: Map<string, number> | undefined;

  /** How many bindings are in force, hidden ones included. */
  get count(): number {
    return this.prefixes.length;
  }

  /** The namespace that a prefix is bound to; undefined when it is not. */
  lookUp(prefix: string): string | undefined {
    const index = this.map === undefined ? this.prefixes.lastIndexOf(prefix) : (this.map.get(prefix) ?? -1);
    if (index !== -1) return this.namespaces[index];
    // Namespaces in XML 1.0 §3: the prefix xml need not be declared.
    return prefix === 'xml' ? XML_NS : undefined;
  }

  /** Binds a prefix until {@link NamespaceScope.truncate} goes below it. */
  bind(prefix: string, namespace: string): void {
    const index = this.prefixes.length;
    if (index === 0) {
      // Most streams bind one prefix, in the header: an array that is pushed to takes room for many.
      this.prefixes = [prefix];
      this.namespaces = [namespace];
    } else {
      this.prefixes.push(prefix);
      this.namespaces.push(namespace);
    }
    if (this.map !== undefined) {
      this.hidden[index] = this.map.get(prefix) ?? -1;
      this.map.set(prefix, index);
    } else if (index + 1 >= MAP_FROM) {
      this.map = new Map();
      for (const [at, each] of this.prefixes.entries()) {
        this.hidden[at] = this.map.get(each) ?? -1;
        this.map.set(each, at);
      }
    }
  }

  /** Forgets the innermost bindings until `count` are left. */
  truncate(count: number): void {
    const { map } = this;
    for (let index = this.prefixes.length - 1; index >= count; index--) {
      const prefix = this.prefixes.pop() ?? '';
      this.namespaces.pop();
      if (map === undefined) continue;
      const before = this.hidden[index] ?? -1;
      if (before === -1) map.delete(prefix);
      else map.set(prefix, before);
    }
    if (map !== undefined && count < MAP_FROM / 2) {
      this.map = undefined;
      this.hidden.length = 0;
    }
  }
}
