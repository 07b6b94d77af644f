import type { TraceEntry, TraceHook } from '../trace.ts';
import type { FramingEvent } from '../stream/framing.ts';
import type { XmlElement } from '../xml/index.ts';
import type { Phase } from './phases.ts';
import { redact } from './redact.ts';

const CLOSING_TAG = '</stream:stream>';

/** Tells the trace hook what crosses the wire; made only where there is a hook. */
export class Tracer {
  readonly #hook: TraceHook;

  constructor(hook: TraceHook) {
    this.#hook = hook;
  }

  element(
    direction: TraceEntry['direction'],
    kind: 'header' | 'element',
    phase: Phase,
    bytes: number,
    element: XmlElement,
  ): void {
    const xml = redact(element).toString();
    this.#hook({ direction, phase, kind, bytes, xml: kind === 'header' ? startTag(element, xml) : xml });
  }

  closingTag(direction: TraceEntry['direction'], phase: Phase, bytes: number): void {
    this.#hook({ direction, phase, kind: 'closing-tag', bytes, xml: CLOSING_TAG });
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
}

/** A header is a start tag, and what it declares for all that follows is the half of it. */
function startTag(header: XmlElement, xml: string): string {
  const content = header.prefix === '' ? undefined : header.declarations.get('');
  const tag = xml.replace(/\/>$/, '>');
  return content === undefined || tag.includes(' xmlns=')
    ? tag
    : tag.replace(/^<[^ >]+/, (name) => `${name} xmlns='${content}'`);
}
