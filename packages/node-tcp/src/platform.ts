import { randomBytes } from 'node:crypto';
import type { Platform } from '@xmpp-wire/driver';
import { deriveSaltedPassword } from './key-derivation.ts';
import { nodeTextCodec } from './text-codec.ts';

/** What Node does better than what every runtime has. */
export const nodePlatform: Platform = {
  random: (length) => new Uint8Array(randomBytes(length)),
  textCodec: nodeTextCodec,
  deriveSaltedPassword,
  // Behind all promises that are settled: a loop that awaits each `send` still leaves in one piece.
  defer: (task) => process.nextTick(task),
};
