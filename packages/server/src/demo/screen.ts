import picocolors from 'picocolors';

type Colours = ReturnType<typeof picocolors.createColors>;

/** Where the demo writes. */
export interface ScreenOptions {
  write(text: string): void;
  readonly colour: boolean;
  /** Characters of a line; longer lines of the trace are cut. Undefined: they are not. */
  readonly columns: () => number | undefined;
}

/** What the demo shows, line by line. */
export class Screen {
  readonly colours: Colours;
  readonly #options: ScreenOptions;

  constructor(options: ScreenOptions) {
    this.#options = options;
    this.colours = picocolors.createColors(options.colour);
  }

  get columns(): number {
    return this.#options.columns() ?? Infinity;
  }

  line(text = ''): void {
    this.#options.write(`${text}\n`);
  }

  /** A step of the demo. */
  heading(text: string): void {
    this.line();
    this.line(this.colours.bold(`── ${text}`));
  }
}
