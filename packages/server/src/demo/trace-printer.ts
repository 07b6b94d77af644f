import type { TraceEntry } from '@xmpp-wire/core';
import type { FailedConnection, Peer } from '@xmpp-wire/node-tcp';
import { explainFailure } from '../log/explain-failure.ts';
import { printable } from '../log/printable.ts';
import { annotate } from './annotations.ts';
import type { Screen } from './screen.ts';

/** Prints what crosses the wire, one line for each element, in columns. */
export class TracePrinter {
  readonly #screen: Screen;
  /** Why the last try to log in was refused, by the number of the connection. */
  readonly #refused = new Map<number, string>();

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** What the columns are. */
  legend(): void {
    const { dim, cyan, magenta } = this.#screen.colours;
    this.#screen.line(
      `${cyan('C1 →')} the first client sends, ${magenta('C1 ←')} it is sent; ${dim('the phase of the stream at the server,')}`,
    );
    this.#screen.line('bytes on the wire, what it is (RFC 6120), and the XML with its secrets as dots.');
  }

  readonly print = (entry: TraceEntry, peer: Pick<Peer, 'id'>): void => {
    const { dim, cyan, magenta, bold } = this.#screen.colours;
    const client = `C${peer.id}`.padEnd(3);
    const arrow = entry.direction === 'in' ? cyan(`${client}→`) : magenta(`${client}←`);
    const phase = entry.phase.padEnd(PHASE_WIDTH);
    const bytes = `${String(entry.bytes).padStart(5)} B`;
    const note = annotate(entry).padEnd(NOTE_WIDTH);
    this.#noteOutcome(entry, peer.id);
    const room = Math.max(MIN_XML_WIDTH, this.#screen.columns - XML_AT);
    this.#screen.line(`${arrow} ${dim(phase)} ${bytes}  ${bold(note)} ${fitted(printable(asOnTheWire(entry)), room)}`);
  };

  /** A connection ended before a client was logged in. */
  readonly printFailure = (failed: FailedConnection): void => {
    const { yellow } = this.#screen.colours;
    const { id } = failed.peer;
    const condition = this.#refused.get(id);
    const login = condition === undefined ? '' : `; before that the server refused its login: ${condition}`;
    this.#screen.line(yellow(`C${id} came to nothing: ${printable(explainFailure(failed).message)}${login}`));
    this.#refused.delete(id);
  };

  /** RFC 6120 §6.4.5, §6.4.6: what the server says of a try to log in. */
  #noteOutcome({ direction, xml }: TraceEntry, id: number): void {
    if (direction === 'in') return;
    const [, condition] = /^<failure [^>]*><([\w-]+)/.exec(xml) ?? [];
    if (condition !== undefined) this.#refused.set(id, condition);
    if (xml.startsWith('<success')) this.#refused.delete(id);
  }
}

const PHASE_WIDTH = 'switching-to-tls'.length;
const NOTE_WIDTH = 'iq result (roster) §8.2.3'.length;
/** Where the XML begins on a line. */
const XML_AT = 4 + 1 + PHASE_WIDTH + 1 + 7 + 2 + NOTE_WIDTH + 1;
const MIN_XML_WIDTH = 20;

/** The namespaces that the stream header declares stand there once; each element by itself says them again. */
function asOnTheWire({ kind, xml }: TraceEntry): string {
  return kind === 'element' ? xml.replace(/^<[^>]*>/, (tag) => tag.replaceAll(DECLARED, '')) : xml;
}

const DECLARED = / xmlns(?:='jabber:client'|:stream='[^']*')/g;

/** Where there is no room for it all, namespaces are what a reader can best do without. */
function fitted(xml: string, width: number): string {
  if (xml.length <= width) return xml;
  const characters = Array.from(xml.replaceAll(/ xmlns(?::\w+)?='[^']*'/g, ' …'));
  return characters.length > width ? `${characters.slice(0, width - 1).join('')}…` : characters.join('');
}
