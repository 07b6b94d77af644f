import { XML_NS, XMLNS_NS } from '../namespaces.ts';
import { type AttributePairs, type DeclarationPairs, NO_ATTRIBUTES, XmlAttributeName } from './attributes.ts';
import { DEFAULT_DECLARATION, type NameRecord } from './name-table.ts';
import type { NamespaceScope } from './namespace-scope.ts';
import type { XmlProblem } from './references.ts';

/** So many names are compared pair by pair, more with a set. */
const PAIRWISE = 8;

type Part = XmlAttributeName | string;

/** The attributes of the tag being read, in an array that is used again and again. */
export class TagAttributes {
  private pairs: Part[] = [];

  /** Puts an attribute at an even place. */
  put(place: number, name: XmlAttributeName, value: string): void {
    this.pairs[place] = name;
    this.pairs[place + 1] = value;
  }

  /** The first `count` places, as a store of their exact size. */
  copied(count: number): AttributePairs {
    if (count === 0) return NO_ATTRIBUTES;
    // `as`: there are `count` of them.
    const p = this.pairs as unknown as readonly [Part, Part, Part, Part, Part, Part, Part, Part];
    switch (count) {
      case 2:
        return [p[0], p[1]];
      case 4:
        return [p[0], p[1], p[2], p[3]];
      case 6:
        return [p[0], p[1], p[2], p[3], p[4], p[5]];
      case 8:
        return [p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7]];
      default:
        return this.pairs.slice(0, count);
    }
  }

  /** Gives the attributes with a prefix their namespaces. */
  resolve(count: number, scope: NamespaceScope): XmlProblem | undefined {
    const { pairs } = this;
    for (let at = 0; at < count; at += 2) {
      const name = pairs[at];
      // Namespaces in XML 1.0 §6.2: an attribute without a prefix is in no namespace.
      if (typeof name !== 'object' || name.prefix === '' || name.namespace !== '') continue;
      const namespace = scope.lookUp(name.prefix);
      if (namespace === undefined) {
        const detail = `the prefix of the attribute ${name.prefix}:${name.name} is not bound`;
        return { violation: 'unbound-prefix', detail };
      }
      pairs[at] = new XmlAttributeName(name.name, namespace, name.prefix);
    }
    return undefined;
  }

  /** Namespaces in XML 1.0 §6.3: no two attributes of a tag have the same expanded name. */
  repetition(count: number): XmlProblem | undefined {
    // `as`: names are at the even places.
    const names = this.pairs.slice(0, count).filter((_, at) => at % 2 === 0) as XmlAttributeName[];
    const repeated = names.length <= PAIRWISE ? repeatedOfFew(names) : repeatedOfMany(names);
    if (repeated === undefined) return undefined;
    return { violation: 'duplicate-attribute', detail: `the attribute ${repeated.name} twice in one tag` };
  }

  /** Gives the memory back. */
  drop(): void {
    if (this.pairs.length > 0) this.pairs = [];
  }
}

function repeatedOfFew(names: readonly XmlAttributeName[]): XmlAttributeName | undefined {
  return names.find((each, at) =>
    names.slice(0, at).some((other) => other.name === each.name && other.namespace === each.namespace),
  );
}

function repeatedOfMany(names: readonly XmlAttributeName[]): XmlAttributeName | undefined {
  const seen = new Set<string>();
  for (const each of names) {
    // A local name holds no space: no two expanded names make one key.
    const key = `${each.name} ${each.namespace}`;
    if (seen.has(key)) return each;
    seen.add(key);
  }
  return undefined;
}

/** The namespace declarations of the tag being read. */
export class TagDeclarations {
  private pairs: string[] = [];
  /** The record of the one namespace that is declared, as the default; undefined when it is not so simple. */
  private only: NameRecord | undefined;
  /** The prefixes, once they are too many to compare. */
  private many: Set<string> | undefined;

  /** Adds the `index`th declaration; `record` is that of the namespace name, if it has one. */
  add(name: NameRecord, record: NameRecord | undefined, namespace: string, index: number): XmlProblem | undefined {
    const isDefault = name.kind === DEFAULT_DECLARATION;
    const prefix = isDefault ? '' : name.local;
    if (!isLegalBinding(prefix, namespace)) {
      const detail = `${name.text} cannot be bound to ${JSON.stringify(namespace.slice(0, 80))}`;
      return { violation: 'illegal-namespace-declaration', detail };
    }
    if (index > 0 && this.has(prefix, index)) {
      return { violation: 'duplicate-attribute', detail: `${name.text} twice in one tag` };
    }
    this.only = index === 0 && isDefault ? record : undefined;
    this.pairs[index * 2] = prefix;
    this.pairs[index * 2 + 1] = namespace;
    return undefined;
  }

  /** Puts the first declaration, a default one that was legal before. */
  putFirst(record: NameRecord): void {
    this.only = record;
    this.pairs[0] = '';
    this.pairs[1] = record.text;
  }

  /** The first `count` declarations, as a store of their exact size. */
  taken(count: number): DeclarationPairs {
    this.many = undefined;
    return this.only?.declaration ?? this.pairs.slice(0, count * 2);
  }

  /** Gives the memory back. */
  drop(): void {
    if (this.pairs.length > 0) this.pairs = [];
    this.only = undefined;
    this.many = undefined;
  }

  private has(prefix: string, count: number): boolean {
    const { pairs } = this;
    if (count < PAIRWISE) {
      for (let at = 0; at < count; at++) if (pairs[at * 2] === prefix) return true;
      return false;
    }
    if (count === PAIRWISE || this.many === undefined) {
      this.many = new Set();
      for (let at = 0; at < count; at++) this.many.add(pairs[at * 2] ?? '');
    }
    if (this.many.has(prefix)) return true;
    this.many.add(prefix);
    return false;
  }
}

/** Namespaces in XML 1.0 §3: what may be bound to what. */
function isLegalBinding(prefix: string, namespace: string): boolean {
  if (namespace === XMLNS_NS || prefix === 'xmlns') return false;
  if (prefix === '') return namespace !== XML_NS;
  return namespace !== '' && (prefix === 'xml') === (namespace === XML_NS);
}
