/**
 * How many different recipients a sender has had within the last minute (RFC 6120 §13.12, fifth item). Memory goes by the
 * limit for each sender who was busy within the last minute.
 */
export class DistinctRecipients {
  readonly #perMinute: number;
  /** For each sender the recipients and when each was last written to, the oldest first. */
  readonly #senders = new Map<string, Map<string, number>>();
  #nextSweep = FIRST_SWEEP;

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /** Senders that are remembered. */
  get size(): number {
    return this.#senders.size;
  }

  /** Notes a stanza. False: its recipient would be one too many, and nothing is noted. */
  admit(sender: string, recipient: string, now: number): boolean {
    const recipients = this.#recipientsOf(sender, now);
    forgetOld(recipients, now);
    if (!recipients.has(recipient) && recipients.size >= this.#perMinute) return false;
    // Behind all others: the order of a Map is that of insertion.
    recipients.delete(recipient);
    recipients.set(recipient, now);
    return true;
  }

  #recipientsOf(sender: string, now: number): Map<string, number> {
    const known = this.#senders.get(sender);
    if (known !== undefined) return known;
    this.#sweep(now);
    const made = new Map<string, number>();
    this.#senders.set(sender, made);
    return made;
  }

  #sweep(now: number): void {
    if (this.#senders.size < this.#nextSweep) return;
    for (const [sender, recipients] of this.#senders) {
      forgetOld(recipients, now);
      if (recipients.size === 0) this.#senders.delete(sender);
    }
    this.#nextSweep = Math.max(FIRST_SWEEP, 2 * this.#senders.size);
  }
}

function forgetOld(recipients: Map<string, number>, now: number): void {
  for (const [recipient, at] of recipients) {
    if (now - at < MINUTE) return;
    recipients.delete(recipient);
  }
}

const MINUTE = 60_000;
const FIRST_SWEEP = 1024;
