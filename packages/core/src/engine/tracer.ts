import { FRAMING_NS, XML_NS } from '../namespaces.ts';
import type { TraceEntry, TraceHook } from '../trace.ts';
import type { Framing, FramingEvent } from '../stream/framing.ts';
import { xml, type XmlElement } from '../xml/index.ts';
import type { Phase } from './phases.ts';
import { redact } from './redact.ts';

const CLOSING_TAG = { bytes: '</stream:stream>', messages: `<close xmlns='${FRAMING_NS}'/>` };

/** Tells the trace hook what crosses the wire; made only where there is a hook. */
export class Tracer {
  readonly #hook: TraceHook;
  readonly #transport: Framing['transport'];

  constructor(hook: TraceHook, transport: Framing['transport']) {
    this.#hook = hook;
    this.#transport = transport;
  }

  element(
    direction: TraceEntry['direction'],
    kind: 'header' | 'element',
    phase: Phase,
    bytes: number,
    element: XmlElement,
  ): void {
    this.#hook({ direction, phase, kind, bytes, xml: this.#text(kind, redact(element)) });
  }

  closingTag(direction: TraceEntry['direction'], phase: Phase, bytes: number): void {
    this.#hook({ direction, phase, kind: 'closing-tag', bytes, xml: CLOSING_TAG[this.#transport] });
  }

  whitespace(direction: TraceEntry['direction'], phase: Phase, bytes: number): void {
    this.#hook({ direction, phase, kind: 'whitespace', bytes, xml: ' ' });
  }

  incoming(event: FramingEvent, phase: Phase, bytes: number): void {
    switch (event.type) {
      case 'header':
      case 'element':
        return this.element('in', event.type, phase, bytes, event.element);
      case 'closing-tag':
        return this.closingTag('in', phase, bytes);
      case 'whitespace':
        return this.whitespace('in', phase, bytes);
      case 'violation':
        return this.#hook({
          direction: 'in',
          phase,
          kind: 'violation',
          bytes,
          xml: `${event.violation}: ${event.detail}`,
        });
    }
  }

  #text(kind: 'header' | 'element', element: XmlElement): string {
    if (kind === 'element') return element.toString();
    return this.#transport === 'bytes' ? startTag(element) : openElement(element);
  }
}

/** A header is a start tag, and what it declares for all that follows is the half of it. */
function startTag(header: XmlElement): string {
  const content = header.declarations.get('');
  const tag = header.toString().replace(/\/>$/, '>');
  return content === undefined || tag.includes(' xmlns=')
    ? tag
    : tag.replace(/^<[^ >]+/, (name) => `${name} xmlns='${content}'`);
}

/** RFC 7395 §3.4: on WebSocket a header is an element of its own. */
function openElement(header: XmlElement): string {
  return xml('open', {
    xmlns: FRAMING_NS,
    from: header.attribute('from'),
    id: header.attribute('id'),
    to: header.attribute('to'),
    version: header.attribute('version'),
    'xml:lang': header.attribute('lang', XML_NS),
  }).toString();
}
