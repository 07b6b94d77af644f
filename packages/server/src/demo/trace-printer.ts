import type { TraceEntry } from '@xmpp-wire/core';
import type { FailedConnection, Peer } from '@xmpp-wire/node-tcp';
import { printable } from '../log/printable.ts';
import { annotate } from './annotations.ts';
import type { Screen } from './screen.ts';

/** Prints what crosses the wire, one line for each element, in columns. */
export class TracePrinter {
  readonly #screen: Screen;

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
    const room = Math.max(MIN_XML_WIDTH, this.#screen.columns - XML_AT);
    this.#screen.line(`${arrow} ${dim(phase)} ${bytes}  ${bold(note)} ${fitted(printable(asOnTheWire(entry)), room)}`);
  };

  /** A connection ended before a client was logged in. */
  readonly printFailure = (failed: FailedConnection): void => {
    const { yellow } = this.#screen.colours;
    this.#screen.line(yellow(`C${failed.peer.id} came to nothing: ${printable(reasonOf(failed))}`));
  };
}

const PHASE_WIDTH = 'switching-to-tls'.length;
const NOTE_WIDTH = 'iq result (roster) §8.2.3'.length;
/** Where the XML begins on a line. */
const XML_AT = 4 + 1 + PHASE_WIDTH + 1 + 7 + 2 + NOTE_WIDTH + 1;
const MIN_XML_WIDTH = 20;

/** Why a connection came to nothing. */
function reasonOf({ cause, error }: FailedConnection): string {
  if (error !== undefined) return error.message;
  if (cause === undefined) return 'no stream';
  return 'detail' in cause ? `${cause.code}, ${cause.detail}` : cause.code;
}

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
