/** What the value of an option has to be: the words for it, and whether one is. */
export type OptionKind = readonly [expected: string, fits: (value: unknown) => boolean];

/**
 * What each member of some options has to be: one that is forgotten does not compile, nor does one too many. Undefined:
 * somebody else judges it.
 */
export type OptionKinds<Options> = Readonly<Record<keyof Options, OptionKind | undefined>>;

const isNumber = (value: unknown): value is number => typeof value === 'number' && value >= 0;

/** Kinds of options that many have. */
export const OPTION_KINDS: Readonly<Record<'text' | 'flag' | 'function' | 'object' | 'number', OptionKind>> = {
  text: ['a text', (value) => typeof value === 'string'],
  flag: ['true or false', (value) => typeof value === 'boolean'],
  function: ['a function', (value) => typeof value === 'function'],
  object: ['an object', (value) => typeof value === 'object' && value !== null],
  number: ['a number of 0 or more', isNumber],
};

/** A port. It stands by itself: a client over WebSocket has none. */
export const PORT: OptionKind = [
  'a number from 0 to 65535',
  (value) => isNumber(value) && Number.isInteger(value) && value <= 65_535,
];

/** One of these texts. */
export function oneOf(...texts: readonly string[]): OptionKind {
  return [texts.map((text) => `'${text}'`).join(' or '), (value) => texts.some((text) => text === value)];
}

/**
 * Refuses options that there are not, since one that is misspelled would be ignored in silence, and values of another kind.
 * Types say both before; not every program has them. An object of a class may have members of its own, such as the database
 * that its hooks ask.
 *
 * @param whose for the message: whose options these are, such as `connect()`.
 * @throws TypeError that names the option.
 *
 * @example
 * ```ts
 * import { checkOptions, OPTION_KINDS } from '@xmpp-wire/driver';
 *
 * const kinds = { path: OPTION_KINDS.text };
 * checkOptions('dial()', { path: '/run/xmpp' }, kinds);
 * checkOptions('dial()', JSON.parse('{ "paht": "/run/xmpp" }'), kinds); // throws TypeError
 * ```
 */
export function checkOptions<Options>(whose: string, options: Options, kinds: OptionKinds<Options>): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError(`${whose} takes an object, not ${shown('', options)}`);
  }
  for (const name of isPlain(options) ? Object.keys(options) : []) {
    if (Object.hasOwn(kinds, name)) continue;
    throw new TypeError(`${whose} has no option '${name}'; there are ${Object.keys(kinds).join(', ')}`);
  }
  checkValues(whose, options, kinds);
}

/**
 * Refuses values of another kind, and leaves alone what others added.
 *
 * @throws TypeError that names the option.
 */
export function checkValues<Options>(whose: string, options: Options, kinds: OptionKinds<Options>): void {
  // The names of the members, and what each has to be, whatever the type of the options.
  const rows = Object.entries(kinds) as [keyof Options & string, OptionKind | undefined][];
  for (const [name, kind] of rows) {
    const value = options[name];
    if (value === undefined || kind === undefined) continue;
    const [expected, fits] = kind;
    if (!fits(value)) throw new TypeError(`'${name}' of ${whose} is ${expected}, not ${shown(name, value)}`);
  }
}

/**
 * Refuses options without those that have no default. Types say it too; not every program has them.
 *
 * @throws TypeError that names the option.
 */
export function needOptions<Options>(
  whose: string,
  options: Options,
  names: readonly (keyof Options & string)[],
): void {
  for (const name of names) {
    if (options[name] === undefined) throw new TypeError(`${whose} needs '${name}'`);
  }
}

/** No class made it: its prototype is none, or the one of all objects, of whatever realm. */
function isPlain(object: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(object);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Of a text no more than shows what it is: it may be a private key in the wrong place. */
const SHOWN = 40;

// What was given as a password is one, whatever its type.
function shown(name: string, value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > SHOWN ? `${value.slice(0, SHOWN)}…` : value);
  if (Array.isArray(value)) return 'an array';
  const isHidden = name === 'password' || typeof value === 'object' || typeof value === 'function';
  return isHidden && value !== null ? `a value of type ${typeof value}` : String(value);
}
