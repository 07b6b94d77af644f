import type { RandomSource } from '@xmpp-wire/core';
import type { TextCodec } from '@xmpp-wire/core/adapter';
import type { SaltedPasswordRequest } from '@xmpp-wire/core/sasl';

/** Answers a `derive-salted-password` ask. */
export type KeyDerivation = (request: SaltedPasswordRequest) => Promise<Uint8Array>;

/** Runs a task once whoever is running now is done. */
export type Defer = (task: () => void) => void;

/** What a runtime does better than what all of them have. */
export interface Platform {
  readonly random?: RandomSource;
  readonly textCodec?: TextCodec;
  readonly deriveSaltedPassword?: KeyDerivation;
  /**
   * When to send what was written meanwhile. The later in the same turn of the event loop, the more leaves in one piece:
   * `process.nextTick` comes behind all promises that are settled. Default: a microtask.
   */
  readonly defer?: Defer;
}

/** The `defer` that every runtime has. */
export const soon: Defer = (task) => queueMicrotask(task);
