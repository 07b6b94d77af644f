import type { Place } from './transcript.ts';

/** A line of a transcript that cannot be read. */
export class TranscriptSyntaxError extends Error {
  override readonly name = 'TranscriptSyntaxError';
  readonly place: Place;

  constructor(place: Place, message: string) {
    super(`${place.file}:${place.line}: ${message}`);
    this.place = place;
  }
}

/** An entity that did not do what a line of a transcript says. */
export class TranscriptMismatch extends Error {
  override readonly name = 'TranscriptMismatch';
  readonly place: Place;
  /** How the bytes were cut in the run that failed. */
  readonly cut: string;

  constructor(place: Place, cut: string, message: string) {
    super(`${place.file}:${place.line}: ${message}\n  (bytes cut: ${cut})`);
    this.place = place;
    this.cut = cut;
  }
}
