// Each parser as the library it belongs to drives it: a function that makes a consumer of chunks and counts first-level elements.
import { XMLParser } from 'fast-xml-parser';
import { Element, parsers } from './ltx.mjs';

export const UNLIMITED = {
  stanzaBytes: 1e9,
  depth: 1e9,
  elements: 1e9,
  attributes: 1e9,
  namespaceDeclarations: 1e9,
  nameBytes: 1e9,
  attributeValueBytes: 1e9,
};

/** The stream reader of @xmpp-wire/core, by its public API. */
export function ours({ XmlStreamReader }, textCodec, limits = UNLIMITED) {
  return () => {
    const reader = new XmlStreamReader({ limits, ...(textCodec ? { textCodec } : {}) });
    let count = 0;
    return {
      write(chunk) {
        reader.receive(chunk);
        for (let event = reader.next(); event !== undefined; event = reader.next()) {
          if (event.type === 'element') count++;
          else if (event.type === 'violation') throw new Error(`${event.violation}: ${event.detail}`);
        }
      },
      count: () => count,
    };
  };
}

/** ltx the way @xmpp/xml drives it: the SAX parser, a cursor, first-level elements cut off from the root. */
export function ltx() {
  const parser = new parsers.Ltx();
  let root;
  let cursor;
  let count = 0;
  parser.on('startElement', (name, attributes) => {
    const element = new Element(name, attributes);
    if (root === undefined) root = element;
    else if (cursor !== root) cursor.append(element);
    cursor = element;
  });
  parser.on('endElement', (name) => {
    if (name !== cursor.name) throw new Error(`${cursor.name} must be closed`);
    if (cursor === root) return;
    if (cursor.parent) {
      cursor = cursor.parent;
      return;
    }
    cursor.parent = root;
    count++;
    cursor = root;
  });
  parser.on('text', (text) => cursor.t(text));
  return { write: (chunk) => parser.write(chunk.toString('utf8')), count: () => count };
}

/** A namespace-resolved tree from start and end events, for SAX parsers. */
function treeBuilder() {
  let depth = 0;
  let count = 0;
  const stack = [];
  return {
    open(name, namespace, attributes) {
      depth++;
      const element = { name, namespace, attributes, children: [] };
      if (depth > 2) stack.at(-1).children.push(element);
      if (depth > 1) stack.push(element);
    },
    text(text) {
      if (depth > 1) stack.at(-1).children.push(text);
    },
    close() {
      depth--;
      stack.pop();
      if (depth === 1) count++;
    },
    count: () => count,
  };
}

export async function saxes() {
  const { SaxesParser } = await import('saxes');
  return () => {
    const parser = new SaxesParser({ xmlns: true });
    const tree = treeBuilder();
    parser.on('opentag', (tag) => tree.open(tag.local, tag.uri, tag.attributes));
    parser.on('text', (text) => tree.text(text));
    parser.on('closetag', () => tree.close());
    parser.on('error', (error) => {
      throw error;
    });
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    return { write: (chunk) => parser.write(decoder.decode(chunk, { stream: true })), count: tree.count };
  };
}

export async function stanza() {
  const { JXT } = await import('stanza');
  return () => {
    let count = 0;
    // An empty registry: the tree is built, and not translated into JSON.
    const registry = {
      getImportKey: () => undefined,
      import() {
        count++;
      },
    };
    const parser = new JXT.StreamParser({ acceptLanguages: ['en'], allowComments: false, lang: 'en', registry });
    const done = () => {};
    let header = true;
    return {
      write(chunk) {
        // Without a registry it knows no stream header: it gets the first-level elements one after the other.
        if (!header) parser._transform(chunk, 'buffer', done);
        header = false;
      },
      count: () => count,
    };
  };
}

export async function nodeExpat() {
  const { default: expat } = await import('node-expat');
  return () => {
    const parser = new expat.Parser('UTF-8');
    const tree = treeBuilder();
    // Expat without namespaces: resolved here, as its users do.
    const scopes = [{ '': '', xml: 'http://www.w3.org/XML/1998/namespace' }];
    parser.on('startElement', (name, attributes) => {
      let scope = scopes.at(-1);
      const declared = Object.keys(attributes).filter((key) => key === 'xmlns' || key.startsWith('xmlns:'));
      if (declared.length > 0) {
        scope = { ...scope };
        for (const key of declared) scope[key.slice(6)] = attributes[key];
      }
      scopes.push(scope);
      const colon = name.indexOf(':');
      tree.open(name.slice(colon + 1), scope[colon === -1 ? '' : name.slice(0, colon)], attributes);
    });
    parser.on('endElement', () => {
      scopes.pop();
      tree.close();
    });
    parser.on('text', (text) => tree.text(text));
    return { write: (chunk) => parser.write(chunk), count: tree.count };
  };
}

/** A framer that finds first-level elements, then fast-xml-parser on each, then namespaces. */
export function framerAndFastXmlParser() {
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: false,
    attributeNamePrefix: '',
  });
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let text = '';
  let depth = 0;
  let at = 0;
  let start = -1;
  let count = 0;
  const scan = () => {
    for (;;) {
      const open = text.indexOf('<', at);
      if (open === -1) return;
      const close = text.indexOf('>', open);
      if (close === -1) return;
      at = close + 1;
      const second = text[open + 1];
      if (second === '?') continue;
      if (depth === 1 && second !== '/') start = open;
      if (second === '/') depth--;
      else if (text[close - 1] !== '/') depth++;
      if (depth !== 1) continue;
      if (start >= 0) {
        resolve(parser.parse(text.slice(start, at)), 'jabber:client');
        count++;
      }
      text = text.slice(at);
      at = 0;
      start = -1;
    }
  };
  return {
    write(chunk) {
      text += decoder.decode(chunk, { stream: true });
      scan();
    },
    count: () => count,
  };
}

function resolve(nodes, inherited) {
  return nodes.flatMap((node) => {
    const attributes = node[':@'] ?? {};
    const namespace = attributes.xmlns ?? inherited;
    return Object.keys(node)
      .filter((name) => name !== ':@')
      .map((name) =>
        name === '#text' ? node[name] : { name, namespace, attributes, children: resolve(node[name], namespace) },
      );
  });
}
