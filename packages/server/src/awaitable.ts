/** A value, or a promise of it: whoever implements an interface chooses. */
export type Awaitable<Value> = Value | Promise<Value>;
