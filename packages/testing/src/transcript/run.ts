import { chunk, cutAt } from '../chunking.ts';
import type { RoleName } from '../faults.ts';
import { Prng } from '../random.ts';
import { Actor } from './actor.ts';
import { failedCondition } from './condition.ts';
import { TranscriptMismatch } from './errors.ts';
import type { Script } from './script.ts';
import { beginsStream, describeBytes, describeItem, matches } from './tape.ts';
import type { Action, CallLine, Command, Place, WireLine } from './transcript.ts';

/** How the bytes that arrive are cut: line by line, one by one, at one more place for one entity, or at seeded places. */
export type Cut = 'whole' | 'bytes' | { readonly to: RoleName; readonly at: number } | { readonly seed: number };

/** What the run without cuts gave; every other run has to give the same. */
export interface Reference {
  /** The bytes of each line. */
  readonly bytes: ReadonlyMap<WireLine, Uint8Array>;
  /** The events of each entity that was driven. */
  readonly traces: ReadonlyMap<RoleName, readonly string[]>;
}

/** One run of a transcript from its first line to its last. */
export class Run {
  readonly #script: Script;
  readonly #cut: Cut;
  readonly #reference: Reference | undefined;
  readonly #actors = new Map<RoleName, Actor>();
  readonly #deadlines = new Map<RoleName, number>();
  readonly #bytes = new Map<WireLine, Uint8Array>();
  readonly #prng: Prng;
  /** Bytes that arrived and may be cut, by the entity they arrived at. */
  readonly #arrived: Record<RoleName, number> = { initiating: 0, receiving: 0 };
  #now = 0;

  /** With a reference only the entities in `live` are driven: what the others send is what they sent then. */
  constructor(script: Script, cut: Cut, live: ReadonlySet<RoleName>, reference?: Reference) {
    this.#script = script;
    this.#cut = cut;
    this.#reference = reference;
    this.#prng = new Prng(typeof cut === 'object' && 'seed' in cut ? cut.seed : 1);
    for (const role of live) {
      const actor = new Actor(script, role);
      this.#actors.set(role, actor);
      this.#pump(role, actor);
    }
  }

  /** @throws TranscriptMismatch at the first line that does not hold. */
  go(): Reference {
    for (const line of this.#script.transcript.lines) {
      if (line.kind === 'wire') this.#wire(line);
      else if (line.kind === 'clock') this.#advance(line.to ?? this.#now + line.by);
      else this.#call(line);
    }
    this.#expectNothingMore();
    return { bytes: this.#bytes, traces: new Map([...this.#actors].map(([role, actor]) => [role, actor.trace])) };
  }

  #wire(line: WireLine): void {
    const sender = this.#actors.get(line.from);
    const bytes =
      sender === undefined ? (this.#reference?.bytes.get(line) ?? line.bytes) : this.#expectSent(line, sender);
    this.#bytes.set(line, bytes);
    const to: RoleName = line.from === 'initiating' ? 'receiving' : 'initiating';
    const receiver = this.#actors.get(to);
    if (receiver === undefined) return;
    for (const piece of line.cut ? this.#pieces(to, bytes) : [bytes]) {
      receiver.entity.receive(piece, this.#now);
      this.#pump(to, receiver);
    }
  }

  #expectSent(line: WireLine, sender: Actor): Uint8Array {
    const before = this.#reference?.bytes.get(line);
    if (before !== undefined) {
      if (sender.tape.takeBytes(before)) return before;
      throw this.#mismatch(
        line.place,
        `the ${line.from} entity sent other bytes than in the run without cuts\n  then: ${describeBytes(before)}\n  now:  ${describeBytes(sender.tape.pending)}`,
      );
    }
    const expected = this.#script.items.get(line) ?? [];
    const taken = sender.tape.take(expected.length, beginsStream(line.text));
    if (typeof taken === 'string') {
      throw this.#mismatch(
        line.place,
        `expected the ${line.from} entity to send something else: ${taken}\n  expected: ${line.text}\n  came:     ${describeBytes(sender.tape.pending)}`,
      );
    }
    for (const [at, item] of expected.entries()) {
      const came = taken.items[at];
      if (came !== undefined && matches(item, came)) continue;
      throw this.#mismatch(
        line.place,
        `the ${line.from} entity sent something else\n  expected: ${describeItem(item)}\n  came:     ${came === undefined ? 'nothing' : describeItem(came)}`,
      );
    }
    if (this.#script.transcript.settings.exact && describeBytes(taken.bytes) !== line.text.replaceAll('\n', '')) {
      throw this.#mismatch(
        line.place,
        `the ${line.from} entity sent it in other words\n  expected: ${line.text.replaceAll('\n', '')}\n  came:     ${describeBytes(taken.bytes)}`,
      );
    }
    return taken.bytes;
  }

  #pieces(to: RoleName, bytes: Uint8Array): readonly Uint8Array[] {
    const cut = this.#cut;
    const before = this.#arrived[to];
    this.#arrived[to] = before + bytes.length;
    if (cut === 'whole' || cut === 'bytes') return chunk(bytes, cut);
    if ('seed' in cut) return chunk(bytes, 'random', this.#prng);
    return cut.to === to ? cutAt(bytes, [cut.at - before]) : [bytes];
  }

  #call({ place, role, action }: CallLine): void {
    const actor = this.#actors.get(role);
    if (actor === undefined) return;
    const problem = this.#act(role, actor, action);
    if (problem !== undefined) throw this.#mismatch(place, problem);
  }

  /** What does not hold; undefined when everything does. */
  #act(role: RoleName, actor: Actor, action: Action): string | undefined {
    switch (action.do) {
      case 'event':
      case 'ask': {
        const name = action.do === 'event' ? action.type : `ask ${action.ask}`;
        const event = actor.takeEvent(action.do === 'event' ? action.type : 'ask');
        if (event === undefined)
          return `expected the event ${name} of the ${role} entity; it reported nothing more and is in phase ${actor.entity.phase}`;
        const came = event.type === 'ask' ? `ask ${event.ask}` : event.type;
        // "event ask" takes any ask.
        const problem =
          came === name || event.type === name ? failedCondition(action.conditions, event) : `expected ${name}`;
        return problem === undefined
          ? undefined
          : `${problem}\n  reported: ${actor.trace.findLast((each) => each.includes(`"${event.type}"`)) ?? came}`;
      }
      case 'is':
        return failedCondition(action.conditions, actor.entity);
      case 'whitespace':
        return actor.tape.takeWhitespace()
          ? undefined
          : `expected white space, came ${describeBytes(actor.tape.pending)}`;
      case 'throws': {
        const thrown = this.#perform(role, actor, action.command);
        const code = thrown?.code ?? thrown?.message;
        return code === action.code
          ? undefined
          : `expected ${action.command.do} to throw ${action.code}, ${thrown === undefined ? 'it did not' : `it threw ${code}`}`;
      }
      default: {
        const thrown = this.#perform(role, actor, action);
        return thrown?.message;
      }
    }
  }

  /** What it threw: for people, and by its code if it has one. */
  #perform(
    role: RoleName,
    actor: Actor,
    command: Command,
  ): { readonly message: string; readonly code?: string } | undefined {
    try {
      actor.perform(command, this.#now);
      return undefined;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const message = `${error.name}: ${error.message}`;
      return 'code' in error ? { message, code: String(error.code) } : { message };
    } finally {
      this.#pump(role, actor);
    }
  }

  #pump(role: RoleName, actor: Actor): void {
    this.#deadlines.set(role, actor.pump(this.#now) ?? Number.POSITIVE_INFINITY);
  }

  /** Deadlines are met in their order. */
  #advance(time: number): void {
    for (;;) {
      const [role, deadline] = [...this.#deadlines].reduce((first, each) => (each[1] < first[1] ? each : first));
      const actor = this.#actors.get(role);
      if (actor === undefined || deadline > time) break;
      this.#now = Math.max(this.#now, deadline);
      actor.entity.handleTimeout(this.#now);
      this.#pump(role, actor);
    }
    this.#now = Math.max(this.#now, time);
  }

  #expectNothingMore(): void {
    const last = this.#script.transcript.lines.at(-1)?.place ?? { file: this.#script.transcript.name, line: 1 };
    for (const [role, actor] of this.#actors) {
      if (actor.tape.pending.length > 0)
        throw this.#mismatch(
          last,
          `the ${role} entity sent what no line expects: ${describeBytes(actor.tape.pending)}`,
        );
      const event = actor.takeEvent('');
      if (event !== undefined)
        throw this.#mismatch(
          last,
          `the ${role} entity reported what no line expects: ${actor.trace.at(-1) ?? event.type}`,
        );
      const trace = this.#reference?.traces.get(role);
      if (trace !== undefined && trace.join('\n') !== actor.trace.join('\n')) {
        const at = trace.findIndex((each, index) => each !== actor.trace[index]);
        throw this.#mismatch(
          last,
          `the ${role} entity reported something else than in the run without cuts\n  then: ${trace[at] ?? 'nothing'}\n  now:  ${actor.trace[at] ?? 'nothing'}`,
        );
      }
    }
  }

  #mismatch(place: Place, message: string): TranscriptMismatch {
    return new TranscriptMismatch(place, describeCut(this.#cut), message);
  }
}

/** A cut for people. */
function describeCut(cut: Cut): string {
  if (typeof cut === 'string') return cut === 'whole' ? 'not at all' : 'after each byte';
  return 'seed' in cut ? `at random places, seed ${cut.seed}` : `at byte ${cut.at} to the ${cut.to} entity`;
}
