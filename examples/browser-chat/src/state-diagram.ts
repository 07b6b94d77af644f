import type { InitiatingPhase } from '@xmpp-wire/core';

/** Where a phase stands in the picture. TLS is below a WebSocket, so `switching-to-tls` is not in it. */
const PLACES: readonly (readonly [InitiatingPhase, number, number])[] = [
  ['unopened', 10, 14],
  ['awaiting-header', 150, 14],
  ['awaiting-features', 290, 14],
  ['negotiating', 430, 14],
  ['established', 430, 122],
  ['closing', 290, 122],
  ['closed', 150, 122],
];
const WIDTH = 120;
const HEIGHT = 36;

/** Arrows: from where, through where, to where; the last point has the head. */
const ARROWS: readonly (readonly (readonly [number, number])[])[] = [
  [
    [130, 32],
    [150, 32],
  ],
  [
    [270, 32],
    [290, 32],
  ],
  [
    [410, 32],
    [430, 32],
  ],
  [
    [490, 50],
    [490, 122],
  ],
  [
    [430, 140],
    [410, 140],
  ],
  [
    [290, 140],
    [270, 140],
  ],
  [
    [460, 50],
    [460, 76],
    [210, 76],
    [210, 50],
  ],
];
const NOTES: readonly (readonly [string, number, number])[] = [
  ['restart after SASL', 335, 87],
  ['bound', 512, 87],
];

const SVG = 'http://www.w3.org/2000/svg';
/** Milliseconds that a phase is lit at least: a login takes less time than an eye. */
const DWELL = 380;

/** Draws the states of a stream and lights the present one, each long enough to be seen. */
export class StateDiagram {
  readonly #groups = new Map<InitiatingPhase, SVGElement>();
  readonly #label: Element;
  readonly #waiting: InitiatingPhase[] = [];
  #isShowing = false;

  constructor(picture: Element, label: Element) {
    this.#label = label;
    for (const points of ARROWS) drawArrow(picture, points);
    for (const [text, x, y] of NOTES) {
      const note = element(picture, 'text', { x, y, class: 'note' });
      note.textContent = text;
    }
    for (const [phase, x, y] of PLACES) {
      const group = element(picture, 'g', {});
      element(group, 'rect', { x, y, width: WIDTH, height: HEIGHT, rx: 9 });
      element(group, 'text', { x: x + WIDTH / 2, y: y + HEIGHT / 2 }).textContent = phase;
      this.#groups.set(phase, group);
    }
    this.#light('unopened');
  }

  /** The stream came to another phase. */
  show(phase: InitiatingPhase): void {
    this.#waiting.push(phase);
    if (!this.#isShowing) this.#next();
  }

  /** A new stream begins. */
  reset(): void {
    this.#waiting.length = 0;
    for (const group of this.#groups.values()) group.classList.remove('been', 'now');
    this.#light('unopened');
  }

  #next(): void {
    const phase = this.#waiting.shift();
    this.#isShowing = phase !== undefined;
    if (phase === undefined) return;
    this.#light(phase);
    setTimeout(() => this.#next(), DWELL);
  }

  #light(phase: InitiatingPhase): void {
    for (const group of this.#groups.values()) group.classList.remove('now');
    this.#groups.get(phase)?.classList.add('now', 'been');
    this.#label.textContent = phase;
  }
}

function drawArrow(picture: Element, points: readonly (readonly [number, number])[]): void {
  const [end, before] = points.toReversed();
  if (end === undefined || before === undefined) return;
  element(picture, 'path', { d: `M${points.map(([x, y]) => `${x} ${y}`).join('L')}` });
  const [x, y] = end;
  const turn = (Math.atan2(y - before[1], x - before[0]) * 180) / Math.PI;
  element(picture, 'path', {
    class: 'arrow',
    d: 'M0 0L-8 -4.5L-8 4.5Z',
    transform: `translate(${x} ${y}) rotate(${turn})`,
  });
}

function element(parent: Element, name: string, attributes: Record<string, string | number>): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, `${value}`);
  parent.append(made);
  return made;
}
