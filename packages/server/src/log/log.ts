import picocolors from 'picocolors';
import { printable } from './printable.ts';

/** How much a line of the log matters. */
export type LogLevel = 'info' | 'warn' | 'error';

/** What a line of the log says beside its message. */
export type LogFields = Readonly<Record<string, string | number | undefined>>;

/** How a log is written. */
export interface LogOptions {
  readonly write: (line: string) => void;
  /** A line of JSON for each event, for programs; otherwise text for people. */
  readonly json: boolean;
  readonly colour: boolean;
  readonly now: () => Date;
}

/** The log of a server: one line for each event. */
export class Log {
  readonly #options: LogOptions;
  readonly #colours: ReturnType<typeof picocolors.createColors>;

  constructor(options: LogOptions) {
    this.#options = options;
    this.#colours = picocolors.createColors(options.colour && !options.json);
  }

  info(event: string, message: string, fields?: LogFields): void {
    this.#line('info', event, message, fields);
  }

  warn(event: string, message: string, fields?: LogFields): void {
    this.#line('warn', event, message, fields);
  }

  error(event: string, message: string, fields?: LogFields): void {
    this.#line('error', event, message, fields);
  }

  #line(level: LogLevel, event: string, message: string, fields: LogFields = {}): void {
    const { write, json, now } = this.#options;
    const time = now().toISOString();
    write(
      `${json ? JSON.stringify({ time, level, event, message, ...fields }) : this.#text(time, level, message, fields)}\n`,
    );
  }

  #text(time: string, level: LogLevel, message: string, fields: LogFields): string {
    const { dim, green, yellow, red } = this.#colours;
    const colour = { info: green, warn: yellow, error: red }[level];
    const details = Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => ` ${dim(`${name}=${printable(String(value))}`)}`);
    return `${dim(time.slice(0, 19).replace('T', ' '))} ${colour(level.padEnd(5))} ${printable(message)}${details.join('')}`;
  }
}
