import type { Plain } from './support.ts';

/**
 * The slow and obvious twin of the reader: one whole document, a string, one regular expression a production, straight from
 * XML 1.0 and Namespaces in XML 1.0. It knows nothing of chunks, bytes and limits.
 *
 * @returns the tree, or undefined when the document is not acceptable to XMPP.
 */
export function slowParse(document: string): Plain | undefined {
  try {
    return new SlowReader(document).document();
  } catch (error) {
    if (error === REFUSED) return undefined;
    throw error;
  }
}

const REFUSED = new Error('refused');

const START = 'A-Z_a-zÀ-ÖØ-öø-˿Ͱ-ͽͿ-῿‌-‍⁰-↏Ⰰ-⿯、-퟿豈-﷏ﷰ-�\u{10000}-\u{EFFFF}';
const NC_NAME = `[${START}][${START}.0-9·̀-ͯ‿-⁀-]*`;
const SPACE = '[ \\t\\r\\n]';
const CHARS = '\\t\\n\\r\\u{20}-\\u{D7FF}\\u{E000}-\\u{FFFD}\\u{10000}-\\u{10FFFF}';

class SlowReader {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  document(): Plain {
    this.take(
      `<\\?xml${SPACE}+version${SPACE}*=${SPACE}*('1\\.0'|"1\\.0")` +
        `(${SPACE}+encoding${SPACE}*=${SPACE}*('[Uu][Tt][Ff]-8'|"[Uu][Tt][Ff]-8"))?` +
        `(${SPACE}+standalone${SPACE}*=${SPACE}*('(yes|no)'|"(yes|no)"))?${SPACE}*\\?>`,
    );
    this.take(`${SPACE}*`);
    const root = this.element(new Map([['xml', 'http://www.w3.org/XML/1998/namespace']]));
    this.take(`${SPACE}*`);
    if (this.at !== this.text.length) throw REFUSED;
    return root;
  }

  private element(outer: ReadonlyMap<string, string>): Plain {
    this.must('<');
    const qualified = this.must(`(${NC_NAME}:)?${NC_NAME}`);
    const raw: [string, string][] = [];
    for (
      let more = this.take(`${SPACE}+(?=[^ \\t\\r\\n/>])`);
      more !== undefined;
      more = this.take(`${SPACE}+(?=[^ \\t\\r\\n/>])`)
    ) {
      const name = this.must(`(${NC_NAME}:)?${NC_NAME}`);
      this.must(`${SPACE}*=${SPACE}*`);
      const quoted = this.must(`'[^<']*'|"[^<"]*"`);
      if (raw.some(([other]) => other === name)) throw REFUSED;
      raw.push([name, resolved(quoted.slice(1, -1).replaceAll(/\r\n|[\r\n\t]/g, ' '))]);
    }
    const scope = new Map(outer);
    for (const [name, value] of raw) {
      if (name === 'xmlns') {
        if (/^http:\/\/www\.w3\.org\/(XML\/1998\/namespace|2000\/xmlns\/)$/.test(value)) throw REFUSED;
        scope.set('', value);
      } else if (name.startsWith('xmlns:')) {
        const prefix = name.slice(6);
        const isXml = value === 'http://www.w3.org/XML/1998/namespace';
        if (
          prefix === 'xmlns' ||
          value === '' ||
          value === 'http://www.w3.org/2000/xmlns/' ||
          (prefix === 'xml') !== isXml
        )
          throw REFUSED;
        scope.set(prefix, value);
      }
    }
    const attrs = raw
      .filter(([name]) => name !== 'xmlns' && !name.startsWith('xmlns:'))
      .map(([name, value]): [string, string, string] => {
        const [local, namespace] = name.includes(':') ? expanded(name, scope) : [name, ''];
        return [namespace, local, value];
      });
    const keys = attrs.map(([namespace, local]) => `{${namespace}}${local}`);
    if (new Set(keys).size !== keys.length) throw REFUSED;
    const [name, ns] = expanded(qualified, scope);
    const children: (Plain | string)[] = [];
    this.take(`${SPACE}*`);
    if (this.take('/>') === undefined) {
      this.must('>');
      this.content(children, scope);
      this.must('</');
      if (this.must(`(${NC_NAME}:)?${NC_NAME}`) !== qualified) throw REFUSED;
      this.must(`${SPACE}*>`);
    }
    return { ns, name, attrs: attrs.toSorted((a, b) => order(a[0], b[0]) || order(a[1], b[1])), children };
  }

  private content(children: (Plain | string)[], scope: ReadonlyMap<string, string>): void {
    const add = (text: string): void => {
      if (text === '') return;
      const last = children.at(-1);
      if (typeof last === 'string') children[children.length - 1] = last + text;
      else children.push(text);
    };
    for (;;) {
      const text = this.take('[^<]+');
      if (text !== undefined) {
        if (text.includes(']]>')) throw REFUSED;
        add(resolved(text.replaceAll(/\r\n?/g, '\n')));
      } else if (this.take('<!\\[CDATA\\[') !== undefined) {
        const section = this.must('[^]*?\\]\\]>');
        if (!new RegExp(`^[${CHARS}]*$`, 'u').test(section)) throw REFUSED;
        add(section.slice(0, -3).replaceAll(/\r\n?/g, '\n'));
      } else if (this.text.startsWith('</', this.at)) {
        return;
      } else {
        children.push(this.element(scope));
      }
    }
  }

  private take(pattern: string): string | undefined {
    const expression = new RegExp(pattern, 'uy');
    expression.lastIndex = this.at;
    const found = expression.exec(this.text)?.[0];
    this.at += found?.length ?? 0;
    return found;
  }

  private must(pattern: string): string {
    const found = this.take(pattern);
    if (found === undefined) throw REFUSED;
    return found;
  }
}

function expanded(qualified: string, scope: ReadonlyMap<string, string>): [name: string, namespace: string] {
  const [prefix = '', local] = qualified.includes(':') ? qualified.split(':') : ['', qualified];
  const namespace = scope.get(prefix);
  if (prefix !== '' && namespace === undefined) throw REFUSED;
  return [local ?? '', namespace ?? ''];
}

function resolved(text: string): string {
  if (!new RegExp(`^[${CHARS}]*$`, 'u').test(text)) throw REFUSED;
  if (/&(?!(amp|lt|gt|apos|quot|#[0-9]+|#x[0-9A-Fa-f]+);)/.test(text)) throw REFUSED;
  return text.replaceAll(/&([^;]*);/g, (_, name: string) => {
    const known = { amp: '&', lt: '<', gt: '>', apos: "'", quot: '"' }[name];
    if (known !== undefined) return known;
    const code = name.startsWith('#x') ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    if (code > 0x10ffff || !new RegExp(`^[${CHARS}]$`, 'u').test(String.fromCodePoint(code))) throw REFUSED;
    return String.fromCodePoint(code);
  });
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
