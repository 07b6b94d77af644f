/** Tells whether a value that came from outside has a shape; TypeScript has told most programs already. */
export type Fits = (value: unknown) => boolean;

/** A text, whichever. */
export function isText(value: unknown): boolean {
  return typeof value === 'string';
}

/** A text with something in it. */
export function isNonEmptyText(value: unknown): boolean {
  return isText(value) && value !== '';
}

/** Bytes. */
export function isBytes(value: unknown): boolean {
  return value instanceof Uint8Array;
}

/** A function. */
export function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}

/** An array of `least` items or more, each of which fits. */
export function arrayOf(item: Fits, least = 0): Fits {
  return (value) => Array.isArray(value) && value.length >= least && value.every((each) => item(each));
}

/** One of these values. */
export function oneOf(...values: readonly unknown[]): Fits {
  return (value) => values.includes(value);
}

/** Whatever one of these takes. */
export function either(...shapes: readonly Fits[]): Fits {
  return (value) => shapes.some((fits) => fits(value));
}

/** Nothing, or what fits. */
export function maybe(fits: Fits): Fits {
  return (value) => value === undefined || fits(value);
}

/** An object with members that fit; others may be beside them. */
export function shapeOf(members: Readonly<Record<string, Fits>>): Fits {
  return (value) => {
    if (typeof value !== 'object' || value === null) return false;
    // Any object may be asked for any member; what comes is checked.
    const object = value as Readonly<Record<string, unknown>>;
    return Object.entries(members).every(([name, fits]) => fits(object[name]));
  };
}
