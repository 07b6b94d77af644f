import type { TraceEntry } from '@xmpp-wire/core';
import { annotate } from './annotate.ts';

const MOST = 400;

/** Lists what crosses the wire, the newest at the bottom. Secrets were taken out by the library. */
export class TraceView {
  readonly #list: Element;
  readonly #count: Element;
  #entries = 0;
  #bytes = 0;

  constructor(list: Element, count: Element) {
    this.#list = list;
    this.#count = count;
  }

  readonly add = (entry: TraceEntry): void => {
    this.#entries++;
    this.#bytes += entry.bytes;
    this.#count.textContent = `${this.#entries} messages, ${this.#bytes} bytes`;
    const row = document.createElement('li');
    row.className = entry.direction;
    const about = piece(
      'span',
      'about',
      piece('b', '', annotate(entry)),
      piece('span', '', ` · ${entry.phase}, ${entry.bytes} B`),
    );
    row.append(piece('span', 'way', entry.direction === 'out' ? '→' : '←'), about, markUp(entry.xml));
    const isAtEnd = this.#list.scrollHeight - this.#list.scrollTop - this.#list.clientHeight < 60;
    this.#list.append(row);
    if (this.#list.childElementCount > MOST) this.#list.firstElementChild?.remove();
    if (isAtEnd) this.#list.scrollTop = this.#list.scrollHeight;
  };

  clear(): void {
    this.#list.replaceChildren();
    this.#count.textContent = '';
    this.#entries = 0;
    this.#bytes = 0;
  }
}

/** XML with its names and its values told apart. Nothing of it becomes part of the page. */
function markUp(xml: string): HTMLElement {
  const code = document.createElement('code');
  let at = 0;
  for (const match of xml.matchAll(/<\/?([^\s/>]+)|\s[\w:.-]+(='[^']*')/g)) {
    const [whole, name, value] = match;
    code.append(xml.slice(at, match.index));
    if (name !== undefined) code.append(whole.slice(0, -name.length), piece('em', '', name));
    else code.append(whole.slice(0, -(value?.length ?? 0)), piece('i', '', value ?? ''));
    at = match.index + whole.length;
  }
  code.append(xml.slice(at));
  return code;
}

function piece(name: string, className: string, ...content: (string | Node)[]): HTMLElement {
  const made = document.createElement(name);
  if (className !== '') made.className = className;
  made.append(...content);
  return made;
}
