/** The named members that are there; one that is undefined counts as absent. */
export function pick<From extends object, Key extends keyof From>(
  from: From,
  keys: readonly Key[],
): { [K in Key]?: Exclude<From[K], undefined> } {
  const entries = keys.filter((key) => from[key] !== undefined).map((key) => [key, from[key]]);
  // Object.fromEntries forgets the keys; they are those of the filter above.
  return Object.fromEntries(entries) as { [K in Key]?: Exclude<From[K], undefined> };
}

/** The names in a table that has each member of a type: one that is forgotten does not compile, nor does one too many. */
export function keysOf<Key extends string>(table: Readonly<Record<Key, unknown>>): readonly Key[] {
  // The type of the parameter says that these are the keys, and all of them.
  return Object.keys(table) as Key[];
}
