import type { RoleName } from './faults.ts';
import type { JsonValue } from './values.ts';

/** One call of a member of an entity, and what came of it. */
export interface RecordedCall {
  readonly call: string;
  /** As {@link toJson} writes them; an ask is `{ $ask }` with its number in the order of asking, from 0. */
  readonly arguments: readonly JsonValue[];
  readonly returned?: JsonValue;
  /** The code or the name of what it threw. */
  readonly threw?: string;
}

/**
 * All calls of one entity from its making on, and the randomness it drew: enough to do it all again, byte for byte. It is
 * plain JSON. It holds everything that crossed the wire and every answer, passwords and keys too: keep it as you keep those.
 */
export interface Recording {
  readonly format: 'xmpp-wire-recording';
  readonly version: 1;
  readonly role: RoleName;
  /** In base64, one entry for each time the entity asked for random bytes. */
  readonly random: readonly string[];
  readonly calls: readonly RecordedCall[];
}
